-- Every statement the worker runs while importing, named, with what it is for. Parameters are psycopg's %(name)s.
-- Schema statements are in migrations/ and host_schema.sql; COPY statements that name columns are in submissions.py and errors.py.


-- name: get_job
-- One row of the host's import_jobs, as job.Job has it.
SELECT id, organization_id, lane::text, status::text, source_file_key, source_file_hash, source_row_count,
       target_form_id, mapping_template_id, created_by, created_at, started_at, completed_at,
       progress_checkpoint, coalesce(stats, '{}'::jsonb) AS stats, error_report_key,
       coalesce(error_summary, '{}'::jsonb) AS error_summary
  FROM import_jobs
 WHERE id = %(job_id)s

-- name: list_jobs
-- The newest jobs of lane 2, with the name of their form.
SELECT j.id, j.organization_id, j.status::text, j.source_file_key, j.created_at, j.started_at, j.completed_at,
       coalesce(j.stats, '{}'::jsonb) AS stats, coalesce(j.error_summary, '{}'::jsonb) AS error_summary, f.name AS form_name
  FROM import_jobs j
  LEFT JOIN forms f ON f.id = j.target_form_id
 WHERE j.lane = 'batch' AND (%(status)s::text IS NULL OR j.status::text = %(status)s)
 ORDER BY j.created_at DESC
 LIMIT %(limit)s

-- name: create_job
INSERT INTO import_jobs (id, organization_id, type, lane, source_file_key, source_file_hash, target_form_id,
                         mapping_template_id, status, progress_checkpoint, can_rollback, created_by, created_at)
VALUES (%(job_id)s, %(organization_id)s, %(type)s, 'batch', %(source_file_key)s, %(source_file_hash)s, %(form_id)s,
        %(mapping_template_id)s, 'pending', 0, true, %(user_id)s, now())

-- name: earlier_job
-- The newest job of the form whose file is the same and whose rows are in, or on their way there. One that has ended counts only if
-- it left rows: by its chunks or, for one that another program ran, by its status and checkpoint. A rollback may have kept some.
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

-- name: hold_file
-- 8 tells this lock from others on the same key.
SELECT pg_advisory_xact_lock(hashtextextended(%(file)s, 8))

-- name: find_named_form
SELECT id, status::text FROM forms WHERE organization_id = %(organization_id)s AND slug = %(slug)s ORDER BY created_at LIMIT 1

-- name: lock_named_form
SELECT id FROM forms WHERE organization_id = %(organization_id)s AND slug = %(slug)s ORDER BY created_at LIMIT 1 FOR UPDATE

-- name: create_form
INSERT INTO forms (id, organization_id, name, slug, status, created_by, created_at, updated_at)
VALUES (%(form_id)s, %(organization_id)s, %(name)s, %(slug)s, 'published', %(user_id)s, now(), now())

-- name: compare_newest_version
-- The newest version's number, whether it is this definition, and whether it is published.
SELECT version_number, definition = %(definition)s, published_at IS NOT NULL
  FROM form_versions
 WHERE form_id = %(form_id)s
 ORDER BY version_number DESC
 LIMIT 1

-- name: create_form_version
INSERT INTO form_versions (id, form_id, version_number, definition, published_at, published_by, created_at)
VALUES (%(version_id)s, %(form_id)s, %(version)s, %(definition)s, now(), %(user_id)s, now())

-- name: ensure_worker_job
-- The worker's own row of a job; whoever comes first makes it. What is given overrides only what was never given.
INSERT INTO import_worker.jobs (job_id, options, mapping)
VALUES (%(job_id)s, %(options)s, %(mapping)s)
ON CONFLICT (job_id) DO NOTHING

-- name: get_worker_job
SELECT options, mapping, plan, rows_total, dry_run FROM import_worker.jobs WHERE job_id = %(job_id)s

-- name: set_options
-- Options that came with the launch; they no longer matter once the plan has pinned them.
UPDATE import_worker.jobs SET options = %(options)s WHERE job_id = %(job_id)s AND plan IS NULL

-- name: lock_job
-- The exclusive lock for planning, finishing and changes of status; no row when another worker holds it. Requests refer to
-- the row by foreign key and must get through meanwhile, hence NO KEY.
SELECT job_id FROM import_worker.jobs WHERE job_id = %(job_id)s FOR NO KEY UPDATE SKIP LOCKED

-- name: lock_job_waiting
SELECT job_id FROM import_worker.jobs WHERE job_id = %(job_id)s FOR NO KEY UPDATE

-- name: change_status
-- Changes a job's status only from the one the caller saw.
UPDATE import_jobs
   SET status = %(to)s,
       started_at = CASE WHEN %(starting)s AND (started_at IS NULL OR status = 'validated') THEN now() ELSE started_at END,
       completed_at = CASE WHEN %(ended)s THEN now() END,
       error_summary = %(error_summary)s
 WHERE id = %(job_id)s AND status = %(from)s

-- name: save_plan
UPDATE import_worker.jobs
   SET plan = %(plan)s, rows_total = %(rows_total)s, dry_run = %(dry_run)s, planned_at = now()
 WHERE job_id = %(job_id)s

-- name: save_source_row_count
UPDATE import_jobs SET source_row_count = %(rows_total)s WHERE id = %(job_id)s AND source_row_count IS NULL

-- name: forget_source_row_count
-- What a plan filled in that is thrown away.
UPDATE import_jobs j SET source_row_count = NULL
  FROM import_worker.jobs w
 WHERE j.id = %(job_id)s AND w.job_id = j.id AND j.source_row_count = w.rows_total

-- name: delete_plan
UPDATE import_worker.jobs SET plan = NULL, rows_total = NULL, planned_at = NULL WHERE job_id = %(job_id)s

-- name: was_started_here
SELECT FROM import_worker.events WHERE job_id = %(job_id)s AND type = 'solstice.import.started' LIMIT 1

-- name: set_dry_run
UPDATE import_worker.jobs SET dry_run = %(dry_run)s WHERE job_id = %(job_id)s

