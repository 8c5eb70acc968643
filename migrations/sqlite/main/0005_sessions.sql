-- Sign-ins that are renewed by refresh tokens. Of a token only the hash is kept; `salt` leads from a
-- token to the one that follows it, and cannot lead there without it. Moments are milliseconds since
-- 1970; `spent` tells when the last tokens before this one were spent.
CREATE TABLE _gr_sessions (
    id TEXT PRIMARY KEY NOT NULL,
    collection TEXT NOT NULL,
    record TEXT NOT NULL,
    proof TEXT NOT NULL,
    salt TEXT NOT NULL,
    generation INTEGER NOT NULL,
    current TEXT NOT NULL,
    spent TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    ip TEXT NOT NULL,
    created INTEGER NOT NULL,
    used INTEGER NOT NULL,
    ends INTEGER NOT NULL
) WITHOUT ROWID;

-- Those of a record.
CREATE INDEX _gr_sessions_record ON _gr_sessions (collection, record);

-- What is over first.
CREATE INDEX _gr_sessions_ends ON _gr_sessions (ends);
