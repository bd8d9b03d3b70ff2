-- The attestation that an enrolment was checked with. Enrolments of earlier versions have none.
ALTER TABLE enrolments ADD COLUMN mfa TEXT;
