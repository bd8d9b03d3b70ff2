-- Break-glass permissions: what one administrator signed for until the other one does, and what both signed. What there is of it
-- is sealed.
CREATE TABLE permissions (
    id TEXT PRIMARY KEY,
    permission TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    filed INTEGER NOT NULL DEFAULT 0 CHECK (filed IN (0, 1))
) STRICT, WITHOUT ROWID;
