-- What one administrator signed, for an Organization to be forgotten, until another one signs the same. What there is of it is
-- sealed.
CREATE TABLE forgettings (
    id TEXT PRIMARY KEY,
    forgetting TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
