-- The key sets that the issuer published, fetched by the broker itself. `until` is when another one was seen in its place.
CREATE TABLE provider_keys (
    digest TEXT PRIMARY KEY,
    jwks BLOB NOT NULL,
    first_seen INTEGER NOT NULL,
    until INTEGER
) STRICT, WITHOUT ROWID;
