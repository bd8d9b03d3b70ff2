-- There is a row once the personal fields of every row are sealed. `proof` opens with the key that sealed them; `cleaned`
-- says that what they replaced is no longer in the file.
CREATE TABLE sealing (
    proof TEXT NOT NULL,
    cleaned INTEGER NOT NULL CHECK (cleaned IN (0, 1))
) STRICT;

-- Steps that end a request, from before their Event is written until their effect is stored. Sealed.
CREATE TABLE unfinished (
    request TEXT PRIMARY KEY REFERENCES requests (digest),
    step TEXT NOT NULL
) STRICT, WITHOUT ROWID;
