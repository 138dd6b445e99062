-- import_worker.events: the outbox. An event is *waiting* while it is neither sent nor skipped.

-- name: was_started_here
-- A row if a worker of this program has begun the job.
SELECT FROM import_worker.events WHERE job_id = %(job_id)s AND type = 'solstice.import.started' LIMIT 1

-- name: record_event
-- Records an event, in the transaction that it tells of.
INSERT INTO import_worker.events (job_id, type, data) VALUES (%(job_id)s, %(type)s, %(data)s)

-- name: record_progress_event
-- The same for progress, only if no worker of the job recorded any in the last seconds.
INSERT INTO import_worker.events (job_id, type, data)
SELECT %(job_id)s, %(type)s, %(data)s
 WHERE NOT EXISTS (SELECT FROM import_worker.events
                    WHERE job_id = %(job_id)s AND type = %(type)s
                      AND created_at > clock_timestamp() - make_interval(secs => %(seconds)s))

-- name: commit_on_disk
-- Has this transaction's commit wait for the server's disk, whatever the role's default: an event may be sent as soon as it
-- is committed, so its commit must outlive a crash of the server.
SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'

-- name: begin_sending
-- Limits how long this transaction may idle: a sender that freezes in the middle must let go of the events that it has
-- locked.
SELECT set_config('idle_in_transaction_session_timeout', '60s', true)

-- name: skip_events
-- Of the oldest waiting events, skips those that nobody needs any more: too old, or progress with a later event behind it.
-- Those that a sender has locked are left to it.
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
-- The first waiting event of each of several jobs, locked: while one sender has a job's first event, no other sender gets at
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
-- Marks events that the queue took, in the transaction that claimed them.
UPDATE import_worker.events SET sent_at = clock_timestamp() WHERE id = ANY(%(ids)s::bigint[])
