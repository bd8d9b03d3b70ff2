-- How much waits to be put into a segment is asked after every batch: from here without reading a batch, and without those
-- that are in a segment already.
CREATE INDEX loose_batches ON batches (session, number, plain_bytes, taken_at, length(sealed)) WHERE sealed IS NOT NULL;
