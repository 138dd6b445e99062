-- import_worker.launches: what was started for a job, and when it was last queued again.

-- name: lost_launches
-- Jobs for which tasks were started that never counted an attempt: no image, no secret, no address in the subnets. A
-- validated job is none of them: its launch may have been one more task of a dry run that was over by then.
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
-- Notes that the job is queued again, and returns what its last launch was like. No row when that is too soon: it was queued
-- a short while ago and nothing was started since, or what was started is still starting up, or its workers have died so
-- often that a longer pause is due.
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
-- Raises an error if the tables of launches and messages do not exist or may not be read; never returns a row.
SELECT l.actor, m.starts FROM import_worker.launches l, import_worker.messages m LIMIT 0

-- name: lock_launch
-- Tries to take the job's launch lock until the transaction ends, without waiting, so that only one caller starts workers for
-- the job. The 7 distinguishes this advisory lock from others on the same key.
SELECT pg_try_advisory_xact_lock(hashtextextended(%(job_id)s::text, 7))

-- name: discard_start
-- Counts one task less as starting, if the worker that was seen to end never counted an attempt.
UPDATE import_worker.launches l SET tasks = greatest(0, l.tasks - 1)
 WHERE l.job_id = %(job_id)s
   AND NOT EXISTS (SELECT FROM import_worker.attempts a
                    WHERE a.job_id = l.job_id AND a.worker = %(worker)s AND a.started_at >= l.launched_at)

-- name: launch_state
-- The state that decides whether to start workers for a job. `starting` counts tasks that were started a short while ago and
-- have not yet counted an attempt.
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

-- name: record_start
-- Counts a launch of a worker that counts no attempt, so that the next one has another token.
INSERT INTO import_worker.launches AS l (job_id, launches) VALUES (%(job_id)s, 1)
ON CONFLICT (job_id) DO UPDATE SET launches = l.launches + 1

-- name: record_launch
-- Records how many tasks were started, when and for which message. If the message has no options or no actor, those of the
-- previous launch are kept.
INSERT INTO import_worker.launches AS l (job_id, launches, launched_at, tasks, message_id, options, actor)
VALUES (%(job_id)s, 1, %(launched_at)s, %(tasks)s, %(message_id)s, %(options)s, %(actor)s)
ON CONFLICT (job_id) DO UPDATE
   SET launches = l.launches + 1, launched_at = excluded.launched_at, tasks = excluded.tasks, message_id = excluded.message_id,
       options = CASE WHEN excluded.options = '{}' THEN l.options ELSE excluded.options END,
       actor = coalesce(excluded.actor, l.actor)
