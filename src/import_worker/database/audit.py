"""Entries in the host's audit log, a chain of hashes (contract section 4)."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from import_worker import __version__
from import_worker.database.connection import Connection
from import_worker.database.json import dumps
from import_worker.database.queries import query

USER_AGENT = f"solstice-import-worker/{__version__}"


def append_audit_entry(
    connection: Connection,
    *,
    action: str,
    category: str,
    actor_user_id: str | None,
    job_id: UUID,
    organization_id: UUID,
    changes: Mapping[str, Any],
    metadata: Mapping[str, Any],
) -> None:
    """Appends an entry to the chain, inside the caller's transaction, which then holds the chain's lock until it ends.

    ``changes`` and ``metadata`` are JSON without fractions: the host hashes its own text of a number. An actor who is
    no user of the host (any more) is left out, because the host's column refers to its users.
    """
    connection.execute(query("lock_audit"))
    row = connection.execute(query("newest_audit_entry"), {"actor": actor_user_id}).fetchone()
    assert row is not None  # a SELECT without FROM
    prev_hash, occurred_at, actor = row
    entry = {
        "id": str(uuid4()),
        "action": action,
        "actionCategory": category,
        "actorUserId": actor,
        "actorOrgId": str(organization_id),
        "actorIp": None,
        "actorUserAgent": USER_AGENT,
        "targetType": "import_job",
        "targetId": str(job_id),
        "targetOrgId": str(organization_id),
        "changes": dict(changes),
        "metadata": dict(metadata),
        "requestId": str(uuid4()),
        "prevHash": prev_hash,
    }
    documents = {name: Jsonb(entry[name]) for name in ("changes", "metadata")}
    connection.execute(
        query("insert_audit_entry"), {**entry, **documents, "occurredAt": occurred_at, "entryHash": entry_hash(entry)}
    )


def entry_hash(entry: Mapping[str, Any]) -> str:
    """Hex SHA-256 of the entry's canonical JSON. The host's serializer writes a date as ``{}``."""
    return hashlib.sha256(dumps(_sorted({**entry, "occurredAt": {}})).encode()).hexdigest()


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value
