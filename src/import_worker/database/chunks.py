"""The chunk table, which holds claims, checkpoints and progress."""

from collections.abc import Iterable
from dataclasses import asdict
from uuid import UUID

from psycopg.rows import class_row, dict_row

from import_worker.chunk import Chunk, ChunkProgress, ChunkResult
from import_worker.database.connection import Connection
from import_worker.database.queries import query
from import_worker.job import Status


def insert_chunks(connection: Connection, job_id: UUID, chunks: Iterable[Chunk]) -> None:
    """Stores a plan's chunks, inside the caller's transaction."""
    with connection.cursor() as cursor, cursor.copy(query("copy_chunks")) as copy:
        for chunk in chunks:
            copy.write_row(
                (
                    job_id,
                    chunk.number,
                    chunk.first_byte,
                    chunk.end_byte,
                    chunk.first_row,
                    chunk.row_count,
                    chunk.first_line,
                )
            )


def begin_chunk(connection: Connection, job_id: UUID) -> bool:
    """Prepares the caller's transaction for a chunk. Returns whether chunks of the job may be imported; the answer
    stays true until the transaction ends, because the job's row is locked."""
    connection.execute(query("begin_chunk"))
    row = connection.execute(query("lock_job_for_chunk"), {"job_id": job_id}).fetchone()
    if row is None:
        return False
    status, dry_run, stop_requested = row
    return not stop_requested and bool(status == Status.IMPORTING or (dry_run and status == Status.VALIDATING))


def claim_chunk(connection: Connection, job_id: UUID) -> Chunk | None:
    """Locks the first pending chunk that nobody holds, until the caller's transaction ends."""
    with connection.cursor(row_factory=class_row(Chunk)) as cursor:
        return cursor.execute(query("claim_chunk"), {"job_id": job_id}).fetchone()


def finish_chunk(connection: Connection, job_id: UUID, number: int, attempt: int, result: ChunkResult) -> None:
    """Writes the checkpoint, in the transaction of the chunk's rows."""
    connection.execute(
        query("finish_chunk"),
        {
            **asdict(result),
            "job_id": job_id,
            "number": number,
            "attempt": attempt,
            "row_xacts": list(result.row_xacts),
        },
    )


def record_commit_seconds(connection: Connection, job_id: UUID, number: int, seconds: float) -> None:
    """Records for a done chunk how long its commit took."""
    connection.execute(query("record_commit_seconds"), {"job_id": job_id, "number": number, "seconds": seconds})


def average_chunk_seconds(connection: Connection, job_id: UUID) -> dict[str, float]:
    """How many seconds a done chunk took on average, by step: read, validate, copy, versions, commit. Steps without
    figures are left out. A piece is read and validated while the one before it is copied."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query("average_chunk_seconds"), {"job_id": job_id}).fetchone()
    assert row is not None  # an aggregate
    return {name: float(seconds) for name, seconds in row.items() if seconds is not None}


def count_pending(connection: Connection, job_id: UUID) -> int:
    row = connection.execute(query("count_pending_chunks"), {"job_id": job_id}).fetchone()
    assert row is not None  # an aggregate
    return int(row[0])


def list_chunks_with_failures(connection: Connection, job_id: UUID) -> list[Chunk]:
    """The chunks in which a row was rejected, in order."""
    with connection.cursor(row_factory=class_row(Chunk)) as cursor:
        return cursor.execute(query("list_chunks_with_failures"), {"job_id": job_id}).fetchall()


def get_progress(connection: Connection, job_id: UUID) -> ChunkProgress:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query("chunk_progress"), {"job_id": job_id}).fetchone()
    assert row is not None  # an aggregate
    return ChunkProgress(**{name: row[name] for name in ChunkProgress.__dataclass_fields__})


def discard_dry_run(connection: Connection, job_id: UUID) -> None:
    """Deletes the errors of a dry run, and makes its chunks pending again."""
    connection.execute(query("delete_errors"), {"job_id": job_id})
    connection.execute(query("reset_chunks"), {"job_id": job_id})
