-- What must be reviewed. Whether a sealed Recording was drawn, as its entry says; before there were draws none was.
ALTER TABLE examined ADD COLUMN drawn INTEGER NOT NULL DEFAULT 0 CHECK (drawn IN (0, 1));

-- NULL until the rules have looked.
ALTER TABLE listed ADD COLUMN drawn INTEGER;
ALTER TABLE listed ADD COLUMN break_glass INTEGER NOT NULL DEFAULT 0 CHECK (break_glass IN (0, 1));
-- Its Recording is destroyed, and with it what could be reviewed.
ALTER TABLE listed ADD COLUMN lapsed INTEGER NOT NULL DEFAULT 0 CHECK (lapsed IN (0, 1));
-- `due` is what nobody has reviewed and somebody must; what no rule has looked at yet is.
ALTER TABLE listed ADD COLUMN standing TEXT NOT NULL GENERATED ALWAYS AS (CASE WHEN review = 'open' AND NOT lapsed
    AND (stop IS NULL OR stop > 0 OR look > 0 OR drawn > 0 OR break_glass) THEN 'due' ELSE review END) VIRTUAL;

UPDATE listed SET
    drawn = CASE WHEN stop IS NULL THEN NULL ELSE 0 END,
    break_glass = EXISTS (SELECT 1 FROM sessions s JOIN permission_uses u ON u.session = s.session WHERE s.opened_idx = listed.opened_idx),
    lapsed = EXISTS (SELECT 1 FROM sessions s JOIN expired e ON e.session = s.session WHERE s.opened_idx = listed.opened_idx)
        OR EXISTS (SELECT 1 FROM forgotten f WHERE f.organization = listed.organization);

DROP INDEX listed_by_review;
CREATE INDEX listed_by_standing ON listed (standing);

DROP TRIGGER examinations_are_listed;
CREATE TRIGGER examinations_are_listed AFTER INSERT ON examined BEGIN
    UPDATE listed SET stop = NEW.stop, look = NEW.look, note = NEW.note, drawn = NEW.drawn
        WHERE opened_idx = (SELECT opened_idx FROM sessions WHERE session = NEW.session);
END;
CREATE TRIGGER break_glass_is_listed AFTER INSERT ON permission_uses BEGIN
    UPDATE listed SET break_glass = 1 WHERE opened_idx = (SELECT opened_idx FROM sessions WHERE session = NEW.session);
END;
CREATE TRIGGER expiring_is_listed AFTER INSERT ON expired BEGIN
    UPDATE listed SET lapsed = 1 WHERE opened_idx = (SELECT opened_idx FROM sessions WHERE session = NEW.session);
END;
CREATE TRIGGER forgotten_are_listed AFTER INSERT ON forgotten BEGIN
    UPDATE listed SET lapsed = 1 WHERE organization = NEW.organization;
END;
