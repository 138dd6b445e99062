-- The host's form_submissions.

-- name: row_xacts
-- The transaction ids that rows just loaded carry. Rows that were loaded under a savepoint carry the savepoint's.
SELECT xmin::text
  FROM (SELECT DISTINCT xmin
          FROM form_submissions
         WHERE id BETWEEN %(first_id)s AND %(last_id)s AND import_job_id = %(job_id)s) loaded

-- name: first_row_xact
-- The transaction id that the first of the rows just loaded carries.
SELECT xmin::text
  FROM form_submissions
 WHERE id BETWEEN %(first_id)s AND %(last_id)s AND import_job_id = %(job_id)s
 ORDER BY id
 LIMIT 1

-- name: count_submissions
-- Rows of the job really in the table, found by the key range of their computed ids.
SELECT count(*) FROM form_submissions WHERE id BETWEEN %(first_id)s AND %(last_id)s AND import_job_id = %(job_id)s

-- name: has_rows
-- Whether the table has any row of the job, whichever program wrote it: one scan of the table, unless the host has an index.
SELECT EXISTS (SELECT FROM form_submissions WHERE import_job_id = %(job_id)s)

-- name: form_values
-- For a field that is unique in its form: the values of the form's submissions, whatever their status. One scan of the table:
-- the host has no index on a value.
SELECT payload->>%(field_key)s
  FROM form_submissions
 WHERE form_id = %(form_id)s AND import_job_id IS DISTINCT FROM %(job_id)s AND payload->>%(field_key)s IS NOT NULL
