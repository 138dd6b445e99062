"""The worker's errors table: each chunk inserts its errors, and the reports read them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

import polars as pl

from import_worker.database.connection import Connection, transaction
from import_worker.database.queries import query
from import_worker.row_errors.frame import ERROR_SCHEMA


def insert_errors(connection: Connection, job_id: UUID, errors: pl.DataFrame) -> None:
    """COPYs an errors frame (ERROR_SCHEMA), inside the caller's transaction."""
    text = errors.select(pl.lit(str(job_id)).alias("job_id"), *ERROR_SCHEMA).write_csv(
        include_header=False, quote_style="non_numeric"
    )
    with connection.cursor() as cursor, cursor.copy(query("copy_errors")) as copy:
        copy.write(text)


def stream_report(connection: Connection, job_id: UUID) -> Iterator[bytes]:
    """Yields ``errors.csv`` in blocks, in order of rows, as PostgreSQL writes it. The transaction must stay open
    meanwhile."""
    with connection.cursor() as cursor, cursor.copy(query("write_report"), {"job_id": job_id}) as copy:
        for block in copy:
            yield bytes(block)


def stream_row_messages(connection: Connection, job_id: UUID) -> Iterator[tuple[int, str]]:
    """Yields (row number, all its messages in one text) for every rejected row, in order, in bounded memory.

    Each message names its column, or its field where there is no column.
    """
    with connection.cursor(name="row_messages") as cursor:
        cursor.itersize = 10_000
        cursor.execute(query("row_messages"), {"job_id": job_id})
        for row, messages in cursor:
            yield int(row), str(messages)


ERASED_AT_ONCE = 100_000


def erase_raw_values(connection: Connection, job_id: UUID) -> None:
    """Erases the raw values of a job's errors, in bounded transactions of its own."""
    with transaction(connection):
        row = connection.execute(query("last_error_row"), {"job_id": job_id}).fetchone()
    assert row is not None  # an aggregate
    for first in range(0, int(row[0]) + 1, ERASED_AT_ONCE):
        values = {"job_id": job_id, "first_row": first, "last_row": first + ERASED_AT_ONCE - 1}
        with transaction(connection):
            connection.execute(query("erase_raw_values"), values)


@dataclass(frozen=True)
class ErrorCells:
    """The errors of one type in one field. ``cells`` maps the different cells, in order of rows, to the number of their
    errors."""

    field_key: str
    error_type: str
    column: str
    cells: Mapping[str, int]


def list_error_cells(
    connection: Connection, job_id: UUID, field: str | None, types: Collection[str], *, limit: int, characters: int
) -> list[ErrorCells]:
    """The cells of a job's first ``limit`` errors of these types (of one field, if it is named), cut to ``characters``.

    Errors without a field or a column are left out.
    """
    values = {"job_id": job_id, "field": field, "types": list(types), "limit": limit, "characters": characters}
    found: dict[tuple[str, str, str], dict[str, int]] = {}
    for field_key, error_type, column, cell, errors in connection.execute(query("list_error_cells"), values):
        if field_key is not None and column is not None:
            found.setdefault((field_key, error_type, column), {})[cell or ""] = errors
    return [ErrorCells(*key, cells) for key, cells in found.items()]


def count_errors(connection: Connection, job_id: UUID) -> tuple[int, int]:
    """How many errors the job has, and in how many rows."""
    row = connection.execute(query("count_errors"), {"job_id": job_id}).fetchone()
    assert row is not None  # an aggregate
    return int(row[0]), int(row[1])
