-- Keyed digests of the recovery codes that are left, sealed in one text for a person.
ALTER TABLE second_factors ADD COLUMN recovery BLOB;
-- What is to take the secret's place once it is confirmed, sealed; begun with a code of the old one or a recovery code.
ALTER TABLE second_factors ADD COLUMN next_secret BLOB;
ALTER TABLE second_factors ADD COLUMN next_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE second_factors ADD COLUMN next_with TEXT CHECK (next_with IN ('code', 'recovery-code'));
-- Until then no code of it is taken for a statement.
ALTER TABLE second_factors ADD COLUMN counts_from INTEGER NOT NULL DEFAULT 0;
-- When an administrator voided it; gone once another one is confirmed.
ALTER TABLE second_factors ADD COLUMN reset_at INTEGER;

-- Each reset is good once.
CREATE TABLE factor_resets (
    digest TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    reset_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
