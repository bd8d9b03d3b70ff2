-- What revocations end, by the entry that says so: 'grant:' and the request's digest, 'device:' and the key's thumbprint,
-- 'person:' and a mark in hex, as in sessions.person_mark.
CREATE TABLE revoked (
    subject TEXT NOT NULL,
    idx INTEGER NOT NULL,
    PRIMARY KEY (subject, idx)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER revoked_stays BEFORE UPDATE ON revoked BEGIN SELECT RAISE(ABORT, 'what is revoked stays revoked'); END;
CREATE TRIGGER revoked_remains BEFORE DELETE ON revoked BEGIN SELECT RAISE(ABORT, 'what is revoked stays revoked'); END;

-- When was this Device enrolled for this person, since revocations are written down?
CREATE TABLE enrolled (
    device TEXT NOT NULL,
    person_mark BLOB NOT NULL,
    idx INTEGER NOT NULL,
    PRIMARY KEY (device, person_mark, idx)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER enrolled_stays BEFORE UPDATE ON enrolled BEGIN SELECT RAISE(ABORT, 'an enrolment is never changed'); END;
