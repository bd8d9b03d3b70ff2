-- The keys of Recordings, wrapped by their Organization's key, by the entry that opened each. Rows are written in the order of the
-- log and never taken away: a destroyed key is overwritten in its place with zeros of the same length, so that no page of the file
-- is ever arranged anew and none keeps a copy.
CREATE TABLE recording_keys (
    opened_idx INTEGER PRIMARY KEY,
    wrapped BLOB NOT NULL
) STRICT;
INSERT INTO recording_keys SELECT opened_idx, wrapped_key FROM sessions ORDER BY opened_idx;
ALTER TABLE sessions DROP COLUMN wrapped_key;

-- What two administrators signed, by the entry that says so. What proves it is sealed under the company's key.
CREATE TABLE forgotten (
    organization TEXT PRIMARY KEY,
    idx INTEGER NOT NULL UNIQUE,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Recordings that were destroyed by retention, by the entry that says so.
CREATE TABLE expired (
    session TEXT PRIMARY KEY REFERENCES sessions (session),
    idx INTEGER NOT NULL UNIQUE,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER recording_keys_remain BEFORE DELETE ON recording_keys BEGIN SELECT RAISE(ABORT, 'a key is destroyed in its place'); END;
CREATE TRIGGER recording_keys_stay BEFORE UPDATE ON recording_keys WHEN NEW.opened_idx <> OLD.opened_idx OR NEW.wrapped <> zeroblob(length(OLD.wrapped))
    BEGIN SELECT RAISE(ABORT, 'a key is destroyed or never changed'); END;
CREATE TRIGGER forgotten_stays BEFORE UPDATE ON forgotten BEGIN SELECT RAISE(ABORT, 'what is forgotten stays forgotten'); END;
CREATE TRIGGER forgotten_remains BEFORE DELETE ON forgotten BEGIN SELECT RAISE(ABORT, 'what is forgotten stays forgotten'); END;
CREATE TRIGGER expired_stays BEFORE UPDATE ON expired BEGIN SELECT RAISE(ABORT, 'what is destroyed stays destroyed'); END;
CREATE TRIGGER expired_remains BEFORE DELETE ON expired BEGIN SELECT RAISE(ABORT, 'what is destroyed stays destroyed'); END;

-- A Session is never changed, but that the mark of its person is taken out once its Organization is forgotten.
DROP TRIGGER sessions_stay;
CREATE TRIGGER sessions_stay BEFORE UPDATE ON sessions
    WHEN NEW.person_mark <> x'' OR NEW.session <> OLD.session OR NEW.opened_idx <> OLD.opened_idx OR NEW.request <> OLD.request
        OR NEW.device <> OLD.device OR NEW.organization <> OLD.organization OR NEW.scope <> OLD.scope
        OR NEW.opened_at <> OLD.opened_at OR NEW.ends_at <> OLD.ends_at OR NEW.detail <> OLD.detail
        OR NOT EXISTS (SELECT 1 FROM forgotten f WHERE f.organization = OLD.organization)
    BEGIN SELECT RAISE(ABORT, 'a Session is never changed'); END;
DROP TRIGGER notices_stay;
CREATE TRIGGER notices_stay BEFORE UPDATE ON notices
    WHEN NEW.idx <> OLD.idx OR NEW.session <> OLD.session OR OLD.person_mark IS NULL OR NEW.person_mark IS NOT x''
        OR NOT EXISTS (SELECT 1 FROM forgotten f JOIN sessions s ON s.organization = f.organization WHERE s.session = OLD.session)
    BEGIN SELECT RAISE(ABORT, 'a notice is never changed'); END;

-- How much waits to be put into a segment is asked after every batch: from here without reading a batch, and without those
-- that are in a segment already.
CREATE INDEX loose_batches ON batches (session, number, plain_bytes, taken_at, length(sealed)) WHERE sealed IS NOT NULL;
