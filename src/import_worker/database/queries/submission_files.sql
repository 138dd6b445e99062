-- The host's submission_files.

-- name: count_files
-- Rows in one file field's range of computed ids.
SELECT count(*) FROM submission_files WHERE id BETWEEN %(first_id)s AND %(last_id)s AND field_key = %(field_key)s
