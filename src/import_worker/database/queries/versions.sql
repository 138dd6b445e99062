-- The host's form_submission_versions.

-- name: insert_versions
-- Inserts version 1 of each submission just loaded. It shares the submission's id, so both tables keep a job in one key
-- range.
INSERT INTO form_submission_versions
       (id, submission_id, version_number, payload_snapshot, changed_by, change_reason, created_at)
SELECT id, id, 1, payload, submitter_id, 'batch_import', created_at
  FROM form_submissions
 WHERE id BETWEEN %(first_id)s AND %(last_id)s AND import_job_id = %(job_id)s

-- name: count_versions
-- First versions in a range of ids; each has its submission's id.
SELECT count(*) FROM form_submission_versions
 WHERE id BETWEEN %(first_id)s AND %(last_id)s AND submission_id = id AND version_number = 1
