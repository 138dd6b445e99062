"""Loading submissions and their first versions, and counting them again."""

from datetime import datetime
from typing import Any
from uuid import UUID

import polars as pl

from import_worker.database.connection import Connection
from import_worker.database.copy_rows import RowTemplate, write_rows
from import_worker.database.queries import query
from import_worker.targets.submissions.keys import SubmissionKeys

SUBMISSION_COLUMNS = (
    *("id", "payload", "form_id", "form_version_id", "organization_id", "import_job_id", "submitter_id", "status"),
    *("completeness_score", "missing_fields", "validation_errors", "submitted_at", "created_at", "updated_at"),
)
VERSION_COLUMNS = (
    *("id", "submission_id", "version_number", "payload_snapshot", "changed_by", "change_reason", "created_at"),
)
"""What the statement ``insert_versions`` fills."""


def row_template(connection: Connection, keys: SubmissionKeys, now: datetime) -> RowTemplate:
    """What the rows of a job have in common, as the table's own types have it, inside the caller's transaction."""
    stamp = now.isoformat()
    values: dict[str, Any] = {
        **keys.parents,
        "status": "submitted",
        "completeness_score": 100,
        "missing_fields": [],
        "validation_errors": [],
        "submitted_at": stamp,
        "created_at": stamp,
        "updated_at": stamp,
    }
    return RowTemplate.fetch(connection, "form_submissions", SUBMISSION_COLUMNS, values)


def insert_submissions(
    connection: Connection, keys: SubmissionKeys, template: RowTemplate, payloads: pl.DataFrame
) -> None:
    """COPYs the rows, inside the caller's transaction. ``payloads`` has ``row`` (Int64) and ``payload`` (JSON text), in
    any order."""
    rows = template.rows(keys.ids.of_rows(payloads["row"].to_numpy()), payloads["payload"])
    write_rows(connection, "form_submissions", SUBMISSION_COLUMNS, rows)


def insert_versions(connection: Connection, keys: SubmissionKeys, first_row: int, last_row: int) -> int:
    """Inserts version 1 of the submissions just loaded, inside the caller's transaction; returns how many."""
    ids = keys.ids
    cursor = connection.execute(
        query("insert_versions"),
        {"first_id": ids.of_row(first_row), "last_id": ids.of_row(last_row), "job_id": keys.job_id},
    )
    return cursor.rowcount


def check_deferred_constraints(connection: Connection) -> None:
    """Has deferred constraints speak now, where a refusal can still be laid at a row's door, and not at COMMIT."""
    connection.execute(query("check_constraints_now"))
    connection.execute(query("defer_constraints"))


def list_row_xacts(
    connection: Connection, keys: SubmissionKeys, first_row: int, last_row: int, *, alike: bool
) -> tuple[str, ...]:
    """The transaction ids (xmin) that rows just loaded carry, each once, inside the caller's transaction.

    ``alike``: all were loaded under one savepoint, and no trigger had a hand in it, so that they carry the same id;
    then one row is looked at instead of all.
    """
    ids = keys.ids
    values = {"first_id": ids.of_row(first_row), "last_id": ids.of_row(last_row), "job_id": keys.job_id}
    return tuple(xact for (xact,) in connection.execute(query("first_row_xact" if alike else "row_xacts"), values))


def read_again(connection: Connection, keys: SubmissionKeys, first_row: int, last_row: int) -> None:
    """Reads rows that were committed just now, and their versions.

    The first reader of a row notes in it that it is committed. While its page is in memory and was logged since the
    last checkpoint, that costs next to nothing; later, in the final count or in anybody's query, it costs a full image
    of the page in the WAL, and of every page of the job.
    """
    connection.execute(query("forbid_sequential_scans"))
    first_id, last_id = keys.ids.of_row(first_row), keys.ids.of_row(last_row)
    for name in ("count_submissions", "count_versions"):
        _count(connection, name, keys, first_id, last_id)


def count_submissions(connection: Connection, keys: SubmissionKeys) -> int:
    """How many submissions of the job are really there."""
    return _count(connection, "count_submissions", keys, *keys.ids.bounds())


def count_versions(connection: Connection, keys: SubmissionKeys) -> int:
    """How many first versions of the job's submissions are really there."""
    return _count(connection, "count_versions", keys, *keys.ids.bounds())


def _count(connection: Connection, name: str, keys: SubmissionKeys, first_id: UUID, last_id: UUID) -> int:
    values = {"first_id": first_id, "last_id": last_id, "job_id": keys.job_id}
    row = connection.execute(query(name), values).fetchone()
    assert row is not None  # an aggregate
    return int(row[0])
