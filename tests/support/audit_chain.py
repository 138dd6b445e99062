"""A check of the audit chain, written from contract section 4 and sharing no code with the product."""

import hashlib
import json
from typing import Any

from tests.support.host import Host


def broken_links(host: Host) -> list[str]:
    """What is wrong with the chain; empty when every entry follows from the one before it."""
    problems = []
    previous: str | None = None
    for row in host.query("SELECT * FROM audit_logs ORDER BY created_at, id"):
        if row["prev_hash"] != previous:
            problems.append(f"{row['action']} {row['id']} does not follow the entry before it")
        if row["entry_hash"] != expected_hash(row):
            problems.append(f"{row['action']} {row['id']} has a wrong hash")
        if row["created_at"] != row["occurred_at"]:
            problems.append(f"{row['action']} {row['id']} was created at another time than it occurred")
        previous = row["entry_hash"]
    return problems


def expected_hash(row: dict[str, Any]) -> str:
    text = {
        "id": row["id"],
        "occurredAt": {},
        "action": row["action"],
        "actionCategory": row["action_category"],
        "actorUserId": row["actor_user_id"],
        "actorOrgId": row["actor_org_id"],
        "actorIp": row["actor_ip"],
        "actorUserAgent": row["actor_user_agent"],
        "targetType": row["target_type"],
        "targetId": row["target_id"],
        "targetOrgId": row["target_org_id"],
        "changes": row["changes"],
        "metadata": row["metadata"],
        "requestId": row["request_id"],
        "prevHash": row["prev_hash"],
    }
    plain = json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(plain.encode()).hexdigest()


def append_as_the_host(host: Host, action: str, *, ahead: str = "0 seconds") -> None:
    """An entry by the host application, whose clock may be ahead of ours."""
    last = host.query("SELECT entry_hash FROM audit_logs ORDER BY created_at DESC, id DESC LIMIT 1")
    rows = host.query(
        "INSERT INTO audit_logs (action, action_category, actor_user_id, actor_ip, changes, metadata, request_id,"
        " prev_hash, entry_hash, occurred_at, created_at)"
        ' SELECT %s, \'AUTH\', %s, \'192.0.2.7\', \'{"b": [1, {"z": null, "a": "é"}], "a": true}\', \'{}\','
        " gen_random_uuid()::text, %s, '', t, t"
        " FROM (SELECT date_trunc('milliseconds', clock_timestamp()) + %s::interval AS t) AS moment RETURNING *",
        action,
        host.user_id,
        last[0]["entry_hash"] if last else None,
        ahead,
    )
    host.query("UPDATE audit_logs SET entry_hash = %s WHERE id = %s", expected_hash(rows[0]), rows[0]["id"])
