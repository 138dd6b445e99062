"""Counting a job's errors by type and by field."""

from typing import Any
from uuid import UUID

from import_worker.database.connection import Connection
from import_worker.database.queries import query
from import_worker.importing.stats import Stats


def summarize(connection: Connection, job_id: UUID, stats: Stats) -> dict[str, Any]:
    """``error_summary`` of a job (contract section 9), inside the caller's transaction."""
    if not stats.error_count:
        return {}
    by_type: dict[str, int] = {}
    by_field: dict[str, int] = {}
    rows = connection.execute(query("summarize_errors"), {"job_id": job_id, "field": None, "type": None})
    for error_type, field_key, errors, *_ in rows:
        by_type[error_type] = by_type.get(error_type, 0) + errors
        if field_key is not None:
            by_field[field_key] = by_field.get(field_key, 0) + errors
    return {
        "errorCount": stats.error_count,
        "failedRows": stats.rows_failed,
        "byType": by_type,
        "byField": by_field,
    }
