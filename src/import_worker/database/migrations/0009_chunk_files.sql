-- How many rows of submission_files belong to a chunk; null for chunks that were done before files could be imported.
ALTER TABLE import_worker.chunks ADD COLUMN file_count int;
