-- import_worker.requests: what somebody wants to happen to a job. While there is a row, no chunk of the job begins.

-- name: make_stop_request
-- Notes what is to happen to the job. A rollback overrides a cancel, and both override a halt; a request never becomes a
-- weaker one. Of two rollbacks the later one's words count.
INSERT INTO import_worker.requests (job_id, kind, actor, reason, edited)
VALUES (%(job_id)s, %(kind)s, %(actor)s, %(reason)s, %(edited)s)
ON CONFLICT (job_id) DO UPDATE
   SET kind = excluded.kind, actor = excluded.actor, reason = excluded.reason, edited = excluded.edited
 WHERE array_position(ARRAY['halt', 'cancel', 'rollback'], excluded.kind)
     > array_position(ARRAY['halt', 'cancel', 'rollback'], import_worker.requests.kind)
    OR excluded.kind = 'rollback'

-- name: get_stop_request
-- What is to happen to the job. No row when nothing is.
SELECT kind, actor, reason, edited, rows_taken FROM import_worker.requests WHERE job_id = %(job_id)s

-- name: delete_stop_request
-- Removes what is to happen to the job, once it has happened or no longer shall.
DELETE FROM import_worker.requests WHERE job_id = %(job_id)s

-- name: delete_stale_halt
-- Removes the halt of a worker that died before it could fail the job.
DELETE FROM import_worker.requests
 WHERE job_id = %(job_id)s AND kind = 'halt' AND requested_at < now() - make_interval(secs => %(seconds)s)

-- name: add_rows_taken
-- Adds to how many rows the rollback has deleted, in the transaction that deletes them.
UPDATE import_worker.requests SET rows_taken = rows_taken + %(rows)s WHERE job_id = %(job_id)s
