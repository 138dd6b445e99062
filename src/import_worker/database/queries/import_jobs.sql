-- The host's import_jobs: jobs as the host and all its programs see them.

-- name: get_job
-- One job, with the columns of job.Job. No row when there is none.
SELECT id, organization_id, lane::text, status::text, source_file_key, source_file_hash, source_row_count,
       target_form_id, mapping_template_id, created_by, created_at, started_at, completed_at,
       progress_checkpoint, coalesce(stats, '{}'::jsonb) AS stats, error_report_key,
       coalesce(error_summary, '{}'::jsonb) AS error_summary
  FROM import_jobs
 WHERE id = %(job_id)s

-- name: list_jobs
-- The newest jobs of lane 2, newest first, with the name of their form; of one status, if one is given.
SELECT j.id, j.organization_id, j.status::text, j.source_file_key, j.created_at, j.started_at, j.completed_at,
       coalesce(j.stats, '{}'::jsonb) AS stats, coalesce(j.error_summary, '{}'::jsonb) AS error_summary, f.name AS form_name
  FROM import_jobs j
  LEFT JOIN forms f ON f.id = j.target_form_id
 WHERE j.lane = 'batch' AND (%(status)s::text IS NULL OR j.status::text = %(status)s)
 ORDER BY j.created_at DESC
 LIMIT %(limit)s

-- name: create_job
-- Makes a job of lane 2, pending.
INSERT INTO import_jobs (id, organization_id, type, lane, source_file_key, source_file_hash, target_form_id,
                         mapping_template_id, status, progress_checkpoint, can_rollback, created_by, created_at)
VALUES (%(job_id)s, %(organization_id)s, %(type)s, 'batch', %(source_file_key)s, %(source_file_hash)s, %(form_id)s,
        %(mapping_template_id)s, 'pending', 0, true, %(user_id)s, now())

-- name: find_earlier_job
-- The newest job of the form with the same file whose rows are in the form, or may still get there. A job that has ended
-- counts only if it left rows: by its chunks or, if another program ran it, by its status and checkpoint. A rollback may have
-- kept some. Scans the table: the host has no index on the hash.
SELECT j.id, j.status::text, coalesce(j.completed_at, j.created_at) AS at
  FROM import_jobs j
  LEFT JOIN import_worker.jobs w ON w.job_id = j.id
 WHERE lower(j.source_file_hash) = %(sha256)s AND j.target_form_id = %(form_id)s AND j.organization_id = %(organization_id)s
   AND CASE WHEN j.status IN ('pending', 'validating', 'validated', 'importing') THEN true
            WHEN j.status NOT IN ('completed', 'failed', 'cancelled') THEN coalesce(j.error_summary->>'keptCount' ~ '^[1-9]', false)
            WHEN w.plan IS NULL THEN j.status = 'completed' OR j.progress_checkpoint > 0
            ELSE NOT w.dry_run AND EXISTS (SELECT FROM import_worker.chunks c
                                            WHERE c.job_id = j.id AND c.state = 'done' AND c.rows_succeeded > 0) END
 ORDER BY j.created_at DESC
 LIMIT 1

-- name: find_earlier_import
-- The last other job that completed with the same file in the same form: its id and when. The host has no index on the hash;
-- jobs are few beside rows.
SELECT id, completed_at
  FROM import_jobs
 WHERE target_form_id = %(form_id)s AND organization_id = %(organization_id)s AND status = 'completed'
   AND lower(source_file_hash) = %(sha256)s AND id <> %(job_id)s
 ORDER BY completed_at DESC NULLS LAST
 LIMIT 1

-- name: lock_file
-- Takes an advisory lock, for which others wait, so that nobody else submits the same file to the organisation until the
-- transaction ends. The 8 distinguishes it from other locks on the same key.
SELECT pg_advisory_xact_lock(hashtextextended(%(file)s, 8))

-- name: jobs_of_source_file
-- Pending jobs of the batch lane that have this source file, oldest first.
SELECT id FROM import_jobs
 WHERE source_file_key = %(key)s AND lane = 'batch' AND status = 'pending'
 ORDER BY created_at, id

-- name: lock_import_job
-- The job's status. Its row stays locked until the transaction ends, so that events of one job are recorded one after the
-- other and their ids are in order of their commits.
SELECT status::text FROM import_jobs WHERE id = %(job_id)s FOR NO KEY UPDATE

-- name: change_status
-- Changes a job's status, only from the one that the caller saw; no row is changed otherwise. A status that begins an
-- attempt sets started_at, one that ends the job completed_at.
UPDATE import_jobs
   SET status = %(to)s,
       started_at = CASE WHEN %(starting)s AND (started_at IS NULL OR status = 'validated') THEN now() ELSE started_at END,
       completed_at = CASE WHEN %(ended)s THEN now() END,
       error_summary = %(error_summary)s
 WHERE id = %(job_id)s AND status = %(from)s

-- name: save_source_row_count
-- Fills in how many rows the source has, where nobody has said so.
UPDATE import_jobs SET source_row_count = %(rows_total)s WHERE id = %(job_id)s AND source_row_count IS NULL

-- name: clear_source_row_count
-- Clears the row count that a discarded plan filled in.
UPDATE import_jobs j SET source_row_count = NULL
  FROM import_worker.jobs w
 WHERE j.id = %(job_id)s AND w.job_id = j.id AND j.source_row_count = w.rows_total

-- name: save_progress
-- Shows how far an import is, unless the job has ended meanwhile. The host's checkpoint is an int.
UPDATE import_jobs
   SET stats = %(stats)s, progress_checkpoint = least(%(rows_processed)s, 2147483647)
 WHERE id = %(job_id)s AND status IN ('validating', 'importing')

-- name: save_final
-- Stores the counts and the report's key of a job that has ended.
UPDATE import_jobs
   SET stats = %(stats)s, progress_checkpoint = least(%(rows_processed)s, 2147483647), error_report_key = %(error_report_key)s
 WHERE id = %(job_id)s

-- name: job_seconds
-- How many seconds ago the job was started, over all attempts; null if it never was.
SELECT extract(epoch FROM clock_timestamp() - started_at)::float8 FROM import_jobs WHERE id = %(job_id)s

-- name: rollback_permission
-- Whether the host lets the job be rolled back, until when, and whether that is past.
SELECT can_rollback, rollback_before, rollback_before IS NOT NULL AND rollback_before < now() AS too_late
  FROM import_jobs WHERE id = %(job_id)s

-- name: end_rollback
-- Marks a job that was rolled back as one that cannot be rolled back again.
UPDATE import_jobs SET can_rollback = false WHERE id = %(job_id)s
