"""Loading submissions and their first versions, and counting them again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import polars as pl
import pyarrow as pa

from import_worker.database.connection import Connection
from import_worker.database.ids import RowIds
from import_worker.database.queries import query

SUBMISSION_COLUMNS = (
    *("id", "payload", "form_id", "form_version_id", "organization_id", "import_job_id", "submitter_id", "status"),
    *("completeness_score", "missing_fields", "validation_errors", "submitted_at", "created_at", "updated_at"),
)
VERSION_COLUMNS = (
    *("id", "submission_id", "version_number", "payload_snapshot", "changed_by", "change_reason", "created_at"),
)
"""What the statement ``insert_versions`` fills."""

_COPY = f"COPY form_submissions ({', '.join(SUBMISSION_COLUMNS)}) FROM STDIN".encode()
_WRITE_BYTES = 1 << 20


@dataclass(frozen=True)
class Target:
    """What every submission of a job has in common."""

    job_id: UUID
    job_created_at: datetime
    form_id: UUID
    form_version_id: UUID
    organization_id: UUID
    submitter_id: str

    @property
    def keys(self) -> dict[str, str]:
        """The columns that all submissions have in common and that may refer to other tables."""
        return {
            "form_id": str(self.form_id),
            "form_version_id": str(self.form_version_id),
            "organization_id": str(self.organization_id),
            "import_job_id": str(self.job_id),
            "submitter_id": self.submitter_id,
        }

    @property
    def ids(self) -> RowIds:
        return RowIds.of(self.job_id, self.job_created_at)


def copy_lines(target: Target, payloads: pl.DataFrame, now: datetime) -> memoryview:
    """COPY text of the submissions: ``payloads`` has ``row`` (Int64) and ``payload`` (JSON text), in any order.

    The JSON escapes control characters already, so COPY's text format needs nothing but its backslashes doubled.
    """
    stamp = now.isoformat()
    constants = "\t".join(
        [
            "",
            str(target.form_id),
            str(target.form_version_id),
            str(target.organization_id),
            str(target.job_id),
            _escape(target.submitter_id),
            "submitted",
            "100",
            "[]",
            "[]",
            stamp,
            stamp,
            stamp + "\n",
        ]
    )
    payload = payloads["payload"]
    if payload.str.contains("\\", literal=True).any():
        payload = payload.str.replace_all("\\", "\\\\", literal=True)
    ids = pl.Series("id", pl.from_arrow(target.ids.of_rows(payloads["row"].to_numpy())), dtype=pl.String)
    lines = pl.select(pl.concat_str([pl.lit(ids), pl.lit("\t"), pl.lit(payload), pl.lit(constants)])).to_series()
    return _data_of(lines)


def insert_submissions(connection: Connection, target: Target, payloads: pl.DataFrame, now: datetime) -> None:
    """COPYs the rows, inside the caller's transaction."""
    lines = copy_lines(target, payloads, now)
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for piece in _pieces(lines):
            copy.write(piece)


def insert_versions(connection: Connection, target: Target, first_row: int, last_row: int) -> int:
    """Inserts version 1 of the submissions just loaded, inside the caller's transaction; returns how many."""
    ids = target.ids
    cursor = connection.execute(
        query("insert_versions"),
        {"first_id": ids.of_row(first_row), "last_id": ids.of_row(last_row), "job_id": target.job_id},
    )
    return cursor.rowcount


def settle_constraints(connection: Connection) -> None:
    """Has deferred constraints speak now, where a refusal can still be laid at a row's door, and not at COMMIT."""
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    connection.execute("SET CONSTRAINTS ALL DEFERRED")


def delete_rows(connection: Connection, target: Target, first_row: int, last_row: int) -> int:
    """Deletes the job's submissions with those row numbers, and all their versions, inside the caller's transaction."""
    ids = target.ids
    values = {"first_id": ids.of_row(first_row), "last_id": ids.of_row(last_row), "job_id": target.job_id}
    connection.execute("SET LOCAL enable_seqscan = off")
    connection.execute(query("delete_versions"), values)
    return connection.execute(query("delete_submissions"), values).rowcount


def count_submissions(connection: Connection, target: Target) -> tuple[int, int]:
    """How many submissions, and how many first versions, of the job are really there."""
    first, last = target.ids.bounds()
    row = connection.execute(
        query("count_submissions"), {"first_id": first, "last_id": last, "job_id": target.job_id}
    ).fetchone()
    assert row is not None  # an aggregate
    return int(row[0]), int(row[1])


def _data_of(lines: pl.Series) -> memoryview:
    """All strings of the series, one after the other: the data buffer of an Arrow string array, without a loop."""
    array = lines.to_arrow().cast(pa.large_string())
    if array.offset or not len(array):
        array = pa.concat_arrays([array])
    buffer = array.buffers()[2]
    return memoryview(buffer) if buffer is not None else memoryview(b"")


def _pieces(data: memoryview) -> Iterator[memoryview]:
    for start in range(0, len(data), _WRITE_BYTES):
        yield data[start : start + _WRITE_BYTES]


def _escape(text: str) -> str:
    """A value in COPY's text format."""
    for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, escaped)
    return text
