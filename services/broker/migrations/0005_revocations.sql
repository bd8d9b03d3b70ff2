-- In force from the moment that they stand here. `event` is the sealed Event, until the audit service has it.
CREATE TABLE revocations (
    digest TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('grant', 'device', 'person')),
    subject TEXT NOT NULL,
    revoked_at INTEGER NOT NULL,
    event TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX revocations_of ON revocations (kind, subject);
CREATE INDEX revocations_unlogged ON revocations (digest) WHERE event IS NOT NULL;
