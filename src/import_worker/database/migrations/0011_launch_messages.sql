-- Launch messages whose wish was carried out, so that one that is delivered again, however late, is not carried out again. A message
-- is known by the id of its event or, without one, by its own. `starts` is how often something was started for it.
CREATE TABLE import_worker.messages (
    job_id      uuid NOT NULL REFERENCES import_worker.jobs ON DELETE CASCADE,
    message_id  text NOT NULL,
    action      text NOT NULL,
    actor       text,                                  -- who asked, where the message says so
    starts      int NOT NULL DEFAULT 1,
    at          timestamptz NOT NULL DEFAULT now(),    -- the last time
    PRIMARY KEY (job_id, message_id)
);

-- Who asked for the last launch: a job that is queued again goes on in that person's name.
ALTER TABLE import_worker.launches ADD COLUMN actor text;
