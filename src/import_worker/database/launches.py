"""The state of a job that decides whether to start workers for it, and the record of workers started."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from import_worker.database.attempts import SILENT_SECONDS
from import_worker.database.connection import Connection
from import_worker.database.import_jobs import ensure_worker_job
from import_worker.database.queries import query
from import_worker.job import Status

STARTING_SECONDS = 180.0
"""A task that has not counted an attempt this long after RunTask never will. Fargate takes about a minute to fetch the
image and start it."""
QUEUED_SECONDS = 300.0
"""If nothing was started this long after a job was queued again, it may be queued once more."""
_LONGEST_QUIET_SECONDS = 900.0


@dataclass(frozen=True)
class LaunchState:
    """``alive`` and ``starting`` count workers; ``seen_at`` is the time of the query by the database's clock.

    ``repeated``: the message was handled before; ``starts``: how often something was started for it.
    """

    status: Status
    lane: str
    planned: bool
    dry_run: bool
    options: dict[str, Any]
    launches: int
    repeated: bool
    starts: int
    seen_at: datetime
    attempts: int
    alive: int
    starting: int


def lock_launch(connection: Connection, job_id: UUID) -> bool:
    """Takes the job's launch lock until the caller's transaction ends, so that nobody else starts workers for it.
    Returns False if another transaction has the lock."""
    row = connection.execute(query("lock_launch"), {"job_id": job_id}).fetchone()
    assert row is not None  # a SELECT without FROM
    return bool(row[0])


def get_launch_state(connection: Connection, job_id: UUID, message_id: str) -> LaunchState | None:
    """The launch state of a job, with regard to the message with that id; None for a job that the host does not
    have."""
    values = {
        "job_id": job_id,
        "message_id": message_id,
        "silent_seconds": SILENT_SECONDS,
        "starting_seconds": STARTING_SECONDS,
    }
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query("launch_state"), values).fetchone()
    return None if row is None else LaunchState(**{**row, "status": Status(row["status"])})


def record_launch(
    connection: Connection,
    job_id: UUID,
    *,
    since: datetime,
    tasks: int,
    message_id: str,
    options: Mapping[str, Any],
    actor: str | None,
) -> None:
    """Records that workers were started. ``tasks``: how many will count an attempt after ``since``, or have died.
    ``options`` and ``actor`` are those of the message; if it has none, those of the previous launch are kept."""
    ensure_worker_job(connection, job_id)
    values = {
        "job_id": job_id,
        "launched_at": since,
        "tasks": tasks,
        "message_id": message_id,
        "options": Jsonb(dict(options)),
        "actor": actor,
    }
    connection.execute(query("record_launch"), values)
    record_message(connection, job_id, message_id, "run", actor)


def record_message(connection: Connection, job_id: UUID, message_id: str, action: str, actor: str | None) -> None:
    """Records that what the message asks for was done, or that something was started to do it. The job must have a row
    in ``import_worker.jobs``."""
    values = {"job_id": job_id, "message_id": message_id, "action": action, "actor": actor}
    connection.execute(query("record_message"), values)


def record_start(connection: Connection, job_id: UUID, message_id: str, action: str, actor: str | None) -> None:
    """Records that something was started for the message that will count no attempt; the next start gets another
    token."""
    ensure_worker_job(connection, job_id)
    connection.execute(query("record_start"), {"job_id": job_id})
    record_message(connection, job_id, message_id, action, actor)


@dataclass(frozen=True)
class QueueingClaim:
    """The right to queue a job again, with the data of its last launch: how many ``tasks`` it had (0 if unknown), and
    the job ``options`` and the ``actor`` of its message."""

    tasks: int
    options: dict[str, Any]
    actor: str | None


def claim_queueing(connection: Connection, job_id: UUID, fruitless_attempts: int) -> QueueingClaim | None:
    """Claims the right to queue the job again; None if it must not be queued now. If the caller's transaction commits,
    nobody else gets a claim for a while. Each further fruitless attempt makes the required pause since the last
    heartbeat four times as long."""
    ensure_worker_job(connection, job_id)
    values = {
        "job_id": job_id,
        "queued_seconds": QUEUED_SECONDS,
        "starting_seconds": STARTING_SECONDS,
        "quiet_seconds": min(SILENT_SECONDS * 4 ** max(0, fruitless_attempts - 1), _LONGEST_QUIET_SECONDS),
    }
    row = connection.execute(query("claim_queueing"), values).fetchone()
    return None if row is None else QueueingClaim(*row)


def list_jobs_of_source_file(connection: Connection, key: str) -> list[UUID]:
    return [row[0] for row in connection.execute(query("jobs_of_source_file"), {"key": key}).fetchall()]


def discard_start(connection: Connection, job_id: UUID, worker: str) -> None:
    """Counts one task less as starting, if the worker, which was seen to end, never counted an attempt."""
    connection.execute(query("discard_start"), {"job_id": job_id, "worker": worker})
