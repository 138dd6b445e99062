"""Inserts submissions and their first versions, and counts them."""

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
"""The columns that the statement ``insert_versions`` fills."""


def row_template(connection: Connection, keys: SubmissionKeys, now: datetime) -> RowTemplate:
    """The template of a job's rows, encoded in the types of the table's columns. Runs inside the caller's
    transaction."""
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
    """Checks deferred constraints now instead of at COMMIT, while it can still be found which row violates them."""
    connection.execute(query("check_constraints_now"))
    connection.execute(query("defer_constraints"))


def list_row_xacts(
    connection: Connection, keys: SubmissionKeys, first_row: int, last_row: int, *, alike: bool
) -> tuple[str, ...]:
    """The transaction ids (xmin) of the rows just loaded, each once. Runs inside the caller's transaction.

    ``alike``: all rows have the same id, because they were loaded under one savepoint and no trigger wrote any; then
    only one row is read.
    """
    ids = keys.ids
    values = {"first_id": ids.of_row(first_row), "last_id": ids.of_row(last_row), "job_id": keys.job_id}
    return tuple(xact for (xact,) in connection.execute(query("first_row_xact" if alike else "row_xacts"), values))


def read_again(connection: Connection, keys: SubmissionKeys, first_row: int, last_row: int) -> None:
    """Reads rows that have just been committed, and their versions, so that their hint bits are set (``target.Target``
    says why)."""
    connection.execute(query("forbid_sequential_scans"))
    first_id, last_id = keys.ids.of_row(first_row), keys.ids.of_row(last_row)
    for name in ("count_submissions", "count_versions"):
        _count(connection, name, keys, first_id, last_id)


def count_submissions(connection: Connection, keys: SubmissionKeys) -> int:
    """How many submissions of the job are in the table."""
    return _count(connection, "count_submissions", keys, *keys.ids.bounds())


def count_versions(connection: Connection, keys: SubmissionKeys) -> int:
    """How many first versions of the job's submissions are in the table."""
    return _count(connection, "count_versions", keys, *keys.ids.bounds())


def _count(connection: Connection, name: str, keys: SubmissionKeys, first_id: UUID, last_id: UUID) -> int:
    values = {"first_id": first_id, "last_id": last_id, "job_id": keys.job_id}
    row = connection.execute(query(name), values).fetchone()
    assert row is not None  # an aggregate
    return int(row[0])
