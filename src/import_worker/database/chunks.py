"""The chunk table: claim, checkpoint and progress in one."""

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
    """Prepares the caller's transaction; says whether chunks of the job may be imported, and keeps it so until the
    end."""
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
    """The checkpoint, in the transaction of the chunk's rows."""
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


def note_commit(connection: Connection, job_id: UUID, number: int, seconds: float) -> None:
    """Adds to a done chunk how long its commit took."""
    connection.execute(query("note_commit"), {"job_id": job_id, "number": number, "seconds": seconds})


def chunk_seconds(connection: Connection, job_id: UUID) -> dict[str, float]:
    """What a done chunk took on average, by step: read, validate, copy, versions, commit; of which nothing is known yet
    is left out. Reading and validating go on while the piece before is copied."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query("chunk_seconds"), {"job_id": job_id}).fetchone()
    assert row is not None  # an aggregate
    return {name: float(seconds) for name, seconds in row.items() if seconds is not None}


def count_pending(connection: Connection, job_id: UUID) -> int:
    row = connection.execute(query("count_pending_chunks"), {"job_id": job_id}).fetchone()
    assert row is not None  # an aggregate
    return int(row[0])


def chunks_with_failures(connection: Connection, job_id: UUID) -> list[Chunk]:
    """The chunks in which a row was rejected, in order."""
    with connection.cursor(row_factory=class_row(Chunk)) as cursor:
        return cursor.execute(query("chunks_with_failures"), {"job_id": job_id}).fetchall()


def get_progress(connection: Connection, job_id: UUID) -> ChunkProgress:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query("chunk_progress"), {"job_id": job_id}).fetchone()
    assert row is not None  # an aggregate
    return ChunkProgress(**{name: row[name] for name in ChunkProgress.__dataclass_fields__})


def forget_dry_run(connection: Connection, job_id: UUID) -> None:
    """Forgets a dry run: its errors, and that its chunks were done."""
    connection.execute(query("delete_errors"), {"job_id": job_id})
    connection.execute(query("reset_chunks"), {"job_id": job_id})
