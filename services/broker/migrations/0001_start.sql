CREATE TABLE tokens (
    digest TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    device TEXT NOT NULL,
    name TEXT NOT NULL,
    compact TEXT NOT NULL,
    first_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pending (
    person TEXT NOT NULL,
    device TEXT NOT NULL,
    token TEXT NOT NULL REFERENCES tokens (digest),
    since INTEGER NOT NULL,
    PRIMARY KEY (person, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolments (
    digest TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    device TEXT NOT NULL,
    compact TEXT NOT NULL,
    signer_person TEXT NOT NULL,
    signer_device TEXT NOT NULL,
    signer_token TEXT NOT NULL REFERENCES tokens (digest),
    enrolled_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX enrolments_of ON enrolments (person, device);

CREATE TABLE second_factors (
    person TEXT PRIMARY KEY,
    secret BLOB NOT NULL,
    confirmed_at INTEGER,
    last_step INTEGER NOT NULL DEFAULT -1,
    wrong INTEGER NOT NULL DEFAULT 0,
    locks INTEGER NOT NULL DEFAULT 0,
    locked_until INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE attestations (
    digest TEXT PRIMARY KEY,
    subject TEXT NOT NULL REFERENCES tokens (digest),
    statement TEXT,
    compact TEXT NOT NULL,
    issued_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX attestations_of ON attestations (subject, issued_at);

CREATE TABLE requests (
    digest TEXT PRIMARY KEY,
    compact TEXT NOT NULL,
    body TEXT NOT NULL,
    token TEXT NOT NULL REFERENCES tokens (digest),
    person TEXT NOT NULL,
    device TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    approvals_needed INTEGER NOT NULL CHECK (approvals_needed >= 1),
    requested_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'denied', 'withdrawn', 'expired', 'open', 'ended')),
    until INTEGER NOT NULL,
    session TEXT,
    session_ends_at INTEGER,
    ended_by TEXT
) STRICT;
CREATE INDEX requests_of ON requests (person, requested_at);
CREATE INDEX requests_in ON requests (state, until);

CREATE TABLE decisions (
    digest TEXT PRIMARY KEY,
    request TEXT NOT NULL REFERENCES requests (digest),
    compact TEXT NOT NULL,
    body TEXT NOT NULL,
    mfa TEXT,
    token TEXT NOT NULL REFERENCES tokens (digest),
    person TEXT NOT NULL,
    device TEXT NOT NULL,
    name TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    UNIQUE (request, person)
) STRICT;
CREATE INDEX decisions_of ON decisions (person, decided_at);
