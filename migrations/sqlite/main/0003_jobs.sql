-- Work to be done after a commit, and its history. `state` is one of waiting (behind another job of
-- its key), queued, running, done, dead. Moments are milliseconds since 1970.
CREATE TABLE _gr_jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    size INTEGER NOT NULL,
    order_key TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    max_attempts INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    created INTEGER NOT NULL,
    started INTEGER DEFAULT NULL,
    finished INTEGER DEFAULT NULL,
    last_error TEXT DEFAULT '' NOT NULL
);

-- What is ready, oldest first.
CREATE INDEX _gr_jobs_ready ON _gr_jobs (kind, run_at, id) WHERE state = 'queued';

-- What stands in line behind the same key.
CREATE INDEX _gr_jobs_open ON _gr_jobs (order_key, id) WHERE finished IS NULL;

-- What the history forgets first.
CREATE INDEX _gr_jobs_finished ON _gr_jobs (state, finished) WHERE finished IS NOT NULL;
