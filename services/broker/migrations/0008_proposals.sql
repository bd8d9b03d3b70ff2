-- Policies that one administrator signed for. What there is of the adoption is sealed.
CREATE TABLE proposals (
    policy TEXT PRIMARY KEY,
    adoption TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
