-- import_worker.messages: launch messages of a job that were handled, by their ids.

-- name: record_message
-- Records that a message was handled. For a message that is recorded already, counts one more start.
INSERT INTO import_worker.messages AS m (job_id, message_id, action, actor)
VALUES (%(job_id)s, %(message_id)s, %(action)s, %(actor)s)
ON CONFLICT (job_id, message_id) DO UPDATE SET starts = m.starts + 1, at = now()