-- name: reset_chunks
-- After a dry run: everything is to be done again, and for real.
UPDATE import_worker.chunks SET state = 'pending', done_at = NULL WHERE job_id = %(job_id)s

-- name: delete_errors
DELETE FROM import_worker.errors WHERE job_id = %(job_id)s

-- name: delete_chunks
DELETE FROM import_worker.chunks WHERE job_id = %(job_id)s

-- name: begin_chunk
-- Opens a chunk's transaction. Its commit waits for this server's disk, not for standbys: the checkpoint and the rows are in the
-- same commit, so a failover that loses it loses both. The finishing commit waits as the server is configured, and comes after
-- them all. A machine that vanishes frees its locks.
SELECT set_config('synchronous_commit', 'local', true),
       set_config('idle_in_transaction_session_timeout', '10min', true),
       set_config('enable_seqscan', 'off', true)

-- name: hold_job
-- May chunks of the job be imported now? Held for the chunk's transaction, so that the answer stays true.
SELECT j.status::text, w.dry_run,
       EXISTS (SELECT FROM import_worker.requests r WHERE r.job_id = w.job_id) AS stop_requested
  FROM import_worker.jobs w
  JOIN import_jobs j ON j.id = w.job_id
 WHERE w.job_id = %(job_id)s
   FOR SHARE OF w

-- name: request
-- A rollback overrides a cancel, and both override a halt; a request never becomes a weaker one. Of two rollbacks the later one's words
-- count.
INSERT INTO import_worker.requests (job_id, kind, actor, reason, edited)
VALUES (%(job_id)s, %(kind)s, %(actor)s, %(reason)s, %(edited)s)
ON CONFLICT (job_id) DO UPDATE
   SET kind = excluded.kind, actor = excluded.actor, reason = excluded.reason, edited = excluded.edited
 WHERE array_position(ARRAY['halt', 'cancel', 'rollback'], excluded.kind)
     > array_position(ARRAY['halt', 'cancel', 'rollback'], import_worker.requests.kind)
    OR excluded.kind = 'rollback'

-- name: get_request
SELECT kind, actor, reason, edited, rows_taken FROM import_worker.requests WHERE job_id = %(job_id)s

-- name: delete_stale_halt
-- Of a worker that died before it could fail the job.
DELETE FROM import_worker.requests
 WHERE job_id = %(job_id)s AND kind = 'halt' AND requested_at < now() - make_interval(secs => %(seconds)s)

-- name: delete_request
DELETE FROM import_worker.requests WHERE job_id = %(job_id)s

-- name: rollback_permission
SELECT can_rollback, rollback_before, rollback_before IS NOT NULL AND rollback_before < now() AS too_late
  FROM import_jobs WHERE id = %(job_id)s

-- name: start_undo
-- A rollback that is begun anew finds out anew what it keeps.
DELETE FROM import_worker.kept_rows WHERE job_id = %(job_id)s

-- name: undo_facts
-- Whether the transactions that wrote the job's rows are all known, and not so old (or of another server) that the short ids in the
-- rows may mean others.
SELECT coalesce(bool_and(coalesce(cardinality(row_xacts) > 0
                                  AND pg_snapshot_xmax(pg_current_snapshot())::text::numeric - xact_id::text::numeric
                                      BETWEEN 0 AND 2147483647, false)), false)
  FROM import_worker.chunks
 WHERE job_id = %(job_id)s AND state = 'done' AND rows_succeeded > 0

-- name: foreign_rows
-- Rows of the job outside its own range of ids, in order of ids. The host has no index on import_job_id, so this is one look through
-- the table; ordering by the text keeps the planner from walking the primary key, row by row, to the same end.
SELECT id
  FROM form_submissions
 WHERE import_job_id = %(job_id)s AND (%(first_id)s::uuid IS NULL OR id NOT BETWEEN %(first_id)s AND %(last_id)s)
   AND id::text > %(after)s
 ORDER BY id::text
 LIMIT %(limit)s

-- name: has_rows
-- Whether any row of the job is in, whoever wrote it: one look through the table, unless an index leads there.
SELECT EXISTS (SELECT FROM form_submissions WHERE import_job_id = %(job_id)s)

-- name: keep_rows
INSERT INTO import_worker.kept_rows (job_id, submission_id, reason)
SELECT %(job_id)s, unnest(%(ids)s::uuid[]), %(reason)s
ON CONFLICT DO NOTHING

-- name: keep_rest
INSERT INTO import_worker.kept_rows (job_id, submission_id, reason)
SELECT %(job_id)s, id, 'edited' FROM form_submissions
 WHERE id BETWEEN %(first_id)s AND %(last_id)s AND import_job_id = %(job_id)s
ON CONFLICT DO NOTHING

-- name: count_kept
SELECT reason, count(*) FROM import_worker.kept_rows WHERE job_id = %(job_id)s GROUP BY reason

-- name: note_taken
UPDATE import_worker.requests SET rows_taken = rows_taken + %(rows)s WHERE job_id = %(job_id)s

-- name: forget_raw_values
-- Of our own errors, some rows at a time.
UPDATE import_worker.errors SET raw_value = NULL
 WHERE job_id = %(job_id)s AND row_number BETWEEN %(first_row)s AND %(last_row)s AND raw_value IS NOT NULL

-- name: last_error_row
SELECT coalesce(max(row_number), 0) FROM import_worker.errors WHERE job_id = %(job_id)s

-- name: forget_job_raw_values
-- Of the errors in the host's table, whoever wrote them.
UPDATE import_job_errors SET raw_value = NULL WHERE job_id = %(job_id)s AND raw_value IS NOT NULL

-- name: end_rollback
UPDATE import_jobs SET can_rollback = false WHERE id = %(job_id)s

