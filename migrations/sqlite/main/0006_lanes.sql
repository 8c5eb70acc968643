-- Jobs of one lane hold a part of the places of their kind at most, so that a slow lane leaves room.
ALTER TABLE _gr_jobs ADD COLUMN lane TEXT DEFAULT '' NOT NULL;

DROP INDEX _gr_jobs_ready;

-- What is ready in each lane, oldest first.
CREATE INDEX _gr_jobs_ready ON _gr_jobs (kind, lane, run_at, id) WHERE state = 'queued';
