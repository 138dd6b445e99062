-- import_worker.jobs: the worker's own row of a job. Its lock is the job's lock, and its plan applies to all chunks.

-- name: ensure_worker_job
-- Makes the worker's own row of a job, unless it is there. Nothing that is there is overwritten.
INSERT INTO import_worker.jobs (job_id, options, mapping)
VALUES (%(job_id)s, %(options)s, %(mapping)s)
ON CONFLICT (job_id) DO NOTHING

-- name: get_worker_job
-- The worker's own row of a job. No row if no worker and no launch has made one yet.
SELECT options, mapping, plan, rows_total, dry_run FROM import_worker.jobs WHERE job_id = %(job_id)s

-- name: set_options
-- Replaces the options by those that came with a launch. They no longer matter once the plan has pinned them.
UPDATE import_worker.jobs SET options = %(options)s WHERE job_id = %(job_id)s AND plan IS NULL

-- name: lock_job
-- The exclusive lock for planning, finishing and changes of status, until the transaction ends; no row when somebody else
-- holds it. Stop requests refer to the row by foreign key and must get through meanwhile, hence NO KEY.
SELECT job_id FROM import_worker.jobs WHERE job_id = %(job_id)s FOR NO KEY UPDATE SKIP LOCKED

-- name: lock_job_waiting
-- The same lock, but it waits for others that hold it. No row if the worker has no row of the job.
SELECT job_id FROM import_worker.jobs WHERE job_id = %(job_id)s FOR NO KEY UPDATE

-- name: lock_job_for_chunk
-- The state that decides whether chunks of the job may be imported now. The row is locked FOR SHARE until the transaction
-- ends, so the answer stays true for the chunk: whoever stops the job waits for it, other chunks do not.
SELECT j.status::text, w.dry_run,
       EXISTS (SELECT FROM import_worker.requests r WHERE r.job_id = w.job_id) AS stop_requested
  FROM import_worker.jobs w
  JOIN import_jobs j ON j.id = w.job_id
 WHERE w.job_id = %(job_id)s
   FOR SHARE OF w

-- name: save_plan
-- Stores the plan. Its chunks are stored in the same transaction.
UPDATE import_worker.jobs
   SET plan = %(plan)s, rows_total = %(rows_total)s, dry_run = %(dry_run)s, planned_at = now()
 WHERE job_id = %(job_id)s

-- name: delete_plan
-- Deletes the plan; the options and the mapping stay.
UPDATE import_worker.jobs SET plan = NULL, rows_total = NULL, planned_at = NULL WHERE job_id = %(job_id)s

-- name: set_dry_run
-- Says whether the job's chunks are now imported without inserting anything.
UPDATE import_worker.jobs SET dry_run = %(dry_run)s WHERE job_id = %(job_id)s

-- name: save_notices
-- Stores the notices (JSON) of a plan in place of those of an earlier one.
UPDATE import_worker.jobs SET notices = %(notices)s WHERE job_id = %(job_id)s

-- name: get_notices
-- The notices of a job's plan; null before there are any.
SELECT notices FROM import_worker.jobs WHERE job_id = %(job_id)s
