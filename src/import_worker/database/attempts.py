"""Attempts: one row per worker that took a job. For people and for limits, never for correctness."""

from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from import_worker.database.connection import Connection
from import_worker.database.queries import query

SILENT_SECONDS = 30.0
"""A worker records a heartbeat every five seconds; without one for this long it is considered dead."""


def start_attempt(connection: Connection, job_id: UUID, worker: str) -> int:
    """Counts a new attempt and returns its number, from 1."""
    while True:
        row = connection.execute(query("start_attempt"), {"job_id": job_id, "worker": worker}).fetchone()
        if row is not None:
            return int(row[0])


def count_fruitless_attempts(connection: Connection, job_id: UUID) -> int:
    """Counts the attempts that died or failed for transient reasons since the last chunk was finished."""
    row = connection.execute(
        query("count_fruitless_attempts"), {"job_id": job_id, "silent_seconds": SILENT_SECONDS}
    ).fetchone()
    assert row is not None  # an aggregate
    return int(row[0])


def record_heartbeat(connection: Connection, job_id: UUID, attempt: int, progress: dict[str, int] | None) -> None:
    """Records a heartbeat. ``progress``: how far planning is (PlanningProgress); None if the attempt is not
    planning."""
    connection.execute(
        query("record_heartbeat"),
        {"job_id": job_id, "attempt": attempt, "progress": None if progress is None else Jsonb(progress)},
    )


def end_attempt(connection: Connection, job_id: UUID, attempt: int, outcome: str, message: str | None) -> None:
    connection.execute(
        query("end_attempt"), {"job_id": job_id, "attempt": attempt, "outcome": outcome, "message": message}
    )


def mark_attempt_lost(connection: Connection, job_id: UUID, worker: str, message: str) -> None:
    """Ends the attempt of a worker whose process was seen to end."""
    connection.execute(query("mark_attempt_lost"), {"job_id": job_id, "worker": worker, "message": message})


def mark_silent_attempts_lost(connection: Connection, job_id: UUID) -> int:
    """Ends the attempts at a job whose workers are considered dead; returns how many."""
    values = {"job_id": job_id, "silent_seconds": SILENT_SECONDS}
    return connection.execute(query("mark_silent_attempts_lost"), values).rowcount


def list_attempts(connection: Connection, job_id: UUID) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query("list_attempts"), {"job_id": job_id}).fetchall()
