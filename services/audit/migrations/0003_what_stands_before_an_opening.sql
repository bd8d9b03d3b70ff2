-- What an opening asks the log: is this request over?
CREATE INDEX leaves_that_end_a_request ON leaves (json_extract(CAST(leaf AS TEXT), '$.facts.request'))
    WHERE kind IN ('denied', 'request-withdrawn', 'request-expired');

-- Each service takes unique texts of its own: nobody uses up another's. The rows of before stay as they are.
INSERT INTO taken (token, idx)
    SELECT json_extract(CAST(l.leaf AS TEXT), '$.source') || '/' || t.token, t.idx
    FROM taken t JOIN leaves l ON l.idx = t.idx;

-- What a batch unpacks to; one that came before this column counts as the largest.
ALTER TABLE batches ADD COLUMN plain_bytes INTEGER NOT NULL DEFAULT 67108864 CHECK (plain_bytes >= 0);

CREATE INDEX leaf_statements_by_leaf ON leaf_statements (idx);