-- name: references_to
-- Foreign keys of one column that lead to a table; a partition's are its parent's. An index that finds a parent's rows begins with
-- the column.
SELECT c.conrelid::regclass::text AS child, quote_ident(a.attname) AS column, c.confrelid::regclass::text AS parent,
       quote_ident(p.attname) AS parent_column, c.confdeltype = 'c' AS goes,
       EXISTS (SELECT FROM pg_index i
                WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1] AND i.indpred IS NULL AND i.indisvalid) AS indexed,
       greatest(t.reltuples, 0)::bigint AS rows,
       (SELECT quote_ident(k.attname)
          FROM pg_constraint pk JOIN pg_attribute k ON k.attrelid = pk.conrelid AND k.attnum = pk.conkey[1]
         WHERE pk.conrelid = c.conrelid AND pk.contype = 'p' AND cardinality(pk.conkey) = 1) AS key,
       has_column_privilege(c.conrelid, c.conkey[1], 'SELECT') AS may_read,
       has_table_privilege(c.conrelid, 'DELETE') AS may_delete
  FROM pg_constraint c
  JOIN pg_class t ON t.oid = c.conrelid
  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
  JOIN pg_attribute p ON p.attrelid = c.confrelid AND p.attnum = c.confkey[1]
 WHERE c.contype = 'f' AND c.confrelid = %(parent)s::regclass AND cardinality(c.conkey) = 1 AND c.conparentid = 0
 ORDER BY child, a.attname

-- name: undo_obstacles
-- What keeps a rollback from looking after foreign keys by sets, under session_replication_role = replica: what else that would switch
-- off when rows of these tables are deleted, or that it takes and is not there. No row when nothing does.
WITH target AS (SELECT unnest(%(tables)s::text[])::regclass AS id)
SELECT 'the role may not set session_replication_role'
 WHERE NOT has_parameter_privilege('session_replication_role', 'SET')
UNION ALL
SELECT 'session_replication_role is not origin'
 WHERE current_setting('session_replication_role') <> 'origin'
UNION ALL
SELECT format('the trigger %%I on %%s', t.tgname, t.tgrelid::regclass)
  FROM target JOIN pg_trigger t ON t.tgrelid = target.id
 WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 8 <> 0  -- on DELETE
UNION ALL
SELECT format('the rule %%I on %%s', r.rulename, r.ev_class::regclass)
  FROM target JOIN pg_rewrite r ON r.ev_class = target.id
 WHERE r.rulename <> '_RETURN' AND r.ev_enabled <> 'D'
UNION ALL
SELECT format('%%s is not an ordinary table', c.oid::regclass)
  FROM target JOIN pg_class c ON c.oid = target.id
 WHERE c.relkind <> 'r' OR c.relhassubclass OR c.relispartition
UNION ALL
SELECT format('the foreign key %%I of several columns', c.conname)
  FROM target JOIN pg_constraint c ON c.confrelid = target.id
 WHERE c.contype = 'f' AND cardinality(c.conkey) > 1
LIMIT 1

-- name: dead_jobs
-- Unfinished jobs that a worker took and on which no worker has given a sign of life lately. A job that nobody got as far as
-- `validating` counts if its last worker broke off, not if it was refused.
SELECT j.id, max(a.heartbeat_at) AS last_sign
  FROM import_jobs j
  JOIN import_worker.attempts a ON a.job_id = j.id
 WHERE j.status IN ('pending', 'validating', 'importing') AND j.lane = 'batch'
 GROUP BY j.id
HAVING NOT bool_or(a.outcome IS NULL AND a.heartbeat_at > now() - make_interval(secs => %(silent_seconds)s))
   AND max(coalesce(a.ended_at, a.heartbeat_at)) < now() - make_interval(secs => %(silent_seconds)s)
   AND (j.status <> 'pending' OR (array_agg(a.outcome ORDER BY a.attempt DESC))[1] IS DISTINCT FROM 'refused')
 ORDER BY j.id

-- name: lost_launches
-- Jobs for which tasks were started that never counted an attempt: no image, no secret, no address in the subnets. A validated job
-- is none of them: its launch may have been one more task of a dry run that was over by then.
SELECT j.id
  FROM import_worker.launches l
  JOIN import_jobs j ON j.id = l.job_id
 WHERE j.status = 'pending' AND j.lane = 'batch' AND l.tasks > 0
   AND l.launched_at < now() - make_interval(secs => %(starting_seconds)s)
   AND NOT EXISTS (SELECT FROM import_worker.attempts a WHERE a.job_id = l.job_id)
 ORDER BY l.launched_at, j.id

-- name: never_started_jobs
-- Jobs of the batch lane that have been pending for so long without any worker ever taking them, oldest first.
SELECT j.id
  FROM import_jobs j
 WHERE j.status = 'pending' AND j.lane = 'batch'
   AND j.created_at < now() - make_interval(secs => %(pending_seconds)s)
   AND NOT EXISTS (SELECT FROM import_worker.attempts a WHERE a.job_id = j.id)
 ORDER BY j.created_at, j.id
 LIMIT %(limit)s

-- name: claim_queueing
-- Notes that the job is queued again; no row when that is too soon: it was queued a short while ago and nothing was started since,
-- or what was started is still starting up, or its workers have died so often that a longer pause is due.
INSERT INTO import_worker.launches AS l (job_id, queued_at)
SELECT %(job_id)s, now()
 WHERE %(quiet_seconds)s <= (SELECT coalesce(extract(epoch FROM now() - max(a.heartbeat_at)), 'infinity')
                               FROM import_worker.attempts a WHERE a.job_id = %(job_id)s)
ON CONFLICT (job_id) DO UPDATE SET queued_at = excluded.queued_at
 WHERE (l.queued_at IS NULL OR l.launched_at > l.queued_at
        OR l.queued_at < now() - make_interval(secs => %(queued_seconds)s))
   AND (l.launched_at IS NULL OR l.launched_at < now() - make_interval(secs => %(starting_seconds)s)
        OR l.tasks <= (SELECT count(*) FROM import_worker.attempts a
                        WHERE a.job_id = l.job_id AND a.started_at >= l.launched_at))
