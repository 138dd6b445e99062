"""Rows that a rollback keeps: recorded while it runs, counted and listed at its end."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from psycopg import sql

from import_worker.database.connection import Connection
from import_worker.database.queries import fragment, query
from import_worker.targets.submissions.ids import ROW_BITS, RowIds


def delete_kept_rows(connection: Connection, job_id: UUID) -> None:
    connection.execute(query("delete_kept_rows"), {"job_id": job_id})


def keep_rows(connection: Connection, job_id: UUID, ids: Sequence[UUID], reason: str) -> None:
    connection.execute(query("keep_rows"), {"job_id": job_id, "ids": list(ids), "reason": reason})


def keep_remaining(connection: Connection, job_id: UUID, ids: RowIds) -> None:
    """Records as edited whatever is still in the job's own range of ids: somebody must have written these rows."""
    first, last = map(sql.Literal, ids.bounds())
    scope = fragment("in_range", column=sql.SQL("s.id"), first=first, last=last)
    connection.execute(query("forbid_sequential_scans"))
    connection.execute(fragment("keep_remaining", job=sql.Literal(job_id), scope=scope))
    connection.execute(query("allow_sequential_scans"))


def count_kept(connection: Connection, job_id: UUID) -> dict[str, int]:
    """How many rows were kept, by reason (``edited``, ``referred``)."""
    return {str(reason): int(rows) for reason, rows in connection.execute(query("count_kept"), {"job_id": job_id})}


def stream_kept(connection: Connection, job_id: UUID, ids: RowIds | None) -> Iterator[bytes]:
    """Yields ``kept.csv`` in blocks: each row's number in the file (empty if its id is not one of ``ids``), its
    submission, and why it was kept. The transaction must stay open meanwhile."""
    first_id, last_id = (None, None) if ids is None else ids.bounds()
    values = {
        "job_id": job_id,
        "first_id": first_id,
        "last_id": last_id,
        "row_bits": ROW_BITS,
        "row_digits": ROW_BITS // 4,
    }
    with connection.cursor() as cursor, cursor.copy(query("write_kept_rows"), values) as copy:
        for block in copy:
            yield bytes(block)
