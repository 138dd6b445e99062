"""Cancelling and rolling back: one process makes the stop request, and any process carries it out."""

from uuid import UUID

import structlog

from import_worker.database import import_jobs
from import_worker.database.connection import Connection, transaction
from import_worker.database.host import is_user
from import_worker.database.stop_requests import Edited, make_stop_request
from import_worker.errors import JobRefused, UsageError
from import_worker.importing.rollback import Progress, check_rollback, check_rolled_back
from import_worker.importing.stop_requests import carry_out_request
from import_worker.job import UNFINISHED, Job, Status
from import_worker.objects import ObjectStore

log = structlog.stdlib.get_logger(__name__)


def cancel_job(connection: Connection, store: ObjectStore, job_id: UUID, *, actor: str | None) -> Job:
    """Stops a job between chunks and keeps the rows that are in; returns the cancelled job.

    Waits for chunks in flight; no worker needs to run the job. Repeating it is harmless. ``actor`` is the user who
    asks, None for the job's creator. Raises JobRefused when the job has ended, UsageError for an unknown actor."""
    with transaction(connection):
        job = import_jobs.require_job(connection, job_id)
        if job.status is Status.CANCELLED:
            return job
        if job.status not in UNFINISHED and job.status is not Status.VALIDATED:
            raise JobRefused(f"Job {job_id} is {job.status.replace('_', ' ')} already; there is nothing to cancel.")
        _check_user(connection, actor)
        import_jobs.ensure_worker_job(connection, job_id)
        make_stop_request(connection, job_id, "cancel", actor=actor)
    carry_out_request(connection, store, job_id)
    with transaction(connection):
        job = import_jobs.require_job(connection, job_id)
    if job.status is not Status.CANCELLED:
        raise JobRefused(f"Job {job_id} was {job.status.replace('_', ' ')} before it could be cancelled.")
    return job


def rollback_job(
    connection: Connection,
    store: ObjectStore,
    job_id: UUID,
    *,
    actor: str | None,
    reason: str | None,
    edited: Edited = "keep",
    on_progress: Progress = lambda _done, _total: None,
) -> Job:
    """Takes out all rows of a job that nobody has touched, in bounded transactions; returns the job rolled back.

    A job that is still running is cancelled first. After a crash, calling it again goes on. ``actor`` is the user who
    asks, None for the job's creator; ``edited`` says what becomes of rows that were edited since. ``on_progress`` is
    called with the last row number that was passed, and the number of rows in all. Raises JobRefused when the job is
    too old, may not be rolled back, or has nothing in it, and UsageError for an unknown actor or a missing privilege.
    """
    with transaction(connection):
        job = import_jobs.require_job(connection, job_id)
        if job.status is Status.ROLLED_BACK:
            check_rolled_back(connection, job, edited)
            return job
        _check_user(connection, actor)
        check_rollback(connection, job)
        import_jobs.ensure_worker_job(connection, job_id)
        make_stop_request(connection, job_id, "rollback", actor=actor, reason=reason, edited=edited)
    carry_out_request(connection, store, job_id, on_progress=on_progress)
    with transaction(connection):
        return import_jobs.require_job(connection, job_id)


def _check_user(connection: Connection, actor: str | None) -> None:
    if actor is not None and not is_user(connection, actor):
        raise UsageError(f"There is no user {actor!r}; name one by id.")