RETURNING l.tasks, l.options, l.actor

-- name: check_launches
-- Whether the tables are there and may be read.
SELECT l.actor, m.starts FROM import_worker.launches l, import_worker.messages m LIMIT 0

-- name: lock_launch
-- 7 tells this lock from others on the same key.
SELECT pg_try_advisory_xact_lock(hashtextextended(%(job_id)s::text, 7))

-- name: forget_start
UPDATE import_worker.launches l SET tasks = greatest(0, l.tasks - 1)
 WHERE l.job_id = %(job_id)s
   AND NOT EXISTS (SELECT FROM import_worker.attempts a
                    WHERE a.job_id = l.job_id AND a.worker = %(worker)s AND a.started_at >= l.launched_at)

-- name: launch_state
-- What has to be known to decide whether workers are to be started for a job. `starting` counts tasks that were started a short
-- while ago and have not yet counted an attempt of their own.
SELECT j.status::text, j.lane::text, w.plan IS NOT NULL AS planned, coalesce(w.dry_run, false) AS dry_run,
       coalesce(w.options, '{}'::jsonb) AS options, coalesce(l.launches, 0) AS launches, now() AS seen_at,
       m.job_id IS NOT NULL OR coalesce(l.message_id = %(message_id)s, false) AS repeated, coalesce(m.starts, 0) AS starts,
       (SELECT coalesce(max(a.attempt), 0) FROM import_worker.attempts a WHERE a.job_id = j.id) AS attempts,
       (SELECT count(*) FROM import_worker.attempts a
         WHERE a.job_id = j.id AND a.outcome IS NULL
           AND a.heartbeat_at > now() - make_interval(secs => %(silent_seconds)s)) AS alive,
       CASE WHEN l.launched_at > now() - make_interval(secs => %(starting_seconds)s)
            THEN greatest(0, l.tasks - (SELECT count(*) FROM import_worker.attempts a
                                         WHERE a.job_id = j.id AND a.started_at >= l.launched_at))
            ELSE 0 END AS starting
  FROM import_jobs j
  LEFT JOIN import_worker.jobs w ON w.job_id = j.id
  LEFT JOIN import_worker.launches l ON l.job_id = j.id
  LEFT JOIN import_worker.messages m ON m.job_id = j.id AND m.message_id = %(message_id)s
 WHERE j.id = %(job_id)s

-- name: record_message
INSERT INTO import_worker.messages AS m (job_id, message_id, action, actor)
VALUES (%(job_id)s, %(message_id)s, %(action)s, %(actor)s)
ON CONFLICT (job_id, message_id) DO UPDATE SET starts = m.starts + 1, at = now()

-- name: record_start
INSERT INTO import_worker.launches AS l (job_id, launches) VALUES (%(job_id)s, 1)
ON CONFLICT (job_id) DO UPDATE SET launches = l.launches + 1

-- name: record_launch
INSERT INTO import_worker.launches AS l (job_id, launches, launched_at, tasks, message_id, options, actor)
VALUES (%(job_id)s, 1, %(launched_at)s, %(tasks)s, %(message_id)s, %(options)s, %(actor)s)
ON CONFLICT (job_id) DO UPDATE
   SET launches = l.launches + 1, launched_at = excluded.launched_at, tasks = excluded.tasks, message_id = excluded.message_id,
       options = CASE WHEN excluded.options = '{}' THEN l.options ELSE excluded.options END,
       actor = coalesce(excluded.actor, l.actor)

-- name: jobs_of_source_file
-- Jobs of the batch lane that still wait for that file, oldest first.
SELECT id FROM import_jobs
 WHERE source_file_key = %(key)s AND lane = 'batch' AND status = 'pending'
 ORDER BY created_at, id

-- name: bury_worker
-- A worker whose end was seen by the program that started it.
UPDATE import_worker.attempts
   SET outcome = 'lost', ended_at = now(), message = %(message)s
 WHERE job_id = %(job_id)s AND worker = %(worker)s AND outcome IS NULL

-- name: bury_attempts
-- Attempts that will never tell how they ended.
UPDATE import_worker.attempts
   SET outcome = 'lost', ended_at = now(), message = 'The worker gave no sign of life.'
 WHERE job_id = %(job_id)s AND outcome IS NULL
   AND heartbeat_at < now() - make_interval(secs => %(silent_seconds)s)

-- name: claim_chunk
-- The first pending chunk that nobody holds. The lock is the claim and ends with the transaction.
SELECT number, first_byte, end_byte, first_row, row_count, first_line
  FROM import_worker.chunks
 WHERE job_id = %(job_id)s AND state = 'pending'
 ORDER BY number
 LIMIT 1
   FOR UPDATE SKIP LOCKED

-- name: finish_chunk
UPDATE import_worker.chunks
   SET state = 'done', attempt = %(attempt)s, done_at = clock_timestamp(), rows_succeeded = %(rows_succeeded)s,
       rows_failed = %(rows_failed)s, error_count = %(error_count)s, read_seconds = %(read_seconds)s,
       validate_seconds = %(validate_seconds)s, copy_seconds = %(copy_seconds)s, versions_seconds = %(versions_seconds)s,
       xact_id = pg_current_xact_id(), row_xacts = %(row_xacts)s::text[]::xid[], file_count = %(file_count)s
 WHERE job_id = %(job_id)s AND number = %(number)s

-- name: note_commit
UPDATE import_worker.chunks SET commit_seconds = %(seconds)s WHERE job_id = %(job_id)s AND number = %(number)s

-- name: chunk_seconds
-- Where the time of the done chunks went, on average.
SELECT avg(read_seconds)::float8 AS read, avg(validate_seconds)::float8 AS validate, avg(copy_seconds)::float8 AS copy,
       avg(versions_seconds)::float8 AS versions, avg(commit_seconds)::float8 AS commit
  FROM import_worker.chunks
 WHERE job_id = %(job_id)s AND state = 'done'

-- name: progress
-- What is in, by the committed chunks.
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

