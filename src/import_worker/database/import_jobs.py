"""Jobs: the host's row, the worker's own row, and every change of status."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from import_worker.database.audit import append_audit_entry
from import_worker.database.connection import Connection
from import_worker.database.events import record_event
from import_worker.database.queries import query
from import_worker.errors import JobRefused
from import_worker.job import TRANSITIONS, Job, Status
from import_worker.plan import JobPlan

_AUDITED = {
    Status.COMPLETED: ("IMPORT_JOB_COMPLETE", "DATA"),
    Status.FAILED: ("IMPORT_JOB_FAILED", "DATA"),
    Status.CANCELLED: ("IMPORT_JOB_CANCELLED", "DATA"),
    Status.ROLLED_BACK: ("IMPORT_JOB_ROLLBACK", "ADMIN"),
}
"""The audit log's action and category, by the status that a job ends in (contract section 4)."""
_ENDED = frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELLED, Status.ROLLED_BACK, Status.VALIDATED})


@dataclass(frozen=True)
class WorkerJob:
    """The worker's own row: ``plan`` is None until the job is planned."""

    options: dict[str, Any]
    mapping: dict[str, Any] | None
    plan: JobPlan | None
    rows_total: int | None
    dry_run: bool


def get_job(connection: Connection, job_id: UUID) -> Job | None:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query("get_job"), {"job_id": job_id}).fetchone()
    if row is None:
        return None
    # Other programs write these columns, too, and jsonb may hold anything.
    documents = {name: row[name] if isinstance(row[name], dict) else {} for name in ("stats", "error_summary")}
    return Job(**{**row, **documents, "status": Status(row["status"])})


def require_job(connection: Connection, job_id: UUID) -> Job:
    """The job; raises JobRefused when there is none."""
    job = get_job(connection, job_id)
    if job is None:
        raise JobRefused(f"There is no import job {job_id}; `import-worker list` shows those there are.")
    return job


def has_rows(connection: Connection, job_id: UUID) -> bool:
    """Whether any submission of the job is in the table, whoever inserted it. Scans the table: the host has no index on
    the job."""
    row = connection.execute(query("has_rows"), {"job_id": job_id}).fetchone()
    assert row is not None  # a SELECT without FROM
    return bool(row[0])


def list_jobs(connection: Connection, status: str | None, limit: int) -> list[dict[str, Any]]:
    """The newest jobs of lane 2 (columns of the ``list_jobs`` query), newest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query("list_jobs"), {"status": status, "limit": limit}).fetchall()
    for row in rows:
        row |= {name: row[name] if isinstance(row[name], dict) else {} for name in ("stats", "error_summary")}
    return rows


def ensure_worker_job(
    connection: Connection,
    job_id: UUID,
    options: Mapping[str, Any] | None = None,
    mapping: Mapping[str, Any] | None = None,
) -> None:
    """Makes the worker's own row unless it exists. ``options`` given later replace earlier ones until the job is
    planned."""
    connection.execute(
        query("ensure_worker_job"),
        {
            "job_id": job_id,
            "options": Jsonb(dict(options or {})),
            "mapping": None if mapping is None else Jsonb(dict(mapping)),
        },
    )
    if options:
        connection.execute(query("set_options"), {"job_id": job_id, "options": Jsonb(dict(options))})


def get_worker_job(connection: Connection, job_id: UUID) -> WorkerJob | None:
    """Raises JobRefused for a job that a later version planned."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query("get_worker_job"), {"job_id": job_id}).fetchone()
    if row is None:
        return None
    plan = None if row["plan"] is None else JobPlan.from_json(row["plan"])
    return WorkerJob(**{**row, "plan": plan})


def lock_job(connection: Connection, job_id: UUID, *, wait: bool) -> bool:
    """Takes the job's exclusive lock for the caller's transaction; without ``wait``, False when somebody else has
    it."""
    name = "lock_job_waiting" if wait else "lock_job"
    return connection.execute(query(name), {"job_id": job_id}).fetchone() is not None


