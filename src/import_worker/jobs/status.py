"""The status of jobs as people and programs are shown it: read from the database and put into one shape."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from import_worker.artifacts import ReportKeys, kept_key
from import_worker.database import import_jobs
from import_worker.database.attempts import SILENT_SECONDS, list_attempts
from import_worker.database.chunks import average_chunk_seconds, get_progress
from import_worker.database.connection import Connection, transaction
from import_worker.database.notices import get_notices
from import_worker.database.queries import query
from import_worker.importing.stats import Stats, compute_stats
from import_worker.job import UNFINISHED, Job, Status
from import_worker.plan import JobPlan


@dataclass(frozen=True)
class JobStatus:
    """One job, with the worker's own records of it."""

    job: Job
    stats: Stats
    attempts: list[dict[str, Any]]
    plan: JobPlan | None
    alive: bool
    """Whether a worker has sent a heartbeat lately."""
    chunk_seconds: dict[str, float]
    notices: list[dict[str, Any]]
    """What a person may not have meant; each has ``code`` and ``message``."""

    @property
    def finished(self) -> bool:
        return self.job.status not in UNFINISHED

    def to_json(self) -> dict[str, Any]:
        """The ``--json`` document of `status` and `run`."""
        job, last = self.job, self.attempts[-1] if self.attempts else None
        return {
            "jobId": str(job.id),
            "organizationId": str(job.organization_id),
            "status": str(job.status),
            "attempt": last["attempt"] if last else None,
            "workerAlive": self.alive,
            "planning": self.planning,
            "stats": job.stats,
            "rowsPerSecond": self.stats.rows_per_second,
            "chunkSeconds": {name: round(seconds, 3) for name, seconds in self.chunk_seconds.items()},
            "secondsLeft": None if self.finished or self.stats.seconds_left is None else round(self.stats.seconds_left),
            "sourceFileKey": job.source_file_key,
            "errorReportKey": job.error_report_key,
            "rejectedRowsKey": ReportKeys.of(job.id).rejected if job.error_report_key else None,
            "keptRowsKey": kept_key(job.id) if self.rows_kept else None,
            "rowsTakenOut": self.rows_taken_out,
            "rowsKept": self.rows_kept,
            "errorSummary": job.error_summary,
            "lastError": self.last_error,
            "notices": self.notices,
            "plan": _plan_json(self.plan),
            "createdAt": _time(job.created_at),
            "startedAt": _time(job.started_at),
            "completedAt": _time(job.completed_at),
        }

    @property
    def rows_taken_out(self) -> int | None:
        """How many rows the rollback deleted; None for a job that is not rolled back, or that another program
        rolled back without recording it."""
        return self._find_rollback_count("deletedCount")

    @property
    def rows_kept(self) -> int | None:
        """How many rows the rollback left in; None as for ``rows_taken_out``."""
        return self._find_rollback_count("keptCount")

    def _find_rollback_count(self, name: str) -> int | None:
        count = self.job.error_summary.get(name) if self.job.status is Status.ROLLED_BACK else None
        return count if isinstance(count, int) else None

    @property
    def planning(self) -> dict[str, Any] | None:
        """``bytes`` of ``bytesTotal`` and ``rows`` read so far while the job is planned, and the ``step``: ``reading``,
        or ``comparing`` values of unique fields."""
        return self.attempts[-1]["progress"] if self.attempts and self.alive else None

    @property
    def last_error(self) -> str | None:
        """Why the job failed or, while it has not, why the last attempt ended badly."""
        if message := self.job.error_summary.get("message"):
            return str(message)
        for attempt in reversed(self.attempts):
            if attempt["outcome"] in ("error", "failed", "refused"):
                return str(attempt["message"])
            if attempt["outcome"] is not None:
                return None
        return None


def get_status(connection: Connection, job_id: UUID) -> JobStatus:
    """Raises JobRefused when there is no such job."""
    with transaction(connection):
        job = import_jobs.require_job(connection, job_id)
        worker_job = import_jobs.get_worker_job(connection, job_id)
        attempts = list_attempts(connection, job_id)
        seconds = average_chunk_seconds(connection, job_id)
        # A job that failed because of its notices has them in its summary alone: its plan was rolled back.
        notices = get_notices(connection, job_id) or job.error_summary.get("notices") or []
        progress = get_progress(connection, job_id)
        row = connection.execute(query("server_clock")).fetchone()
    assert row is not None
    now: datetime = row[0]
    alive = any(
        attempt["outcome"] is None and (now - attempt["heartbeat_at"]).total_seconds() < SILENT_SECONDS
        for attempt in attempts
    )
    stats = Stats.from_json(job.stats)
    if (
        not stats.rows_total and worker_job is not None and worker_job.rows_total is not None
    ):  # another program emptied them
        stats = compute_stats(progress, worker_job.rows_total, seconds=0.0)
    plan = None if worker_job is None else worker_job.plan
    return JobStatus(job, stats, attempts, plan, alive, seconds, notices)


def list_statuses(connection: Connection, status: str | None, limit: int) -> list[dict[str, Any]]:
    """The newest jobs, as the ``--json`` document of `list`."""
    with transaction(connection):
        rows = import_jobs.list_jobs(connection, status, limit)
    return [
        {
            "jobId": str(row["id"]),
            "organizationId": str(row["organization_id"]),
            "status": row["status"],
            "form": row["form_name"],
            "sourceFileKey": row["source_file_key"],
            "stats": row["stats"],
            "errorSummary": row["error_summary"],
            "createdAt": _time(row["created_at"]),
            "startedAt": _time(row["started_at"]),
            "completedAt": _time(row["completed_at"]),
        }
        for row in rows
    ]


def _plan_json(plan: JobPlan | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {
        "rowsTotal": plan.rows_total,
        "bytes": plan.size,
        "sha256": plan.sha256,
        "format": plan.format or None,
        "header": plan.header,
        "mapping": plan.mapping,
        "options": plan.options,
        "formVersionId": plan.form_version_id,
    }


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
