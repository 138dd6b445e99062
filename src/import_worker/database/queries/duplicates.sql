-- import_worker.duplicates: rows that lose because their value of a unique field came before.

-- name: copy_duplicates
-- Takes rows as CSV.
COPY import_worker.duplicates (job_id, row_number, field_key, first_row) FROM STDIN (FORMAT csv)

-- name: delete_duplicates
-- Deletes what an earlier plan of the job found.
DELETE FROM import_worker.duplicates WHERE job_id = %(job_id)s

-- name: duplicates_of_rows
-- Which rows of a chunk lose in which field, by the primary key; first_row is null where the form has the value.
SELECT row_number, field_key, first_row
  FROM import_worker.duplicates
 WHERE job_id = %(job_id)s AND row_number BETWEEN %(first_row)s AND %(last_row)s
 ORDER BY row_number, field_key
