"""Recording how an attempt ended that failed, was refused or was interrupted."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from import_worker.database import attempts, chunks, import_jobs
from import_worker.database.connection import Connection, connect, transaction
from import_worker.database.events import record_event
from import_worker.database.stop_requests import delete_stop_request, get_stop_request, make_stop_request
from import_worker.errors import ImportWorkerError, Interrupted, JobFailed, JobRefused
from import_worker.event import EventType
from import_worker.importing.attempt import Attempt
from import_worker.importing.planned_job import PlannedJob
from import_worker.importing.report import write_reports
from import_worker.importing.stats import compute_stats
from import_worker.importing.summary import summarize
from import_worker.job import UNFINISHED, Status

log = structlog.stdlib.get_logger(__name__)


def record_end(attempt: Attempt, error: BaseException) -> bool:
    """Records the end of an attempt and, for a JobFailed, the failure of its job, over a connection of its own; True
    if the job failed by it.

    Best effort: nothing is raised when the end cannot be recorded. The caller has the error itself, and `reap` finds
    the job by its missing heartbeat.
    """
    # The text of any other error may quote a row, so only its type is recorded.
    message = str(error) if isinstance(error, ImportWorkerError) else type(error).__name__
    job_id = attempt.job_id
    failed = committed = False
    with (
        _best_effort("the end of the attempt could not be recorded"),
        _connect(attempt.database_url) as connection,
    ):
        if isinstance(error, JobFailed):
            outcome = "failed"
            with transaction(connection):
                make_stop_request(connection, job_id, "halt", reason=str(error.reason))
        elif isinstance(error, Interrupted | KeyboardInterrupt):
            outcome = "interrupted"
        else:
            outcome = "refused" if isinstance(error, JobRefused) else "error"
        with transaction(connection):
            if isinstance(error, JobFailed):
                # The halt keeps new chunks from beginning; those in flight are waited for.
                import_jobs.lock_job(connection, job_id, wait=True)
                failed = _fail(connection, attempt, error)
            elif outcome == "interrupted":
                job = import_jobs.require_job(connection, job_id)
                record_event(connection, EventType.INTERRUPTED, job, attempt=attempt.number, stats=job.stats)
            attempts.end_attempt(connection, job_id, attempt.number, outcome, message)
        committed = True
    return failed and committed


def _fail(connection: Connection, attempt: Attempt, error: JobFailed) -> bool:
    """Ends the job as failed, unless it has ended already. Rows that are in stay in; the reports are written as for a
    job that completed."""
    job = import_jobs.require_job(connection, attempt.job_id)
    request = get_stop_request(connection, job.id)
    if request is not None and request.kind == "halt":
        delete_stop_request(connection, job.id)
    if job.status not in UNFINISHED:
        return False
    worker_job = import_jobs.get_worker_job(connection, job.id)
    stats, report_key, summary = job.stats, None, {}
    if worker_job is not None and worker_job.plan is not None:
        planned = PlannedJob.of(job, worker_job.plan, dry_run=worker_job.dry_run)
        measured = compute_stats(chunks.get_progress(connection, job.id), worker_job.plan.rows_total, seconds=0.0)
        stats = measured.to_json()
        summary = summarize(connection, job.id, measured)
        if measured.error_count:
            with _best_effort("the reports of the failed job could not be written"), connection.transaction():
                report_key = write_reports(connection, attempt.store, planned)
    import_jobs.change_status(
        connection,
        job,
        Status.FAILED,
        actor=attempt.actor.user_id,
        attempt=attempt.number,
        stats=stats,
        error_report_key=report_key,
        error_summary={"reason": str(error.reason), "message": str(error), **summary, **error.details},
    )
    return True


def _connect(url: str) -> Connection:
    # A stopping worker has ten seconds for everything, and the database may be what does not answer.
    return connect(url, timeout_seconds=2)


@contextmanager
def _best_effort(warning: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001  (nothing that goes wrong here may hide how the attempt ended)
        log.warning(warning, why=str(error) if isinstance(error, ImportWorkerError) else type(error).__name__)
