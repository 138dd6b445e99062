-- import_worker.requests: stop requests for jobs. While a job has one, none of its chunks begins.

-- name: make_stop_request
-- Records a stop request. A rollback overrides a cancel, and both override a halt; a request never becomes a weaker one. Of two
-- rollbacks the later one's actor, reason and treatment of edited rows count.
INSERT INTO import_worker.requests (job_id, kind, actor, reason, edited)
VALUES (%(job_id)s, %(kind)s, %(actor)s, %(reason)s, %(edited)s)
ON CONFLICT (job_id) DO UPDATE
   SET kind = excluded.kind, actor = excluded.actor, reason = excluded.reason, edited = excluded.edited
 WHERE array_position(ARRAY['halt', 'cancel', 'rollback'], excluded.kind)
     > array_position(ARRAY['halt', 'cancel', 'rollback'], import_worker.requests.kind)
    OR excluded.kind = 'rollback'

-- name: get_stop_request
-- The job's stop request. No row if there is none.
SELECT kind, actor, reason, edited, rows_taken FROM import_worker.requests WHERE job_id = %(job_id)s

-- name: delete_stop_request
-- Deletes the job's stop request, once it was carried out or is withdrawn.
DELETE FROM import_worker.requests WHERE job_id = %(job_id)s

-- name: delete_stale_halt
-- Deletes the halt of a worker that died before it could fail the job.
DELETE FROM import_worker.requests
 WHERE job_id = %(job_id)s AND kind = 'halt' AND requested_at < now() - make_interval(secs => %(seconds)s)

-- name: add_rows_taken
-- Adds to the number of rows that the rollback has deleted, in the transaction that deletes them.
UPDATE import_worker.requests SET rows_taken = rows_taken + %(rows)s WHERE job_id = %(job_id)s
