-- import_worker.events: the outbox. An event is *waiting* while it is neither sent nor skipped.

-- name: was_started_here
-- A row if a worker of this program has begun the job.
SELECT FROM import_worker.events WHERE job_id = %(job_id)s AND type = 'solstice.import.started' LIMIT 1

-- name: record_event
-- Records an event, in the transaction that it reports.
INSERT INTO import_worker.events (job_id, type, data) VALUES (%(job_id)s, %(type)s, %(data)s)

-- name: record_progress_event
-- Records progress, unless a worker of the job recorded some in the last seconds.
INSERT INTO import_worker.events (job_id, type, data)
SELECT %(job_id)s, %(type)s, %(data)s
 WHERE NOT EXISTS (SELECT FROM import_worker.events
                    WHERE job_id = %(job_id)s AND type = %(type)s
                      AND created_at > clock_timestamp() - make_interval(secs => %(seconds)s))

-- name: wait_for_disk_at_commit
-- Makes this transaction's commit wait for the server's disk, whatever the role's default: an event may be sent as soon as it
-- is committed, so a crash of the server must not lose it.
SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'

-- name: begin_sending
-- Limits how long this transaction may idle, so that a sender that hangs releases the events that it has locked.
SELECT set_config('idle_in_transaction_session_timeout', '60s', true)

-- name: skip_events
-- Skips those of the oldest waiting events that nobody needs: events that are too old, and progress with a later event of the
-- same job. Events that a sender has locked are left out.
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
-- The first waiting event of each of several jobs, locked. While one sender has a job's first event, no other sender can claim
-- the job's later ones, so the order per job is kept. If a sender dies, its locks end with its connection.
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
-- Marks events that the queue accepted, in the transaction that claimed them.
UPDATE import_worker.events SET sent_at = clock_timestamp() WHERE id = ANY(%(ids)s::bigint[])
