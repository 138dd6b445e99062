-- The host's audit_logs, a chain of hashes.

-- name: lock_audit
-- The host's own lock around its hash chain, held until the transaction ends; others wait for it.
SELECT pg_advisory_xact_lock(42)

-- name: newest_audit_entry
-- The hash of the newest entry, and a time for the next one: now, or just after the newest entry's if the clock that wrote
-- that one is ahead of ours, because the chain is read in order of created_at.
SELECT (SELECT entry_hash FROM audit_logs ORDER BY created_at DESC, id DESC LIMIT 1) AS prev_hash,
       greatest(date_trunc('milliseconds', clock_timestamp()),
                (SELECT max(created_at) FROM audit_logs) + interval '1 millisecond') AS occurred_at,
       (SELECT id FROM "user" WHERE id = %(actor)s) AS actor

-- name: insert_audit_entry
-- Appends an entry. The parameters have the names that are hashed with the entry.
INSERT INTO audit_logs (id, occurred_at, actor_user_id, actor_org_id, actor_ip, actor_user_agent, action, action_category,
                        target_type, target_id, target_org_id, changes, metadata, request_id, prev_hash, entry_hash, created_at)
VALUES (%(id)s, %(occurredAt)s, %(actorUserId)s, %(actorOrgId)s, %(actorIp)s, %(actorUserAgent)s, %(action)s, %(actionCategory)s,
        %(targetType)s, %(targetId)s, %(targetOrgId)s, %(changes)s, %(metadata)s, %(requestId)s, %(prevHash)s, %(entryHash)s,
        %(occurredAt)s)
