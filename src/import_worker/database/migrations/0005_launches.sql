-- What was done to get a job going, so that a message delivered twice starts one worker, and a dead job is not queued again
-- while its new worker is still starting up. A table of its own, because the job's row is locked by whoever plans or imports it.
CREATE TABLE import_worker.launches (
    job_id       uuid PRIMARY KEY REFERENCES import_worker.jobs ON DELETE CASCADE,
    launches     int NOT NULL DEFAULT 0,         -- how often workers were started for the job
    launched_at  timestamptz,                    -- the last time
    tasks        int NOT NULL DEFAULT 0,         -- tasks started then that are expected to count an attempt of their own
    message_id   text,                           -- of the message that led to it
    queued_at    timestamptz                     -- when the job was last queued again because its workers had died
);
