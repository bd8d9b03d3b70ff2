-- The log. What stands here is never changed and never taken away; the triggers say so to whoever tries by hand.
CREATE TABLE leaves (
    idx INTEGER PRIMARY KEY CHECK (idx >= 0),
    at INTEGER NOT NULL,
    leaf BLOB NOT NULL CHECK (length(leaf) BETWEEN 1 AND 65535),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    kind TEXT NOT NULL,
    organization TEXT,
    session TEXT
) STRICT;
CREATE INDEX leaves_of_session ON leaves (session, idx) WHERE session IS NOT NULL;

-- Roots of full subtrees; level 1 is over two leaves.
CREATE TABLE nodes (
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 62),
    idx INTEGER NOT NULL CHECK (idx >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;

-- One signed head a size, for ever.
CREATE TABLE heads (
    size INTEGER PRIMARY KEY CHECK (size > 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    note TEXT NOT NULL
) STRICT;

CREATE TABLE taken (token TEXT PRIMARY KEY, idx INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- A key for each Organization and one for the company (owner ''), wrapped by the key file.
CREATE TABLE owner_keys (owner TEXT PRIMARY KEY, wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- Salt and value, sealed under the owner's key. Forgetting takes rows away; nothing changes one.
CREATE TABLE personal (
    idx INTEGER NOT NULL,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (idx, name)
) STRICT, WITHOUT ROWID;

-- Compact statements and PK tokens, sealed under the owner's key.
CREATE TABLE statements (
    digest TEXT PRIMARY KEY,
    typ TEXT NOT NULL,
    owner TEXT NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX statements_of_kind ON statements (typ);
CREATE TABLE leaf_statements (digest TEXT NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (digest, idx)) STRICT, WITHOUT ROWID;

CREATE TABLE provider_keys (digest TEXT PRIMARY KEY, jwks BLOB NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    session TEXT PRIMARY KEY,
    opened_idx INTEGER NOT NULL UNIQUE,
    request TEXT NOT NULL,
    device TEXT NOT NULL,
    organization TEXT NOT NULL,
    person_mark BLOB NOT NULL,
    scope TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    detail BLOB NOT NULL,
    wrapped_key BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_organization ON sessions (organization, opened_idx);
CREATE INDEX sessions_by_person ON sessions (person_mark, opened_idx);
CREATE INDEX sessions_by_scope ON sessions (scope, opened_idx);

CREATE TABLE progress (
    session TEXT PRIMARY KEY REFERENCES sessions (session),
    next_batch INTEGER NOT NULL DEFAULT 0,
    exchanges INTEGER NOT NULL DEFAULT 0,
    writes INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0,
    activity TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE batches (
    session TEXT NOT NULL REFERENCES sessions (session),
    number INTEGER NOT NULL CHECK (number >= 0),
    digest TEXT NOT NULL,
    taken_at INTEGER NOT NULL,
    sealed BLOB,
    PRIMARY KEY (session, number)
) STRICT;

CREATE TABLE segments (
    session TEXT NOT NULL REFERENCES sessions (session),
    number INTEGER NOT NULL CHECK (number >= 0),
    entry TEXT NOT NULL,
    PRIMARY KEY (session, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE seals (
    session TEXT PRIMARY KEY REFERENCES sessions (session),
    idx INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    manifest TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE reviews (
    idx INTEGER PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions (session),
    digest TEXT NOT NULL,
    token TEXT NOT NULL,
    verdict TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX reviews_of_session ON reviews (session, idx);

CREATE TRIGGER leaves_stay BEFORE UPDATE ON leaves BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER leaves_remain BEFORE DELETE ON leaves BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER nodes_stay BEFORE UPDATE ON nodes BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER nodes_remain BEFORE DELETE ON nodes BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER heads_stay BEFORE UPDATE ON heads BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER heads_remain BEFORE DELETE ON heads BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER taken_stays BEFORE UPDATE ON taken BEGIN SELECT RAISE(ABORT, 'what is taken stays taken'); END;
CREATE TRIGGER taken_remains BEFORE DELETE ON taken BEGIN SELECT RAISE(ABORT, 'what is taken stays taken'); END;
CREATE TRIGGER personal_stays BEFORE UPDATE ON personal BEGIN SELECT RAISE(ABORT, 'a sealed field is never changed'); END;
CREATE TRIGGER statements_stay BEFORE UPDATE ON statements BEGIN SELECT RAISE(ABORT, 'a statement is never changed'); END;
CREATE TRIGGER sessions_stay BEFORE UPDATE ON sessions BEGIN SELECT RAISE(ABORT, 'a Session is never changed'); END;
CREATE TRIGGER segments_stay BEFORE UPDATE ON segments BEGIN SELECT RAISE(ABORT, 'a segment is never changed'); END;
CREATE TRIGGER seals_stay BEFORE UPDATE ON seals BEGIN SELECT RAISE(ABORT, 'a sealed Recording is never changed'); END;
CREATE TRIGGER reviews_stay BEFORE UPDATE ON reviews BEGIN SELECT RAISE(ABORT, 'a review is never changed'); END;
