-- The policies that two administrators put in the place of the one before, by the entry that says so. What proves it is sealed
-- under the company's key: it holds PK tokens. The first policy of an installation is pinned and stands nowhere here.
CREATE TABLE policies (
    version INTEGER PRIMARY KEY,
    idx INTEGER NOT NULL UNIQUE,
    digest TEXT NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE TRIGGER policies_stay BEFORE UPDATE ON policies BEGIN SELECT RAISE(ABORT, 'a policy is replaced, never changed'); END;
CREATE TRIGGER policies_remain BEFORE DELETE ON policies BEGIN SELECT RAISE(ABORT, 'a policy is replaced, never changed'); END;
