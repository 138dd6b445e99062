-- How long the commit of a chunk took, known only after it: written with the first read of the chunk's rows.
ALTER TABLE import_worker.chunks ADD COLUMN commit_seconds real;
