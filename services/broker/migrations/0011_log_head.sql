-- The last head of the log that was verified here, as a signed note: what a later run is shown has to continue it.
CREATE TABLE log_head (
    only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
    note TEXT NOT NULL
) STRICT;
