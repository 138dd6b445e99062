-- import_worker.chunks: claim, lock and checkpoint of each chunk.

-- name: copy_chunks
-- Inserts the chunks of a plan.
COPY import_worker.chunks (job_id, number, first_byte, end_byte, first_row, row_count, first_line) FROM STDIN

-- name: begin_chunk
-- Opens a chunk's transaction. Its commit waits for this server's disk, not for standbys: the checkpoint and the rows are in
-- the same commit, so a failover that loses it loses both. The job's last commit waits as the server is configured. The time
-- limit on idling frees the locks of a machine that vanishes.
SELECT set_config('synchronous_commit', 'local', true),
       set_config('idle_in_transaction_session_timeout', '10min', true),
       set_config('enable_seqscan', 'off', true)

-- name: claim_chunk
-- The first pending chunk that nobody holds, locked. The lock is the claim and ends with the transaction.
SELECT number, first_byte, end_byte, first_row, row_count, first_line
  FROM import_worker.chunks
 WHERE job_id = %(job_id)s AND state = 'pending'
 ORDER BY number
 LIMIT 1
   FOR UPDATE SKIP LOCKED

-- name: finish_chunk
-- The checkpoint: the chunk is done, with its counts, its times and the ids of the transactions that wrote its rows.
UPDATE import_worker.chunks
   SET state = 'done', attempt = %(attempt)s, done_at = clock_timestamp(), rows_succeeded = %(rows_succeeded)s,
       rows_failed = %(rows_failed)s, error_count = %(error_count)s, read_seconds = %(read_seconds)s,
       validate_seconds = %(validate_seconds)s, copy_seconds = %(copy_seconds)s, versions_seconds = %(versions_seconds)s,
       xact_id = pg_current_xact_id(), row_xacts = %(row_xacts)s::text[]::xid[], file_count = %(file_count)s
 WHERE job_id = %(job_id)s AND number = %(number)s

-- name: record_commit_seconds
-- Records for a done chunk how long its commit took.
UPDATE import_worker.chunks SET commit_seconds = %(seconds)s WHERE job_id = %(job_id)s AND number = %(number)s

-- name: average_chunk_seconds
-- The average time of each step of the done chunks.
SELECT avg(read_seconds)::float8 AS read, avg(validate_seconds)::float8 AS validate, avg(copy_seconds)::float8 AS copy,
       avg(versions_seconds)::float8 AS versions, avg(commit_seconds)::float8 AS commit
  FROM import_worker.chunks
 WHERE job_id = %(job_id)s AND state = 'done'

-- name: chunk_progress
-- The progress of a job, from its committed chunks.
SELECT count(*) AS chunks_total,
       count(*) FILTER (WHERE state = 'done') AS chunks_done,
       coalesce(sum(row_count) FILTER (WHERE state = 'done'), 0)::bigint AS rows_processed,
       coalesce(sum(rows_succeeded) FILTER (WHERE state = 'done'), 0)::bigint AS rows_succeeded,
       coalesce(sum(rows_failed) FILTER (WHERE state = 'done'), 0)::bigint AS rows_failed,
       coalesce(sum(error_count) FILTER (WHERE state = 'done'), 0)::bigint AS error_count,
       coalesce(sum(file_count) FILTER (WHERE state = 'done'), 0)::bigint AS file_count,
       min(done_at) AS first_done_at,
       max(done_at) AS last_done_at
  FROM import_worker.chunks
 WHERE job_id = %(job_id)s

-- name: list_chunks_with_failures
-- The chunks in which a row was rejected, in order: for rejected.csv, the ranges to read again.
SELECT number, first_byte, end_byte, first_row, row_count, first_line
  FROM import_worker.chunks
 WHERE job_id = %(job_id)s AND rows_failed > 0
 ORDER BY number

-- name: count_pending_chunks
-- How many chunks are not done.
SELECT count(*) FROM import_worker.chunks WHERE job_id = %(job_id)s AND state = 'pending'

-- name: reset_chunks
-- Makes all chunks pending again after a dry run, to be imported for real.
UPDATE import_worker.chunks SET state = 'pending', done_at = NULL WHERE job_id = %(job_id)s

-- name: delete_chunks
-- Deletes the chunks of a discarded plan.
DELETE FROM import_worker.chunks WHERE job_id = %(job_id)s

-- fragment: recent_xact
-- Condition on a chunk `c`: the transaction that finished it is recent enough (and of this server), so that the 32-bit
-- transaction ids in its rows cannot mean other transactions.
pg_snapshot_xmax(pg_current_snapshot())::text::numeric - c.xact_id::text::numeric BETWEEN 0 AND 2147483647

-- name: row_xacts_known
-- Whether all transactions that wrote the job's rows are known, and recent enough for their 32-bit ids.
SELECT coalesce(bool_and(coalesce(cardinality(row_xacts) > 0 AND {recent_xact}, false)), false)
  FROM import_worker.chunks c
 WHERE job_id = %(job_id)s AND state = 'done' AND rows_succeeded > 0
