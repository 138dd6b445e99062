"""Stop requests: cancel, rollback or halt of a job, committed before anybody waits for its workers."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from psycopg.rows import class_row

from import_worker.database.connection import Connection
from import_worker.database.queries import query

STALE_HALT_SECONDS = 10.0
"""An older halt is stale: a worker that fails a job needs its halt only until the chunks in flight are finished."""

Edited = Literal["keep", "take"]
"""What a rollback does with edited rows."""

StopKind = Literal["cancel", "rollback", "halt"]


@dataclass(frozen=True)
class StopRequest:
    """``halt`` only prevents new chunks from starting while the job is being failed. For a rollback, ``edited`` says
    what happens to edited rows, and ``rows_taken`` is the number of rows deleted so far."""

    kind: StopKind
    actor: str | None
    reason: str | None
    edited: Edited | None
    rows_taken: int


def make_stop_request(
    connection: Connection,
    job_id: UUID,
    kind: StopKind,
    *,
    actor: str | None = None,
    reason: str | None = None,
    edited: Edited | None = None,
) -> None:
    """Records a stop request. It takes effect when the caller's transaction commits: then no chunk of the job
    begins."""
    values = {"job_id": job_id, "kind": kind, "actor": actor, "reason": reason, "edited": edited}
    connection.execute(query("make_stop_request"), values)


def get_stop_request(connection: Connection, job_id: UUID) -> StopRequest | None:
    with connection.cursor(row_factory=class_row(StopRequest)) as cursor:
        return cursor.execute(query("get_stop_request"), {"job_id": job_id}).fetchone()


def delete_stop_request(connection: Connection, job_id: UUID) -> None:
    connection.execute(query("delete_stop_request"), {"job_id": job_id})


def delete_stale_halt(connection: Connection, job_id: UUID) -> None:
    """Deletes the halt of a worker that died before it could fail the job, so that the job can continue."""
    connection.execute(query("delete_stale_halt"), {"job_id": job_id, "seconds": STALE_HALT_SECONDS})
