"""Finishing a job, once: reconciliation with the rows in the tables, reports, and the last change of status."""

import structlog

from import_worker.chunk import ChunkProgress
from import_worker.database import chunks, import_jobs
from import_worker.database.attempts import end_attempt
from import_worker.database.connection import Connection, transaction
from import_worker.database.queries import query
from import_worker.database.row_errors import count_errors
from import_worker.errors import FailureReason, JobFailed, JobRefused
from import_worker.importing.attempt import Attempt
from import_worker.importing.planned_job import PlannedJob
from import_worker.importing.report import write_reports
from import_worker.importing.staleness import check_source
from import_worker.importing.stats import Stats, compute_stats
from import_worker.importing.summary import summarize
from import_worker.importing.tolerance import check_tolerance
from import_worker.job import Job, Status
from import_worker.targets.choice import target_of
from import_worker.targets.target import Loaded, Tally

log = structlog.stdlib.get_logger(__name__)


def finish_job(connection: Connection, attempt: Attempt, planned: PlannedJob) -> Job:
    """Ends a job whose chunks are all done. One worker does so; the others wait for the job's lock, and then find the
    job ended.

    Everything is in one transaction; the reports are written to fixed keys, so a second try after a crash replaces them
    with the same. The worker that completed the job adds its seconds to the metrics, after the commit. Raises
    JobFailed ``reconciliation_failed``, or TransientError (a retry may help).
    """
    job_id, dry_run = planned.job_id, planned.dry_run
    with transaction(connection):
        import_jobs.lock_job(connection, job_id, wait=True)
        job = import_jobs.require_job(connection, job_id)
        if job.status in (Status.COMPLETED, Status.VALIDATED):
            end_attempt(connection, job_id, attempt.number, str(job.status), None)
            return job
        if job.status not in (Status.IMPORTING, Status.VALIDATING):
            raise JobRefused(f"Job {job_id} is {job.status.replace('_', ' ')} and is not finished by this worker.")
        progress = chunks.get_progress(connection, job.id)
        stats = _final_stats(connection, planned, progress)
        check_source(job, planned.plan)
        check_tolerance(stats, planned.options)
        expected = Loaded() if dry_run else Loaded(progress.rows_succeeded, progress.file_count)
        _reconcile(connection, attempt.database_url, planned, stats, expected)
        error_report_key = write_reports(connection, attempt.store, planned) if stats.error_count else None
        after = import_jobs.change_status(
            connection,
            job,
            Status.VALIDATED if dry_run else Status.COMPLETED,
            actor=attempt.actor.user_id,
            attempt=attempt.number,
            stats=stats.to_json(),
            error_report_key=error_report_key,
            error_summary=summarize(connection, job_id, stats),
        )
        end_attempt(connection, job_id, attempt.number, str(after.status), None)
        after = import_jobs.require_job(connection, job_id)
    log.info("job finished", status=str(after.status), **stats.to_json())
    if after.status is Status.COMPLETED:
        attempt.listeners.metrics.job_ended("JobsCompleted", stats.seconds)
    return after


def _final_stats(connection: Connection, planned: PlannedJob, progress: ChunkProgress) -> Stats:
    """``seconds`` count from the start of the job, over all attempts."""
    row = connection.execute(query("job_seconds"), {"job_id": planned.job_id}).fetchone()
    seconds = float(row[0]) if row and row[0] is not None else 0.0
    return compute_stats(progress, planned.plan.rows_total, seconds=seconds)


def _reconcile(connection: Connection, url: str, planned: PlannedJob, stats: Stats, expected: Loaded) -> None:
    """Compares the counts with the rows and errors in the tables. Raises JobFailed ``reconciliation_failed``."""
    target_tallies = target_of(planned.keys).count(connection, url, expected)
    errors, failed_rows = count_errors(connection, planned.job_id)
    tallies = (
        Tally("chunks done", stats.chunks_done, stats.chunks_total),
        Tally("rows accounted for", stats.rows_succeeded + stats.rows_failed, stats.rows_total),
        *target_tallies,
        Tally("errors found", errors, stats.error_count),
        Tally("rows with errors found", failed_rows, stats.rows_failed),
    )
    wrong = [tally for tally in tallies if tally.found != tally.expected]
    if wrong:
        differences = ", ".join(f"{tally.what}: {tally.found:,} instead of {tally.expected:,}" for tally in wrong)
        raise JobFailed(
            FailureReason.RECONCILIATION_FAILED,
            f"The counts do not agree with the tables ({differences}); something else changes this job's rows. Roll"
            f" the job back.",
        )
