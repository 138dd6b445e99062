"""Stop requests: what somebody wants to happen to a job, committed before anybody waits for its workers."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from psycopg.rows import class_row

from import_worker.database.connection import Connection
from import_worker.database.queries import query

STALE_HALT_SECONDS = 10.0
"""A worker that fails a job needs its halt for as long as the chunks in flight take."""

Edited = Literal["keep", "take"]
"""What becomes of edited rows."""

Kind = Literal["cancel", "rollback", "halt"]


@dataclass(frozen=True)
class StopRequest:
    """``halt`` only keeps new chunks from starting while the job is being failed. Of a rollback, ``edited`` says what
    becomes of edited rows, and ``rows_taken`` how many rows were deleted so far."""

    kind: Kind
    actor: str | None
    reason: str | None
    edited: Edited | None
    rows_taken: int


def make_stop_request(
    connection: Connection,
    job_id: UUID,
    kind: Kind,
    *,
    actor: str | None = None,
    reason: str | None = None,
    edited: Edited | None = None,
) -> None:
    """Takes effect when the caller's transaction commits: from then on no chunk of the job begins."""
    values = {"job_id": job_id, "kind": kind, "actor": actor, "reason": reason, "edited": edited}
    connection.execute(query("make_stop_request"), values)


def get_stop_request(connection: Connection, job_id: UUID) -> StopRequest | None:
    with connection.cursor(row_factory=class_row(StopRequest)) as cursor:
        return cursor.execute(query("get_stop_request"), {"job_id": job_id}).fetchone()


def delete_stop_request(connection: Connection, job_id: UUID) -> None:
    connection.execute(query("delete_stop_request"), {"job_id": job_id})


def delete_stale_halt(connection: Connection, job_id: UUID) -> None:
    """Lets a job go on whose worker died between halting and failing it."""
    connection.execute(query("delete_stale_halt"), {"job_id": job_id, "seconds": STALE_HALT_SECONDS})
