-- import_worker.kept_rows: submissions that a rollback keeps, and why.

-- name: delete_kept_rows
-- Deletes the record of what an earlier try kept: a rollback that starts again finds these rows again.
DELETE FROM import_worker.kept_rows WHERE job_id = %(job_id)s

-- name: keep_rows
-- Records some submissions as kept; a reason that is recorded already is not changed.
INSERT INTO import_worker.kept_rows (job_id, submission_id, reason)
SELECT %(job_id)s, unnest(%(ids)s::uuid[]), %(reason)s
ON CONFLICT DO NOTHING

-- name: count_kept
-- How many submissions are kept, by reason.
SELECT reason, count(*) FROM import_worker.kept_rows WHERE job_id = %(job_id)s GROUP BY reason

-- name: write_kept_rows
-- kept.csv: each row's number in the file, its submission and why it was kept. A job's own range of ids (null for a job
-- without a plan) has the row number in its last %(row_bits)s bits, which are %(row_digits)s digits; other rows have none.
COPY (SELECT CASE WHEN submission_id BETWEEN %(first_id)s::uuid AND %(last_id)s::uuid
                  THEN ('x' || right(replace(submission_id::text, '-', ''), %(row_digits)s))::bit(%(row_bits)s)::bigint
             END AS "rowNumber",
             submission_id AS "submissionId", reason
        FROM import_worker.kept_rows
       WHERE job_id = %(job_id)s
       ORDER BY submission_id)
  TO STDOUT (FORMAT csv, HEADER)
