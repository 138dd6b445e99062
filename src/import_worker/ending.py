"""Writing down how an attempt ended when it did not end well."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog

from import_worker.database import attempts, chunks, jobs
from import_worker.database.connection import Connection, connect, transaction
from import_worker.database.events import record_event
from import_worker.errors import ImportWorkerError, Interrupted, JobFailed, JobRefused
from import_worker.job import UNFINISHED, EventType, Job, Status
from import_worker.stats import measure

log = structlog.stdlib.get_logger(__name__)


def record_end(url: str, job_id: UUID, attempt: int, error: BaseException) -> None:
    """Records the end of an attempt and, for a JobFailed, the failure of its job, over a connection of its own.

    Best effort: the error itself goes on to the caller, and a job whose end could not be recorded is found by its
    silence.
    """
    with _best_effort(), connect(url) as connection, transaction(connection):
        jobs.lock_job(connection, job_id, wait=True)
        job = jobs.require_job(connection, job_id)
        if isinstance(error, JobFailed):
            _fail(connection, job, attempt, error)
            outcome = "failed"
        elif isinstance(error, Interrupted | KeyboardInterrupt):
            record_event(connection, EventType.INTERRUPTED, job, attempt=attempt, stats=job.stats)
            outcome = "interrupted"
        else:
            outcome = "refused" if isinstance(error, JobRefused) else "error"
        message = str(error) if isinstance(error, ImportWorkerError) else repr(error)
        attempts.end_attempt(connection, job_id, attempt, outcome, message)


def _fail(connection: Connection, job: Job, attempt: int, error: JobFailed) -> None:
    if job.status not in UNFINISHED:
        return
    own = jobs.get_worker_job(connection, job.id)
    stats = job.stats
    if own is not None and own.rows_total is not None:
        stats = measure(chunks.get_progress(connection, job.id), own.rows_total, seconds=0.0).to_json()
    actor = str(own.plan["actor"]) if own is not None and own.plan is not None else job.created_by
    jobs.change_status(
        connection,
        job,
        Status.FAILED,
        actor=actor,
        attempt=attempt,
        stats=stats,
        error_summary={"reason": str(error.reason), "message": str(error), **error.details},
    )


@contextmanager
def _best_effort() -> Iterator[None]:
    try:
        yield
    except ImportWorkerError as error:
        log.warning("the end of the attempt could not be recorded", why=str(error))
