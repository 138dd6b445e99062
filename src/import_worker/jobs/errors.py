"""The errors of a job, as people and programs are shown them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from import_worker.database import import_jobs
from import_worker.database.connection import Connection, transaction
from import_worker.database.queries import query
from import_worker.errors import JobRefused
from import_worker.importing.planned_job import PlannedJob
from import_worker.jobs.suggestions import suggest_cures
from import_worker.row_errors.error_type import RowErrorType

MAX_UNRESOLVED = 1_000
"""How many values that no lookup found are listed."""


def get_errors(
    connection: Connection, job_id: UUID, field: str | None, error_type: str | None, limit: int
) -> dict[str, Any]:
    """The ``--json`` document of `errors`: a summary by field and type, suggestions that would cure the errors, values
    that no lookup found, and the first errors. Raises JobRefused when there is no such job."""
    values = {"job_id": job_id, "field": field, "type": error_type, "limit": limit}
    with transaction(connection), connection.cursor(row_factory=dict_row) as cursor:
        job = import_jobs.get_job(connection, job_id)
        if job is None:
            raise JobRefused(f"There is no import job {job_id}; `import-worker list` shows those there are.")
        summary = cursor.execute(query("summarize_errors"), values).fetchall()
        errors = cursor.execute(query("list_errors"), values).fetchall()
        counts = {(row["field_key"], row["error_type"]): row["errors"] for row in summary}
        worker_job = import_jobs.get_worker_job(connection, job_id)
        unresolved = _list_unresolved(connection, job_id, field, counts)
        planned = None
        if worker_job is not None and worker_job.plan is not None:
            planned = PlannedJob.of(job, worker_job.plan, dry_run=worker_job.dry_run)
        suggestions = suggest_cures(connection, job_id, planned, counts, field)
    return {
        "jobId": str(job_id),
        "status": str(job.status),
        "lastError": job.error_summary.get("message"),
        "summary": [
            {
                "errorType": row["error_type"],
                "fieldKey": row["field_key"],
                "errors": row["errors"],
                "failedRows": row["failed_rows"],
                "example": row["example_message"],
                "firstRow": row["first_row"],
            }
            for row in summary
        ],
        **suggestions.to_json(),
        "unresolved": unresolved,
        "errors": [
            {
                "rowNumber": row["row_number"],
                "line": row["line"],
                "fieldKey": row["field_key"],
                "column": row["column_name"],
                "errorType": row["error_type"],
                "errorMessage": row["error_message"],
                "rawValue": row["raw_value"],
            }
            for row in errors
        ],
    }


def _list_unresolved(
    connection: Connection, job_id: UUID, field: str | None, counts: Collection[tuple[str | None, str]]
) -> list[dict[str, Any]]:
    """The values that a lookup did not find, each once and with the number of its rows; the most frequent first."""
    if not any(error_type == RowErrorType.NOT_FOUND for _, error_type in counts):
        return []
    values = {"job_id": job_id, "field": field, "limit": MAX_UNRESOLVED}
    rows = connection.execute(query("unresolved_values"), values).fetchall()
    return [{"fieldKey": key, "value": value, "rows": count} for key, value, count in rows]
