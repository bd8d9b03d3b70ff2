-- What each witness saw last: no part of the log, and held to the log's key and the witness's own whenever it is shown. `bound` is
-- of desktops: the statement that binds the key to a Device and its signer's PK token, sealed under the company's key.
CREATE TABLE cosignatures (
    witness TEXT PRIMARY KEY,
    verifier_key TEXT NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    note TEXT NOT NULL,
    at INTEGER NOT NULL,
    bound BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX cosignatures_by_size ON cosignatures (size);
