-- One Grant, one Session: the second lock beside `taken`.
CREATE UNIQUE INDEX sessions_by_request ON sessions (request);
