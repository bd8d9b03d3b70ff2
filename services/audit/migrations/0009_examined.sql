-- What the rules pointed at in a sealed Recording, sealed under its Organization's key; `idx` is the entry about it.
CREATE TABLE examined (
    session TEXT PRIMARY KEY REFERENCES sessions (session),
    idx INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    look INTEGER NOT NULL,
    note INTEGER NOT NULL,
    findings BLOB NOT NULL
) STRICT, WITHOUT ROWID;
