-- By which beginnings a ticket is found: for the first Session that names it, a mark of each beginning that is shorter than the
-- ticket. They are made with the Organization's own key, as the ticket's mark is, and go with the Organization.
CREATE TABLE ticket_beginnings (
    organization TEXT NOT NULL,
    mark BLOB NOT NULL,
    opened_idx INTEGER NOT NULL,
    PRIMARY KEY (organization, mark, opened_idx)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER ticket_beginnings_are_forgotten AFTER INSERT ON forgotten BEGIN
    DELETE FROM ticket_beginnings WHERE organization = NEW.organization;
END;

-- The service marks them once more at its next start.
UPDATE listed SET reason_mark = NULL WHERE reason_mark <> x'';
