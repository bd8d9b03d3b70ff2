-- What two administrators signed in advance, by the entry that says so. What proves it is sealed under the company's key.
CREATE TABLE permissions (
    id TEXT PRIMARY KEY,
    idx INTEGER NOT NULL UNIQUE,
    uses INTEGER NOT NULL CHECK (uses >= 1),
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Each Session that one of them opened: the second lock beside `taken`.
CREATE TABLE permission_uses (
    permission TEXT NOT NULL REFERENCES permissions (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    session TEXT NOT NULL UNIQUE REFERENCES sessions (session),
    idx INTEGER NOT NULL UNIQUE,
    PRIMARY KEY (permission, number)
) STRICT, WITHOUT ROWID;

-- Who is told, by the entry that says so: a person by their mark, or the Organization's contact.
CREATE TABLE notices (
    idx INTEGER PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions (session),
    person_mark BLOB
) STRICT;
CREATE INDEX notices_of_person ON notices (person_mark, idx) WHERE person_mark IS NOT NULL;
CREATE INDEX notices_of_session ON notices (session);

-- That a person has seen theirs, or that the contact took it, by the entry that says so.
CREATE TABLE notices_done (
    notice INTEGER PRIMARY KEY REFERENCES notices (idx),
    idx INTEGER NOT NULL UNIQUE
) STRICT;

CREATE TRIGGER permissions_stay BEFORE UPDATE ON permissions BEGIN SELECT RAISE(ABORT, 'a permission is never changed'); END;
CREATE TRIGGER permissions_remain BEFORE DELETE ON permissions BEGIN SELECT RAISE(ABORT, 'a permission is never taken away'); END;
CREATE TRIGGER permission_uses_stay BEFORE UPDATE ON permission_uses BEGIN SELECT RAISE(ABORT, 'a use stays counted'); END;
CREATE TRIGGER permission_uses_remain BEFORE DELETE ON permission_uses BEGIN SELECT RAISE(ABORT, 'a use stays counted'); END;
CREATE TRIGGER notices_stay BEFORE UPDATE ON notices BEGIN SELECT RAISE(ABORT, 'a notice is never changed'); END;
CREATE TRIGGER notices_remain BEFORE DELETE ON notices BEGIN SELECT RAISE(ABORT, 'a notice is never taken away'); END;
CREATE TRIGGER notices_done_stay BEFORE UPDATE ON notices_done BEGIN SELECT RAISE(ABORT, 'what was seen stays seen'); END;
CREATE TRIGGER notices_done_remain BEFORE DELETE ON notices_done BEGIN SELECT RAISE(ABORT, 'what was seen stays seen'); END;
