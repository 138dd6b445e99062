-- import_worker.messages: launch messages that were done for a job, by their ids.

-- name: record_message
-- Notes that what a message asks for was done for it. For a message that is known, counts one more start.
INSERT INTO import_worker.messages AS m (job_id, message_id, action, actor)
VALUES (%(job_id)s, %(message_id)s, %(action)s, %(actor)s)
ON CONFLICT (job_id, message_id) DO UPDATE SET starts = m.starts + 1, at = now()