def save_plan(connection: Connection, job_id: UUID, plan: JobPlan, *, dry_run: bool) -> None:
    connection.execute(
        query("save_plan"),
        {"job_id": job_id, "plan": Jsonb(plan.to_json()), "rows_total": plan.rows_total, "dry_run": dry_run},
    )
    if plan.rows_total <= 2_147_483_647:  # the host's column is an int
        connection.execute(query("save_source_row_count"), {"job_id": job_id, "rows_total": plan.rows_total})


def discard_plan(connection: Connection, job_id: UUID) -> None:
    """Deletes a plan with its chunks, its errors and the number of rows that it found."""
    for name in ("delete_errors", "delete_chunks", "clear_source_row_count", "delete_plan"):
        connection.execute(query(name), {"job_id": job_id})


def was_started_here(connection: Connection, job_id: UUID) -> bool:
    """Whether a worker of this program has begun the job."""
    return connection.execute(query("was_started_here"), {"job_id": job_id}).fetchone() is not None


def set_dry_run(connection: Connection, job_id: UUID, *, dry_run: bool) -> None:
    connection.execute(query("set_dry_run"), {"job_id": job_id, "dry_run": dry_run})


def save_progress(connection: Connection, job_id: UUID, stats: Mapping[str, Any]) -> None:
    connection.execute(
        query("save_progress"),
        {"job_id": job_id, "stats": Jsonb(dict(stats)), "rows_processed": stats["rows_processed"]},
    )


def change_status(
    connection: Connection,
    job: Job,
    to: Status,
    *,
    actor: str,
    attempt: int | None,
    stats: Mapping[str, Any] | None = None,
    error_report_key: str | None = None,
    error_summary: Mapping[str, Any] | None = None,
    audit_metadata: Mapping[str, Any] | None = None,
) -> Job:
    """Changes the status, with its event and audit entry, inside the caller's transaction; returns the changed job.

    ``job.status`` is the status that the caller saw. ``audit_metadata`` replaces the counts in the audit entry. Raises
    JobRefused if the status has changed meanwhile, and ValueError for a change that is not in TRANSITIONS.
    """
    event = TRANSITIONS.get((job.status, to))
    if event is None:
        raise ValueError(f"a job does not go from {job.status} to {to}")
    stats = job.stats if stats is None else stats
    changed = connection.execute(
        query("change_status"),
        {
            "job_id": job.id,
            "from": job.status,
            "to": to,
            "starting": to is Status.VALIDATING,
            "ended": to in _ENDED,
            "error_summary": None if error_summary is None else Jsonb(dict(error_summary)),
        },
    )
    if changed.rowcount != 1:
        raise JobRefused(f"Job {job.id} is no longer {job.status}; look at it with `import-worker status`.")
    if to in _ENDED:
        connection.execute(
            query("save_final"),
            {
                "job_id": job.id,
                "stats": Jsonb(dict(stats)),
                "rows_processed": _count(stats, "rows_processed"),
                "error_report_key": error_report_key,
            },
        )
    after = replace(job, status=to)
    record_event(
        connection,
        event,
        after,
        attempt=attempt,
        stats=stats,
        error_report_key=error_report_key,
        error_summary=error_summary,
    )
    if audited := _AUDITED.get(to):
        action, category = audited
        append_audit_entry(
            connection,
            action=action,
            category=category,
            actor_user_id=actor,
            job_id=job.id,
            organization_id=job.organization_id,
            changes={"status": {"old": str(job.status), "new": str(to)}},
            metadata=_counts(stats, error_report_key) if audit_metadata is None else audit_metadata,
        )
    return after


def _counts(stats: Mapping[str, Any], error_report_key: str | None) -> dict[str, Any]:
    names = ("rows_total", "rows_succeeded", "rows_failed", "error_count")
    total, succeeded, failed, errors = (_count(stats, name) for name in names)
    return {
        "rowsTotal": total,
        "rowsSucceeded": succeeded,
        "rowsFailed": failed,
        "errorCount": errors,
        "errorReportKey": error_report_key,
    }


def _count(stats: Mapping[str, Any], name: str) -> int:
    """A count of a job; 0 if another program stored something other than a number."""
    value = stats.get(name)
    return value if isinstance(value, int) else 0