-- name: chunks_with_failures
-- For rejected.csv: the ranges to read again.
SELECT number, first_byte, end_byte, first_row, row_count, first_line
  FROM import_worker.chunks
 WHERE job_id = %(job_id)s AND rows_failed > 0
 ORDER BY number

-- name: pending_chunks
SELECT count(*) FROM import_worker.chunks WHERE job_id = %(job_id)s AND state = 'pending'

-- name: save_progress
UPDATE import_jobs
   SET stats = %(stats)s, progress_checkpoint = least(%(rows_processed)s, 2147483647)
 WHERE id = %(job_id)s AND status IN ('validating', 'importing')

-- name: save_final
UPDATE import_jobs
   SET stats = %(stats)s, progress_checkpoint = least(%(rows_processed)s, 2147483647), error_report_key = %(error_report_key)s
 WHERE id = %(job_id)s

-- name: hold_target_tables
-- The lock that loading takes anyway, taken before the tables are looked at.
LOCK TABLE form_submissions, form_submission_versions IN ROW EXCLUSIVE MODE

-- name: hold_files_table
-- The same, for a job with files.
LOCK TABLE submission_files IN ROW EXCLUSIVE MODE

-- name: key_check_obstacles
-- What keeps the foreign keys from being checked once a chunk: the first thing that session_replication_role = replica would
-- change beside the foreign keys of the tables that are loaded, or that it takes and is not there. No row when nothing does.
WITH target AS (SELECT unnest(%(tables)s::text[])::regclass AS id)
SELECT 'the role may not set session_replication_role'
 WHERE NOT has_parameter_privilege('session_replication_role', 'SET')
UNION ALL
SELECT 'session_replication_role is not origin'
 WHERE current_setting('session_replication_role') <> 'origin'
UNION ALL
SELECT format('the trigger %%I on %%s', t.tgname, t.tgrelid::regclass)
  FROM target JOIN pg_trigger t ON t.tgrelid = target.id
 WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'
UNION ALL
SELECT format('the rule %%I on %%s', r.rulename, r.ev_class::regclass)
  FROM target JOIN pg_rewrite r ON r.ev_class = target.id
 WHERE r.rulename <> '_RETURN' AND r.ev_enabled <> 'D'
UNION ALL
SELECT format('the deferrable constraint %%I on %%s', c.conname, c.conrelid::regclass)
  FROM target JOIN pg_constraint c ON c.conrelid = target.id
 WHERE c.contype IN ('p', 'u', 'x') AND c.condeferrable
UNION ALL
SELECT format('%%s is not an ordinary table', c.oid::regclass)
  FROM target JOIN pg_class c ON c.oid = target.id
 WHERE c.relkind <> 'r' OR c.relhassubclass OR c.relispartition
LIMIT 1

-- name: target_foreign_keys
-- The foreign keys of the tables that are loaded, column by column (filled: by a default), and whether the parent's rows may be locked.
SELECT c.conrelid::regclass::text AS child, c.conname::text AS name, c.confrelid::regclass::text AS parent,
       c.confmatchtype = 'f' AS match_full,
       array_agg(a.attname::text ORDER BY k.place) AS columns,
       array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY k.place) AS types,
       array_agg(a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL ORDER BY k.place) AS filled,
       array_agg(p.attname::text ORDER BY k.place) AS parent_columns,
       has_table_privilege(c.confrelid, 'SELECT') AND has_any_column_privilege(c.confrelid, 'UPDATE') AS may_lock
  FROM pg_constraint c
 CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(child_column, parent_column, place)
  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.child_column
  JOIN pg_type t ON t.oid = a.atttypid  -- a domain may have a default, too
  JOIN pg_attribute p ON p.attrelid = c.confrelid AND p.attnum = k.parent_column
 WHERE c.contype = 'f' AND c.conrelid = ANY(%(tables)s::text[]::regclass[])
 GROUP BY c.oid
 ORDER BY c.conname

-- name: insert_versions
-- Version 1 of each submission just loaded; it shares the submission's id, so both tables keep a job in one key range.
INSERT INTO form_submission_versions
       (id, submission_id, version_number, payload_snapshot, changed_by, change_reason, created_at)
SELECT id, id, 1, payload, submitter_id, 'batch_import', created_at
  FROM form_submissions
 WHERE id BETWEEN %(first_id)s AND %(last_id)s AND import_job_id = %(job_id)s

-- name: row_xacts
-- The transaction ids that rows just loaded carry. Rows that were loaded under a savepoint carry the savepoint's.
SELECT DISTINCT xmin::text FROM form_submissions WHERE id BETWEEN %(first_id)s AND %(last_id)s AND import_job_id = %(job_id)s

-- name: count_submissions
-- Rows of the job really in the table, found by the key range of their computed ids.
SELECT count(*) FROM form_submissions WHERE id BETWEEN %(first_id)s AND %(last_id)s AND import_job_id = %(job_id)s

-- name: count_versions
-- First versions in that range; each has its submission's id.
SELECT count(*) FROM form_submission_versions
 WHERE id BETWEEN %(first_id)s AND %(last_id)s AND submission_id = id AND version_number = 1

-- name: count_files
-- Rows of submission_files in one field's range of computed ids.
SELECT count(*) FROM submission_files WHERE id BETWEEN %(first_id)s AND %(last_id)s AND field_key = %(field_key)s

-- name: delete_files
DELETE FROM submission_files WHERE id BETWEEN %(first_id)s AND %(last_id)s AND field_key = %(field_key)s

-- name: count_errors
SELECT count(*) AS errors, count(DISTINCT row_number) AS failed_rows
  FROM import_worker.errors
 WHERE job_id = %(job_id)s

