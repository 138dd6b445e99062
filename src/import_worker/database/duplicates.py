"""Duplicates: rows whose value of a unique field occurred before. The plan stores them, and each chunk reads its
own."""

from collections.abc import Iterable, Iterator
from uuid import UUID

import polars as pl

from import_worker.chunk import Chunk
from import_worker.database.connection import Connection
from import_worker.database.queries import query

_SCHEMA = {"row": pl.Int64, "field_key": pl.String, "first_row": pl.Int64}
_VALUES_AT_A_TIME = 10_000


def replace_duplicates(connection: Connection, job_id: UUID, found: Iterable[pl.DataFrame]) -> int:
    """Replaces the job's duplicates by those of the frames, inside the caller's transaction; returns how many they are.

    The frames have ``row`` (Int64), ``field_key`` (String) and ``first_row`` (Int64, null if a submission of the form
    has the value). Iterating over ``found`` must not use the connection.
    """
    connection.execute(query("delete_duplicates"), {"job_id": job_id})
    count = 0
    with connection.cursor() as cursor, cursor.copy(query("copy_duplicates")) as copy:
        for frame in found:
            text = frame.select(pl.lit(str(job_id)).alias("job_id"), *_SCHEMA).write_csv(
                include_header=False, quote_style="non_numeric"
            )
            copy.write(text)
            count += len(frame)
    return count


def list_duplicates(connection: Connection, job_id: UUID, chunk: Chunk) -> pl.DataFrame:
    """The duplicates among a chunk's rows, in order, as they were stored."""
    values = {"job_id": job_id, "first_row": chunk.first_row, "last_row": chunk.first_row + chunk.row_count - 1}
    rows = connection.execute(query("list_duplicates"), values).fetchall()
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def stream_form_values(connection: Connection, form_id: str, field_key: str, job_id: UUID) -> Iterator[pl.Series]:
    """Yields the values that the form's submissions have for a field (String, no nulls), a bounded number at a time,
    without those of the job itself. The transaction must stay open meanwhile."""
    with connection.cursor(name="form_values") as cursor:
        cursor.execute(query("form_values"), {"form_id": form_id, "field_key": field_key, "job_id": job_id})
        while rows := cursor.fetchmany(_VALUES_AT_A_TIME):
            yield pl.Series([text for (text,) in rows], dtype=pl.String)
