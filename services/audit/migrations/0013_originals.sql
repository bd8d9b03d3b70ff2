-- What the marks of a Recording stand for, by the first batch that it came with: sealed under the Recording's own key, in a place of
-- its own, and nothing once that is destroyed.
CREATE TABLE originals (
    session TEXT NOT NULL REFERENCES sessions (session),
    number INTEGER NOT NULL CHECK (number >= 0),
    sealed BLOB NOT NULL,
    PRIMARY KEY (session, number)
) STRICT;

CREATE TRIGGER originals_stay BEFORE UPDATE ON originals BEGIN SELECT RAISE(ABORT, 'an original is never changed'); END;
CREATE TRIGGER originals_remain BEFORE DELETE ON originals
    WHEN NOT EXISTS (SELECT 1 FROM expired x WHERE x.session = OLD.session)
        AND NOT EXISTS (SELECT 1 FROM forgotten f JOIN sessions s ON s.organization = f.organization WHERE s.session = OLD.session)
    BEGIN SELECT RAISE(ABORT, 'originals go with their Recording'); END;

-- What waits for a second person.
CREATE INDEX leaves_of_reveals ON leaves (idx, at) WHERE kind = 'reveal-proposed';