-- name: summarize_errors
-- Errors by type and field, commonest first, with an example of each.
SELECT error_type, field_key, count(*) AS errors, count(DISTINCT row_number) AS failed_rows,
       -- The first row's message, found without sorting: a row number of fixed width, then the message.
       substr(min(lpad(row_number::text, 13, '0') || error_message), 14) AS example_message, min(row_number) AS first_row
  FROM import_worker.errors
 WHERE job_id = %(job_id)s
   AND (%(field)s::text IS NULL OR field_key = %(field)s)
   AND (%(type)s::text IS NULL OR error_type = %(type)s)
 GROUP BY error_type, field_key
 ORDER BY count(*) DESC, error_type, field_key

-- name: cells_of_errors
-- The different cells among a job's first errors of some types, by field, in order of rows. Cells are cut, errors are limited
-- before they are grouped: a job may have millions, and a look at the first is enough for a suggestion that says so.
SELECT field_key, error_type, column_name, cell, count(*) AS errors
  FROM (SELECT field_key, error_type, column_name, left(raw_value, %(characters)s) AS cell, row_number
          FROM import_worker.errors
         WHERE job_id = %(job_id)s
           AND error_type = ANY(%(types)s)
           AND (%(field)s::text IS NULL OR field_key = %(field)s)
         ORDER BY row_number, ordinal
         LIMIT %(limit)s) first_errors
 GROUP BY field_key, error_type, column_name, cell
 ORDER BY min(row_number)

-- name: unresolved_values
-- The values that a lookup did not find, once each, most frequent first. A sensitive value is masked in the table already.
SELECT field_key, raw_value AS value, count(*) AS rows
  FROM import_worker.errors
 WHERE job_id = %(job_id)s AND error_type = 'not_found'
   AND (%(field)s::text IS NULL OR field_key = %(field)s)
 GROUP BY field_key, raw_value
 ORDER BY count(*) DESC, field_key, raw_value
 LIMIT %(limit)s

-- name: list_errors
SELECT row_number, field_key, error_type, error_message, raw_value, column_name, line
  FROM import_worker.errors
 WHERE job_id = %(job_id)s
   AND (%(field)s::text IS NULL OR field_key = %(field)s)
   AND (%(type)s::text IS NULL OR error_type = %(type)s)
 ORDER BY row_number, ordinal
 LIMIT %(limit)s

-- name: replace_job_errors
-- The first errors into the host's table; done again, it gives the same.
WITH gone AS (DELETE FROM import_job_errors WHERE job_id = %(job_id)s)
INSERT INTO import_job_errors (id, job_id, row_number, field_key, error_type, error_message, raw_value, created_at)
SELECT gen_random_uuid(), job_id, least(row_number, 2147483647), field_key, error_type, error_message, raw_value, now()
  FROM import_worker.errors
 WHERE job_id = %(job_id)s
 ORDER BY row_number, ordinal
 LIMIT %(limit)s

-- name: start_attempt
-- No row when another worker took the same number at the same moment; ask again.
INSERT INTO import_worker.attempts (job_id, attempt, worker)
SELECT %(job_id)s, coalesce(max(attempt), 0) + 1, %(worker)s FROM import_worker.attempts WHERE job_id = %(job_id)s
ON CONFLICT DO NOTHING
RETURNING attempt

-- name: fruitless_attempts
-- Attempts that died or failed since the last chunk was finished: what the limit on attempts counts.
SELECT count(*)
  FROM import_worker.attempts a
 WHERE a.job_id = %(job_id)s
   AND (a.outcome IN ('error', 'lost') OR (a.outcome IS NULL AND a.heartbeat_at < now() - make_interval(secs => %(silent_seconds)s)))
   AND a.started_at > coalesce((SELECT max(done_at) FROM import_worker.chunks c WHERE c.job_id = a.job_id AND c.state = 'done'),
                               '-infinity')

-- name: heartbeat
UPDATE import_worker.attempts SET heartbeat_at = now(), progress = %(progress)s
 WHERE job_id = %(job_id)s AND attempt = %(attempt)s

-- name: end_attempt
UPDATE import_worker.attempts
   SET ended_at = now(), heartbeat_at = now(), outcome = %(outcome)s, message = %(message)s, progress = NULL
 WHERE job_id = %(job_id)s AND attempt = %(attempt)s

-- name: list_attempts
SELECT attempt, worker, started_at, heartbeat_at, ended_at, outcome, message, progress
  FROM import_worker.attempts WHERE job_id = %(job_id)s ORDER BY attempt

-- name: record_event
INSERT INTO import_worker.events (job_id, type, data) VALUES (%(job_id)s, %(type)s, %(data)s)

-- name: record_progress_event
-- Only if no worker of the job recorded one in the last seconds.
INSERT INTO import_worker.events (job_id, type, data)
SELECT %(job_id)s, %(type)s, %(data)s
 WHERE NOT EXISTS (SELECT FROM import_worker.events
                    WHERE job_id = %(job_id)s AND type = %(type)s
                      AND created_at > clock_timestamp() - make_interval(secs => %(seconds)s))

-- name: commit_on_disk
-- An event may be sent as soon as it is committed, so its commit must outlive a crash of the server, whatever the role's default.
SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'

-- name: hold_job_status
-- Events of one job are recorded one after the other, so that their ids are in order of their commits.
SELECT status::text FROM import_jobs WHERE id = %(job_id)s FOR NO KEY UPDATE

-- name: begin_sending
-- A sender that freezes in the middle must let go of the events that it has locked.
SELECT set_config('idle_in_transaction_session_timeout', '60s', true)

-- name: skip_events
-- Of the oldest unsettled events, those that nobody needs any more: too old, or progress with a later event behind it.
UPDATE import_worker.events
   SET skipped_at = now()
 WHERE id IN (
       SELECT e.id
         FROM import_worker.events e
        WHERE e.id IN (SELECT u.id FROM import_worker.events u
                        WHERE u.sent_at IS NULL AND u.skipped_at IS NULL
                        ORDER BY u.id LIMIT %(limit)s)
          AND e.sent_at IS NULL AND e.skipped_at IS NULL
          AND (e.created_at < now() - make_interval(secs => %(max_age_seconds)s)
               OR e.type = %(progress)s
                  AND EXISTS (SELECT FROM import_worker.events later WHERE later.job_id = e.job_id AND later.id > e.id))
          FOR UPDATE SKIP LOCKED)

