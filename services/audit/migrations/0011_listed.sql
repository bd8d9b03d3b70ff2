-- What lists of Sessions are found and ordered by: one narrow row a Session, by the entry that opened it. It repeats what other
-- tables say and follows them by itself; the marks are made by the service. Forgetting empties every mark of an Organization.
CREATE TABLE listed (
    opened_idx INTEGER PRIMARY KEY,
    organization TEXT NOT NULL,
    scope TEXT NOT NULL,
    person_mark BLOB NOT NULL,
    -- NULL until the service has made them.
    reason_mark BLOB,
    ticket_mark BLOB,
    opened_at INTEGER NOT NULL,
    -- As the last extension says.
    ends_at INTEGER NOT NULL,
    -- In seconds; -1 as long as it runs.
    length INTEGER NOT NULL DEFAULT -1,
    review TEXT NOT NULL DEFAULT 'recording' CHECK (review IN ('recording', 'open', 'reviewed', 'flagged')),
    changed INTEGER NOT NULL DEFAULT 0 CHECK (changed IN (0, 1)),
    -- NULL until the rules have looked.
    stop INTEGER,
    look INTEGER,
    note INTEGER,
    length_class INTEGER NOT NULL GENERATED ALWAYS AS (CASE WHEN length < 0 THEN -1 WHEN length < 300 THEN 0 WHEN length < 900 THEN 1
        WHEN length < 1800 THEN 2 WHEN length < 3600 THEN 3 WHEN length < 7200 THEN 4 WHEN length < 14400 THEN 5 ELSE 6 END) VIRTUAL,
    -- Which weights there are: 1 stop, 2 look, 4 note.
    weights INTEGER NOT NULL GENERATED ALWAYS AS (CASE WHEN stop IS NULL THEN -1 ELSE (stop > 0) + 2 * (look > 0) + 4 * (note > 0) END) VIRTUAL,
    -- What weighs most is the largest.
    heavy INTEGER NOT NULL GENERATED ALWAYS AS
        (CASE WHEN stop IS NULL THEN -1 ELSE MIN(stop, 999) * 1000000 + MIN(look, 999) * 1000 + MIN(note, 999) END) VIRTUAL
) STRICT;

-- Whoever opened a Session: id and name, sealed under the company's key.
CREATE TABLE people (person_mark BLOB PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;

INSERT INTO listed (opened_idx, organization, scope, person_mark, reason_mark, ticket_mark, opened_at, ends_at, length, review, changed, stop, look, note)
    SELECT s.opened_idx, s.organization, s.scope, s.person_mark,
        CASE WHEN s.person_mark = x'' THEN x'' END, CASE WHEN s.person_mark = x'' THEN x'' END, s.opened_at,
        MAX(s.ends_at, COALESCE((SELECT MAX(x.ends_at) FROM extensions x WHERE x.session = s.session), 0)),
        CASE WHEN e.session IS NULL THEN -1 ELSE MAX(e.ended_at - s.opened_at, 0) END,
        CASE WHEN e.session IS NULL THEN 'recording'
            WHEN EXISTS (SELECT 1 FROM reviews r WHERE r.session = s.session AND r.verdict = 'flagged') THEN 'flagged'
            WHEN EXISTS (SELECT 1 FROM reviews r WHERE r.session = s.session) THEN 'reviewed' ELSE 'open' END,
        p.writes > 0, x.stop, x.look, x.note
    FROM sessions s JOIN progress p ON p.session = s.session LEFT JOIN seals e ON e.session = s.session
        LEFT JOIN examined x ON x.session = s.session ORDER BY s.opened_idx;

-- Behind each value the rows stand in the order of the log.
CREATE INDEX listed_by_organization ON listed (organization);
CREATE INDEX listed_by_scope ON listed (scope);
CREATE INDEX listed_by_person ON listed (person_mark);
CREATE INDEX listed_by_reason ON listed (reason_mark);
CREATE INDEX listed_by_ticket ON listed (ticket_mark);
CREATE INDEX listed_by_review ON listed (review);
CREATE INDEX listed_by_changed ON listed (changed);
CREATE INDEX listed_by_weights ON listed (weights);
CREATE INDEX listed_by_length_class ON listed (length_class);
CREATE INDEX listed_by_length ON listed (length);
CREATE INDEX listed_by_heavy ON listed (heavy);

CREATE TRIGGER sessions_are_listed AFTER INSERT ON sessions BEGIN
    INSERT INTO listed (opened_idx, organization, scope, person_mark, opened_at, ends_at)
        VALUES (NEW.opened_idx, NEW.organization, NEW.scope, NEW.person_mark, NEW.opened_at, NEW.ends_at);
END;
CREATE TRIGGER extensions_are_listed AFTER INSERT ON extensions BEGIN
    UPDATE listed SET ends_at = MAX(ends_at, NEW.ends_at) WHERE opened_idx = (SELECT opened_idx FROM sessions WHERE session = NEW.session);
END;
CREATE TRIGGER changes_are_listed AFTER UPDATE OF writes ON progress WHEN OLD.writes = 0 AND NEW.writes > 0 BEGIN
    UPDATE listed SET changed = 1 WHERE opened_idx = (SELECT opened_idx FROM sessions WHERE session = NEW.session);
END;
CREATE TRIGGER seals_are_listed AFTER INSERT ON seals BEGIN
    UPDATE listed SET review = 'open', length = MAX(NEW.ended_at - opened_at, 0)
        WHERE opened_idx = (SELECT opened_idx FROM sessions WHERE session = NEW.session);
END;
CREATE TRIGGER examinations_are_listed AFTER INSERT ON examined BEGIN
    UPDATE listed SET stop = NEW.stop, look = NEW.look, note = NEW.note
        WHERE opened_idx = (SELECT opened_idx FROM sessions WHERE session = NEW.session);
END;
CREATE TRIGGER reviews_are_listed AFTER INSERT ON reviews BEGIN
    UPDATE listed SET review = CASE WHEN review = 'flagged' OR NEW.verdict = 'flagged' THEN 'flagged' ELSE 'reviewed' END
        WHERE opened_idx = (SELECT opened_idx FROM sessions WHERE session = NEW.session);
END;
CREATE TRIGGER forgetting_is_listed AFTER UPDATE OF person_mark ON sessions BEGIN
    UPDATE listed SET person_mark = NEW.person_mark, reason_mark = x'', ticket_mark = x'' WHERE opened_idx = NEW.opened_idx;
    DELETE FROM people WHERE person_mark = OLD.person_mark
        AND NOT EXISTS (SELECT 1 FROM listed l WHERE l.person_mark = OLD.person_mark);
END;
CREATE TRIGGER listed_remain BEFORE DELETE ON listed BEGIN SELECT RAISE(ABORT, 'a Session stays in the list'); END;
