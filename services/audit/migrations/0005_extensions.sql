-- What moved the end of a Session, by the entry that says so. `detail` is sealed under the Organization's key.
CREATE TABLE extensions (
    request TEXT PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions (session),
    idx INTEGER NOT NULL UNIQUE,
    extended_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    detail BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX extensions_of_session ON extensions (session, idx);
CREATE TRIGGER extensions_stay BEFORE UPDATE ON extensions BEGIN SELECT RAISE(ABORT, 'an extension is never changed'); END;
CREATE TRIGGER extensions_remain BEFORE DELETE ON extensions BEGIN SELECT RAISE(ABORT, 'an extension is never taken away'); END;
