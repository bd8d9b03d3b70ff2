-- Which requests extended a Session: for a lease all of them count.
CREATE INDEX requests_of_session ON requests (session) WHERE session IS NOT NULL;
