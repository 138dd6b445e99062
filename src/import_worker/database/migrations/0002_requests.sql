-- What somebody wants to happen to a job: it is cancelled, rolled back, or failed. A table of its own, because the job's row is held
-- FOR SHARE by every chunk in flight, and with several workers there is always one: a request committed here keeps new chunks
-- from starting, so that the exclusive lock is to be had a moment later. Whoever comes by may carry it out.
CREATE TABLE import_worker.requests (
    job_id        uuid PRIMARY KEY REFERENCES import_worker.jobs ON DELETE CASCADE,
    kind          text NOT NULL CHECK (kind IN ('cancel', 'rollback', 'halt')),
    actor         text,
    reason        text,
    requested_at  timestamptz NOT NULL DEFAULT now()
);
