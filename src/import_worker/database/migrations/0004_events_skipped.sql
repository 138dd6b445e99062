-- An event is settled when it was sent, or when it was decided that it never will be.
ALTER TABLE import_worker.events ADD COLUMN skipped_at timestamptz;  -- progress that a later event overtook, or too old
DROP INDEX import_worker.events_unsent;
CREATE INDEX events_unsent ON import_worker.events (id) WHERE sent_at IS NULL AND skipped_at IS NULL;
