-- What the last launch message said of options: a job whose task never started is queued again with them.
ALTER TABLE import_worker.launches ADD COLUMN options jsonb NOT NULL DEFAULT '{}';
