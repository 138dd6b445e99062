"""The outbox: an event is recorded in the transaction that it reports, and sent afterwards."""

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from import_worker.database.connection import Connection
from import_worker.database.queries import query
from import_worker.event import EventType
from import_worker.job import UNFINISHED, Job, Status

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
    """Records an event inside the caller's transaction. ``job`` is the job as it will be after that transaction.

    Progress is recorded only if the job has not ended meanwhile and no worker recorded any in the last five seconds.
    The job's row in ``import_jobs`` is locked until the transaction ends, so that the ids of a job's events are in the
    order of their commits.
    """
    connection.execute(query("wait_for_disk_at_commit"))
    row = connection.execute(query("lock_import_job"), {"job_id": job.id}).fetchone()
    status = job.status if row is None else Status(row[0])
    if event is EventType.PROGRESS and status not in UNFINISHED:
        return
    data = {
        "jobId": str(job.id),
        "organizationId": str(job.organization_id),
        "status": str(status),
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
