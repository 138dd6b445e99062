-- The host's import_job_errors: the first errors of a job, for the application.

-- name: replace_job_errors
-- Replaces the job's errors in the host's table by its first errors. Doing it twice has the same result as once.
WITH gone AS (DELETE FROM import_job_errors WHERE job_id = %(job_id)s)
INSERT INTO import_job_errors (id, job_id, row_number, field_key, error_type, error_message, raw_value, created_at)
SELECT gen_random_uuid(), job_id, least(row_number, 2147483647), field_key, error_type, error_message, raw_value, now()
  FROM import_worker.errors
 WHERE job_id = %(job_id)s
 ORDER BY row_number, ordinal
 LIMIT %(limit)s

-- name: erase_job_raw_values
-- Erases the raw values in the host's table, whichever program wrote them.
UPDATE import_job_errors SET raw_value = NULL WHERE job_id = %(job_id)s AND raw_value IS NOT NULL
