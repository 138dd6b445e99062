-- import_worker.duplicates: rows whose value of a unique field occurred before.

-- name: copy_duplicates
-- Inserts duplicates from CSV.
COPY import_worker.duplicates (job_id, row_number, field_key, first_row) FROM STDIN (FORMAT csv)

-- name: delete_duplicates
-- Deletes what an earlier plan of the job found.
DELETE FROM import_worker.duplicates WHERE job_id = %(job_id)s

-- name: list_duplicates
-- The duplicates among a chunk's rows, by field; first_row is null if a submission of the form has the value.
SELECT row_number, field_key, first_row
  FROM import_worker.duplicates
 WHERE job_id = %(job_id)s AND row_number BETWEEN %(first_row)s AND %(last_row)s
 ORDER BY row_number, field_key
