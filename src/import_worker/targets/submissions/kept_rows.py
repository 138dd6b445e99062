"""Rows that a rollback leaves in: noted while it goes, counted and listed at its end."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from psycopg import sql

from import_worker.database.connection import Connection
from import_worker.database.queries import query
from import_worker.targets.submissions.ids import ROW_BITS, RowIds


def forget_kept(connection: Connection, job_id: UUID) -> None:
    connection.execute(query("start_undo"), {"job_id": job_id})


def keep_rows(connection: Connection, job_id: UUID, ids: Sequence[UUID], reason: str) -> None:
    connection.execute(query("keep_rows"), {"job_id": job_id, "ids": list(ids), "reason": reason})


def keep_rest(connection: Connection, job_id: UUID, ids: RowIds) -> None:
    """Notes whatever is still in the job's own range of ids; such a row is one that somebody wrote."""
    first_id, last_id = ids.bounds()
    connection.execute("SET LOCAL enable_seqscan = off")
    connection.execute(query("keep_rest"), {"job_id": job_id, "first_id": first_id, "last_id": last_id})
    connection.execute("SET LOCAL enable_seqscan = on")


def count_kept(connection: Connection, job_id: UUID) -> dict[str, int]:
    """How many, by reason (``edited``, ``referred``)."""
    return {str(reason): int(rows) for reason, rows in connection.execute(query("count_kept"), {"job_id": job_id})}


def stream_kept(connection: Connection, job_id: UUID, ids: RowIds | None) -> Iterator[bytes]:
    """``kept.csv`` in blocks: each row's number in the file (empty for a row with an id that is not of ``ids``), its
    submission and why it was kept. The transaction must stay open meanwhile."""
    number: sql.Composable = sql.SQL("NULL::bigint")
    if ids is not None:
        first_id, last_id = ids.bounds()
        number = sql.SQL(
            "CASE WHEN submission_id BETWEEN {} AND {}"
            " THEN ('x' || right(replace(submission_id::text, '-', ''), {}))::bit({})::bigint END"
        ).format(*map(sql.Literal, (first_id, last_id, ROW_BITS // 4, ROW_BITS)))
    statement = sql.SQL(
        'COPY (SELECT {} AS "rowNumber", submission_id AS "submissionId", reason FROM import_worker.kept_rows'
        " WHERE job_id = {} ORDER BY submission_id) TO STDOUT (FORMAT csv, HEADER)"
    ).format(number, sql.Literal(job_id))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            yield bytes(block)