-- name: claim_events
-- The first unsettled event of each of several jobs, locked: while one sender has a job's first event, no other sender gets at
-- the job's later ones, so the order per job is kept, and nothing has to be given back by a sender that dies.
SELECT e.id, e.job_id, e.type, e.data, e.created_at
  FROM import_worker.events e
 WHERE e.sent_at IS NULL AND e.skipped_at IS NULL AND e.id <> ALL(%(leave_out)s::bigint[])
   AND NOT EXISTS (SELECT FROM import_worker.events earlier
                    WHERE earlier.job_id = e.job_id AND earlier.id < e.id
                      AND earlier.sent_at IS NULL AND earlier.skipped_at IS NULL)
 ORDER BY e.id
 LIMIT %(limit)s
   FOR UPDATE SKIP LOCKED

-- name: mark_sent
UPDATE import_worker.events SET sent_at = clock_timestamp() WHERE id = ANY(%(ids)s::bigint[])

-- name: actor_may_import
-- Contract section 4, "who may", as the host's own guard has it: an active member of the organisation or of an ancestor, somebody
-- with delegated access to one of these, or a holder of one of the platform's admin roles.
WITH RECURSIVE ancestors AS (
    SELECT id, parent_org_id, 0 AS distance FROM organizations WHERE id = %(organization_id)s
    UNION
    SELECT o.id, o.parent_org_id, a.distance + 1
      FROM organizations o JOIN ancestors a ON o.id = a.parent_org_id
     WHERE a.distance < 64
)
SELECT EXISTS (
           SELECT FROM organization_members m JOIN ancestors a ON a.id = m.organization_id
            WHERE m.user_id = %(actor)s AND m.status = 'active')
    OR EXISTS (
           SELECT FROM delegated_access d JOIN ancestors a ON a.id = d.organization_id
            WHERE d.delegate_user_id = %(actor)s
              AND d.revoked_at IS NULL AND (d.expires_at IS NULL OR d.expires_at > now()))
    OR EXISTS (
           SELECT FROM user_roles u JOIN roles r ON r.id = u.role_id
            WHERE u.user_id = %(actor)s AND r.name = ANY(%(admin_roles)s::text[])
              AND (u.expires_at IS NULL OR u.expires_at > now()))

-- name: get_form
-- The form if the organisation may use it: its own, an ancestor's, or nobody's.
WITH RECURSIVE ancestors AS (
    SELECT id, parent_org_id, 0 AS distance FROM organizations WHERE id = %(organization_id)s
    UNION
    SELECT o.id, o.parent_org_id, a.distance + 1
      FROM organizations o JOIN ancestors a ON o.id = a.parent_org_id
     WHERE a.distance < 64
)
SELECT f.id, f.name, f.status::text
  FROM forms f
 WHERE f.id = %(form_id)s AND (f.organization_id IS NULL OR f.organization_id IN (SELECT id FROM ancestors))

-- name: get_published_version
SELECT id, definition
  FROM form_versions
 WHERE form_id = %(form_id)s AND published_at IS NOT NULL
 ORDER BY version_number DESC
 LIMIT 1

-- name: get_mapping_template
-- The organisation's own, or nobody's, which is everybody's.
SELECT mappings, target_form_id
  FROM import_mapping_templates
 WHERE id = %(template_id)s AND (organization_id IS NULL OR organization_id = %(organization_id)s)

-- name: lock_audit
-- The host's own lock around its hash chain.
SELECT pg_advisory_xact_lock(42)

-- name: newest_audit_entry
-- The chain's end, and a time for the next entry: now, or just after the newest if that host's clock is ahead of ours, because the
-- chain is read in order of created_at.
SELECT (SELECT entry_hash FROM audit_logs ORDER BY created_at DESC, id DESC LIMIT 1) AS prev_hash,
       greatest(date_trunc('milliseconds', clock_timestamp()),
                (SELECT max(created_at) FROM audit_logs) + interval '1 millisecond') AS occurred_at,
       (SELECT id FROM "user" WHERE id = %(actor)s) AS actor

-- name: insert_audit_entry
INSERT INTO audit_logs (id, occurred_at, actor_user_id, actor_org_id, actor_ip, actor_user_agent, action, action_category,
                        target_type, target_id, target_org_id, changes, metadata, request_id, prev_hash, entry_hash, created_at)
VALUES (%(id)s, %(occurred_at)s, %(actor_user_id)s, %(actor_org_id)s, %(actor_ip)s, %(actor_user_agent)s, %(action)s, %(action_category)s,
        %(target_type)s, %(target_id)s, %(target_org_id)s, %(changes)s, %(metadata)s, %(request_id)s, %(prev_hash)s, %(entry_hash)s,
        %(occurred_at)s)

-- name: save_notices
UPDATE import_worker.jobs SET notices = %(notices)s WHERE job_id = %(job_id)s

-- name: get_notices
SELECT notices FROM import_worker.jobs WHERE job_id = %(job_id)s

-- name: earlier_import
-- The last other job that brought the same file into the same form. The host has no index on the hash; jobs are few beside rows.
SELECT id, completed_at
  FROM import_jobs
 WHERE target_form_id = %(form_id)s AND organization_id = %(organization_id)s AND status = 'completed'
   AND lower(source_file_hash) = %(sha256)s AND id <> %(job_id)s
 ORDER BY completed_at DESC NULLS LAST
 LIMIT 1

-- name: delete_duplicates
-- Of an earlier plan of the job.
DELETE FROM import_worker.duplicates WHERE job_id = %(job_id)s

-- name: duplicates_of_rows
-- Which rows of a chunk lose in which field, by the primary key; first_row is null where the form has the value.
SELECT row_number, field_key, first_row
  FROM import_worker.duplicates
 WHERE job_id = %(job_id)s AND row_number BETWEEN %(first_row)s AND %(last_row)s
 ORDER BY row_number, field_key

