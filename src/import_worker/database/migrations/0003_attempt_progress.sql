-- How far an attempt is with reading the source file for the first time, while there are no chunks to count yet.
ALTER TABLE import_worker.attempts ADD COLUMN progress jsonb;  -- bytes, bytesTotal, rows; null when it is not planning
