"""Cancelling and rolling back: asked for by one process, carried out by whichever comes by."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import structlog

from import_worker.database import chunks, jobs
from import_worker.database.connection import Connection, transaction
from import_worker.database.queries import query
from import_worker.database.requests import delete_request, get_request, make_request
from import_worker.database.submissions import Target, count_submissions, count_versions, delete_rows
from import_worker.errors import JobRefused
from import_worker.job import UNFINISHED, Job, Status
from import_worker.job_plan import JobPlan
from import_worker.stats import measure

log = structlog.stdlib.get_logger(__name__)

ROLLBACK_ROWS = 20_000
"""Rows taken out in one transaction: short enough that nobody waits long for its locks or its WAL."""


def cancel_job(connection: Connection, job_id: UUID, *, actor: str | None) -> Job:
    """Stops a job between chunks and keeps what is in; returns it cancelled.

    Waits for chunks in flight, and works just as well when nobody runs the job. Repeating it is harmless. Raises
    JobRefused when the job has ended.
    """
    with transaction(connection):
        job = jobs.require_job(connection, job_id)
        if job.status is Status.CANCELLED:
            return job
        if job.status not in UNFINISHED and job.status is not Status.VALIDATED:
            raise JobRefused(f"Job {job_id} is {job.status.replace('_', ' ')} already; there is nothing to cancel.")
        jobs.ensure_worker_job(connection, job_id)
        make_request(connection, job_id, "cancel", actor=actor)
    carry_out_request(connection, job_id)
    with transaction(connection):
        job = jobs.require_job(connection, job_id)
    if job.status is not Status.CANCELLED:
        raise JobRefused(f"Job {job_id} was {job.status.replace('_', ' ')} before it could be cancelled.")
    return job


def rollback_job(
    connection: Connection,
    job_id: UUID,
    *,
    actor: str | None,
    reason: str | None,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Job:
    """Takes all of a job's rows out again, in bounded transactions; returns it rolled back.

    A job that is still running is cancelled first. After a crash, calling it again goes on. ``on_progress`` is told row
    numbers passed and in all. Raises JobRefused when the job is too old, may not be rolled back, or has nothing in it.
    """
    with transaction(connection):
        job = jobs.require_job(connection, job_id)
        if job.status is Status.ROLLED_BACK:
            return job
        if job.status in (Status.PENDING, Status.VALIDATED):
            raise JobRefused(f"Job {job_id} is {job.status}; it has inserted nothing. Cancel it instead.")
        row = connection.execute(query("rollback_permission"), {"job_id": job_id}).fetchone()
        assert row is not None  # the job is there
        can_rollback, rollback_before, too_late = row
        if not can_rollback:
            raise JobRefused(f"Job {job_id} may not be rolled back (can_rollback is false).")
        if too_late:
            raise JobRefused(f"Job {job_id} could be rolled back until {rollback_before:%Y-%m-%d %H:%M}; that is past.")
        jobs.ensure_worker_job(connection, job_id)
        make_request(connection, job_id, "rollback", actor=actor, reason=reason)
    carry_out_request(connection, job_id, on_progress=on_progress)
    with transaction(connection):
        return jobs.require_job(connection, job_id)


def carry_out_request(
    connection: Connection,
    job_id: UUID,
    *,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> None:
    """Does what has been asked for, if anything has; also when whoever asked is dead. Several at once do it once."""
    with transaction(connection):
        if get_request(connection, job_id) is None:
            return
    with transaction(connection):
        jobs.lock_job(connection, job_id, wait=True)  # waits for the chunks in flight; no new ones begin
        request = get_request(connection, job_id)
        if request is None or request.kind == "halt":
            return
        job = jobs.require_job(connection, job_id)
        actor = request.actor or job.created_by
        stats = _stats(connection, job)
        if job.status in UNFINISHED or job.status is Status.VALIDATED:
            job = jobs.change_status(connection, job, Status.CANCELLED, actor=actor, attempt=None, stats=stats)
            log.info("job cancelled", job_id=str(job_id))
        if request.kind == "cancel":
            delete_request(connection, job_id)
            return
    if job.status is not Status.ROLLED_BACK:
        _take_out_rows(connection, job, on_progress)
    _end_rollback(connection, job_id, actor, request.reason)


def _take_out_rows(connection: Connection, job: Job, on_progress: Callable[[int, int], None]) -> None:
    with transaction(connection):
        own = jobs.get_worker_job(connection, job.id)
    if own is None or own.plan is None:
        return
    plan = JobPlan(**own.plan)
    target = plan.target(job.id, job.created_at, job.organization_id)
    for first in range(1, plan.rows_total + 1, ROLLBACK_ROWS):
        with transaction(connection):
            _delete(connection, job, target, first)
        on_progress(min(first + ROLLBACK_ROWS - 1, plan.rows_total), plan.rows_total)


def _delete(connection: Connection, job: Job, target: Target, first: int) -> None:
    try:
        delete_rows(connection, target, first, first + ROLLBACK_ROWS - 1)
    except psycopg.errors.ForeignKeyViolation as error:
        raise JobRefused(
            f"Rows of job {job.id} are used elsewhere ({error.diag.message_primary}); remove what refers to them and"
            " roll the job back again."
        ) from error


def _end_rollback(connection: Connection, job_id: UUID, actor: str, reason: str | None) -> None:
    with transaction(connection):
        jobs.lock_job(connection, job_id, wait=True)
        job = jobs.require_job(connection, job_id)
        if job.status is Status.ROLLED_BACK:
            return
        own = jobs.get_worker_job(connection, job_id)
        if own is not None and own.plan is not None:
            target = JobPlan(**own.plan).target(job.id, job.created_at, job.organization_id)
            left = count_submissions(connection, target)
            if left or count_versions(connection, target):
                raise JobRefused(f"{left:,} rows of job {job_id} are still there; roll it back again.")
        summary = dict(job.error_summary) | ({"rollbackReason": reason} if reason else {})
        jobs.change_status(
            connection,
            job,
            Status.ROLLED_BACK,
            actor=actor,
            attempt=None,
            error_report_key=job.error_report_key,
            error_summary=summary,
        )
        delete_request(connection, job_id)
    log.info("job rolled back", job_id=str(job_id), reason=reason)


def _stats(connection: Connection, job: Job) -> dict[str, Any]:
    own = jobs.get_worker_job(connection, job.id)
    if own is None or own.rows_total is None:
        return job.stats
    return measure(chunks.get_progress(connection, job.id), own.rows_total, seconds=0.0).to_json()