-- name: lookup_column
-- Whether a column that values are to be looked up in is there, by the search path, and may be read.
SELECT c.oid IS NOT NULL AS table_there, a.attname IS NOT NULL AS column_there, n.nspname::text AS schema,
       coalesce(has_column_privilege(c.oid, a.attnum, 'SELECT'), false) AS may_read, current_user::text AS role
  FROM (SELECT to_regclass(quote_ident(%(table)s)) AS oid) w
  LEFT JOIN pg_class c ON c.oid = w.oid
  LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = %(column)s AND a.attnum > 0 AND NOT a.attisdropped

-- name: form_values
-- For a field that is unique in its form: what the form has got, whatever became of it. One sequential read; the host has no
-- index on a value.
SELECT payload->>%(field_key)s
  FROM form_submissions
 WHERE form_id = %(form_id)s AND import_job_id IS DISTINCT FROM %(job_id)s AND payload->>%(field_key)s IS NOT NULL

-- name: row_messages
-- For rejected.csv: what is wrong with each rejected row, in one cell.
SELECT row_number,
       string_agg(concat_ws(': ', coalesce(column_name, field_key), error_message), '; ' ORDER BY ordinal)
  FROM import_worker.errors
 WHERE job_id = %(job_id)s
 GROUP BY row_number
 ORDER BY row_number

-- name: server_facts
-- For doctor: the server, the role and what it may have. A backend's id that is not the one the connection was told at its
-- beginning shows a pooler in between.
SELECT current_setting('server_version_num')::int AS version_number, current_setting('server_version') AS version,
       current_user::text AS role, current_database()::text AS database, pg_backend_pid() AS backend_pid,
       pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool AS read_only,
       current_setting('server_encoding') AS encoding, clock_timestamp() AS now,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
       - coalesce(current_setting('reserved_connections', true)::int, 0) AS max_connections,
       (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL) AS connections,
       r.rolconnlimit AS role_limit,
       (SELECT count(*) FROM pg_stat_activity WHERE usesysid = r.oid) AS role_connections,
       d.datconnlimit AS database_limit,
       (SELECT count(*) FROM pg_stat_activity WHERE datid = d.oid) AS database_connections,
       (SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout') AS statement_timeout_ms,
       has_database_privilege(d.oid, 'CREATE') AS may_create_schema
  FROM pg_roles r, pg_database d
 WHERE r.rolname = current_user AND d.datname = current_database()

-- name: worker_schema
-- For doctor: whether the worker's schema is there and may be used, and its migrations; all null without the schema.
SELECT n.oid IS NOT NULL AS there, pg_get_userbyid(n.nspowner)::text AS owner,
       coalesce(pg_has_role(n.nspowner, 'MEMBER'), false) AS owned, coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS may_use,
       c.oid IS NOT NULL AS migrated, coalesce(has_table_privilege(c.oid, 'SELECT'), false) AS may_read
  FROM (SELECT 1) one
  LEFT JOIN pg_namespace n ON n.nspname = 'import_worker'
  LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'migrations'

-- name: applied_migrations
SELECT name FROM import_worker.migrations ORDER BY name

-- name: own_tables
-- For doctor: the tables of the worker's schema, whoever may use them.
SELECT c.oid::bigint AS oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'import_worker' AND c.relkind = 'r'
 ORDER BY c.relname

-- name: find_tables
-- For doctor: where the host's tables are, by the search path; else in which schemas there are tables of that name.
SELECT w.name, c.oid::bigint AS oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS qualified,
       coalesce(row_security_active(c.oid), false) AS row_security,
       (SELECT array_agg(DISTINCT n2.nspname::text)
          FROM pg_class c2 JOIN pg_namespace n2 ON n2.oid = c2.relnamespace
         WHERE c2.relname = w.name AND c2.relkind IN ('r', 'p', 'v') AND n2.nspname !~ '^pg_') AS elsewhere
  FROM unnest(%(names)s::text[]) AS w(name)
  LEFT JOIN pg_class c ON c.oid = to_regclass(quote_ident(w.name))
  LEFT JOIN pg_namespace n ON n.oid = c.relnamespace

-- name: table_columns
-- For doctor: columns with the type behind any domain, and whether an INSERT that leaves the column out is refused.
WITH RECURSIVE base AS (
    SELECT a.attrelid, a.attnum, t.oid, t.typtype, t.typbasetype, t.typdefault IS NOT NULL AS filled, t.typnotnull AS needed
      FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
     WHERE a.attrelid = ANY(%(oids)s::bigint[]) AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT b.attrelid, b.attnum, t.oid, t.typtype, t.typbasetype, b.filled OR t.typdefault IS NOT NULL, b.needed OR t.typnotnull
      FROM base b JOIN pg_type t ON t.oid = b.typbasetype
     WHERE b.typtype = 'd'
)
SELECT a.attrelid::bigint AS oid, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type,
       t.typname::text AS base, t.typcategory::text AS category,
       (a.attnotnull OR b.needed) AND NOT (a.atthasdef OR a.attidentity <> '' OR b.filled) AS must_be_given
  FROM base b
  JOIN pg_attribute a ON a.attrelid = b.attrelid AND a.attnum = b.attnum
  JOIN pg_type t ON t.oid = b.oid
 WHERE b.typtype <> 'd'
 ORDER BY a.attrelid, a.attnum

-- name: missing_privileges
-- For doctor: those of the wanted privileges that the role lacks, by their place; without a column, on the whole table.
SELECT w.place::int
  FROM unnest(%(oids)s::bigint[], %(privileges)s::text[], %(columns)s::text[])
       WITH ORDINALITY AS w(oid, privilege, column_name, place)
 WHERE NOT CASE WHEN w.column_name IS NULL THEN has_table_privilege(w.oid::oid, w.privilege)
                ELSE has_column_privilege(w.oid::oid, w.column_name, w.privilege) END
 ORDER BY w.place
