-- What revocations end, by the entry that says so: 'grant:' and the request's digest, 'device:' and the key's thumbprint,
-- 'person:' and a mark in hex, as in sessions.person_mark.
CREATE TABLE revoked (
    subject TEXT NOT NULL,
    idx INTEGER NOT NULL,
    PRIMARY KEY (subject, idx)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER revoked_stays BEFORE UPDATE ON revoked BEGIN SELECT RAISE(ABORT, 'what is revoked stays revoked'); END;
CREATE TRIGGER revoked_remains BEFORE DELETE ON revoked BEGIN SELECT RAISE(ABORT, 'what is revoked stays revoked'); END;

-- When was this Device enrolled last?
CREATE INDEX leaves_that_enrol_a_device ON leaves (json_extract(CAST(leaf AS TEXT), '$.facts.device')) WHERE kind = 'enrolled';
