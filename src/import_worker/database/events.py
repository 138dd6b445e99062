"""The outbox: events are recorded in the transaction they tell of, and sent afterwards by whoever sends."""

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from import_worker.database.connection import Connection
from import_worker.database.queries import query
from import_worker.job import EventType, Job

PROGRESS_EVERY_SECONDS = 5.0


def record_event(
    connection: Connection,
    event: EventType,
    job: Job,
    *,
    attempt: int | None,
    stats: Mapping[str, Any],
    error_report_key: str | None = None,
    error_summary: Mapping[str, Any] | None = None,
) -> None:
    """Records an event about ``job`` as it is after the caller's transaction, in that transaction.

    Progress is recorded only if no worker of the job did so in the last five seconds.
    """
    data = {
        "jobId": str(job.id),
        "organizationId": str(job.organization_id),
        "status": str(job.status),
        "attempt": attempt,
        "stats": dict(stats),
        "errorReportKey": error_report_key,
        "errorSummary": dict(error_summary or {}),
    }
    values = {"job_id": job.id, "type": f"solstice.import.{event}", "data": Jsonb(data)}
    if event is EventType.PROGRESS:
        connection.execute(query("record_progress_event"), {**values, "seconds": PROGRESS_EVERY_SECONDS})
    else:
        connection.execute(query("record_event"), values)
