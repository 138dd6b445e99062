-- import_worker.attempts: one row for each worker that took a job. For people, reap and the limit on attempts, never for
-- correctness.

-- name: start_attempt
-- Counts an attempt and returns its number. No row when another worker took the same number at the same moment; ask again.
INSERT INTO import_worker.attempts (job_id, attempt, worker)
SELECT %(job_id)s, coalesce(max(attempt), 0) + 1, %(worker)s FROM import_worker.attempts WHERE job_id = %(job_id)s
ON CONFLICT DO NOTHING
RETURNING attempt

-- name: count_fruitless_attempts
-- How many attempts died or failed since the last chunk was finished. The limit on attempts applies to this number.
SELECT count(*)
  FROM import_worker.attempts a
 WHERE a.job_id = %(job_id)s
   AND (a.outcome IN ('error', 'lost') OR (a.outcome IS NULL AND a.heartbeat_at < now() - make_interval(secs => %(silent_seconds)s)))
   AND a.started_at > coalesce((SELECT max(done_at) FROM import_worker.chunks c WHERE c.job_id = a.job_id AND c.state = 'done'),
                               '-infinity')

-- name: record_heartbeat
-- Records a worker's heartbeat, and how far its planning is.
UPDATE import_worker.attempts SET heartbeat_at = now(), progress = %(progress)s
 WHERE job_id = %(job_id)s AND attempt = %(attempt)s

-- name: end_attempt
-- Writes down how an attempt ended.
UPDATE import_worker.attempts
   SET ended_at = now(), heartbeat_at = now(), outcome = %(outcome)s, message = %(message)s, progress = NULL
 WHERE job_id = %(job_id)s AND attempt = %(attempt)s

-- name: list_attempts
-- All attempts at a job, in order.
SELECT attempt, worker, started_at, heartbeat_at, ended_at, outcome, message, progress
  FROM import_worker.attempts WHERE job_id = %(job_id)s ORDER BY attempt

-- name: dead_jobs
-- Unfinished jobs that a worker took and that have had no heartbeat lately, with the time of the last one. A job that no
-- worker brought to `validating` counts if its last worker broke off, but not if it was refused.
SELECT j.id, max(a.heartbeat_at) AS last_sign
  FROM import_jobs j
  JOIN import_worker.attempts a ON a.job_id = j.id
 WHERE j.status IN ('pending', 'validating', 'importing') AND j.lane = 'batch'
 GROUP BY j.id
HAVING NOT bool_or(a.outcome IS NULL AND a.heartbeat_at > now() - make_interval(secs => %(silent_seconds)s))
   AND max(coalesce(a.ended_at, a.heartbeat_at)) < now() - make_interval(secs => %(silent_seconds)s)
   AND (j.status <> 'pending' OR (array_agg(a.outcome ORDER BY a.attempt DESC))[1] IS DISTINCT FROM 'refused')
 ORDER BY j.id

-- name: mark_attempt_lost
-- Ends the attempt of a worker whose end was noticed by the program that started it.
UPDATE import_worker.attempts
   SET outcome = 'lost', ended_at = now(), message = %(message)s
 WHERE job_id = %(job_id)s AND worker = %(worker)s AND outcome IS NULL

-- name: mark_silent_attempts_lost
-- Ends the attempts of a job whose workers have had no heartbeat for so long: they will never record how they ended.
UPDATE import_worker.attempts
   SET outcome = 'lost', ended_at = now(), message = 'The worker gave no sign of life.'
 WHERE job_id = %(job_id)s AND outcome IS NULL
   AND heartbeat_at < now() - make_interval(secs => %(silent_seconds)s)
