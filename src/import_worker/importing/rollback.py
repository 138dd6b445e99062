"""Rolling a job back: its rows are taken out, except those that people have touched; these are listed. No cell's value
stays in reports or errors."""

from collections.abc import Callable
from uuid import UUID

import structlog

from import_worker.artifacts import kept_key
from import_worker.database import import_jobs
from import_worker.database.connection import Connection, transaction
from import_worker.database.queries import query
from import_worker.database.row_errors import erase_raw_values
from import_worker.database.stop_requests import Edited, StopRequest, delete_stop_request, get_stop_request
from import_worker.errors import JobRefused
from import_worker.importing.planned_job import PlannedJob
from import_worker.importing.report import write_reports_without_values
from import_worker.job import Job, Status
from import_worker.objects import ObjectStore
from import_worker.targets.choice import undo_of
from import_worker.targets.undo import Undo, UndoCounts

log = structlog.stdlib.get_logger(__name__)

Progress = Callable[[int, int], None]


def check_rollback(connection: Connection, job: Job) -> None:
    """Raises JobRefused when the job may not be rolled back, or has nothing in it; inside the caller's transaction."""
    if job.lane != "batch":
        raise JobRefused(f"Job {job.id} belongs to lane {job.lane}; take its rows out where they were put in.")
    row = connection.execute(query("rollback_permission"), {"job_id": job.id}).fetchone()
    assert row is not None  # the caller has read the job
    can_rollback, rollback_before, too_late = row
    if not can_rollback:
        raise JobRefused(f"Job {job.id} may not be rolled back (can_rollback is false).")
    if too_late:
        raise JobRefused(f"Job {job.id} could be rolled back until {rollback_before:%Y-%m-%d %H:%M}; that is past.")
    if job.status in (Status.PENDING, Status.VALIDATED) and not import_jobs.has_rows(connection, job.id):
        raise JobRefused(f"Job {job.id} is {job.status}; it has inserted nothing. Cancel it instead.")


def check_rolled_back(connection: Connection, job: Job, edited: Edited) -> None:
    """Raises JobRefused for a job whose status is rolled back although rows are in which the rollback should have taken
    out; inside the caller's transaction."""
    undo = _make_undo(job, _find_planned_job(connection, job))
    kept = undo.count_kept(connection).get("edited", 0) if edited == "take" else 0
    if kept:
        raise JobRefused(
            f"Job {job.id} is rolled back already, and kept what was edited since (rows: {kept:,}); a second rollback"
            " takes nothing more. kept.csv lists these rows, to be deleted one by one."
        )
    if not job.error_summary.get("keptCount") and import_jobs.has_rows(connection, job.id):
        raise JobRefused(
            f"Job {job.id} is marked rolled back, but rows of it are in form_submissions; somebody else set its status,"
            " or put them in since. Set its status to completed and can_rollback to true, and roll it back again."
        )


def preview_rollback(connection: Connection, job_id: UUID) -> UndoCounts:
    """Counts what a rollback would find, and changes nothing. Raises JobRefused as ``rollback_job`` does."""
    with transaction(connection):
        job = import_jobs.require_job(connection, job_id)
        if job.status is Status.ROLLED_BACK:
            raise JobRefused(f"Job {job_id} is rolled back already.")
        check_rollback(connection, job)
    with transaction(connection), connection.transaction(force_rollback=True):
        import_jobs.ensure_worker_job(connection, job_id)
        return _make_undo(job, _find_planned_job(connection, job)).prepare(connection, "keep").count(connection)


def carry_out_rollback(
    connection: Connection, store: ObjectStore, job: Job, request: StopRequest, actor: str, on_progress: Progress
) -> None:
    """Takes the rows out and ends the job as rolled back. After a crash, calling it again goes on."""
    if job.status is not Status.ROLLED_BACK:
        _take_out_rows(connection, job, request.edited or "keep", on_progress)
        erase_raw_values(connection, job.id)
    _end_job(connection, store, job.id, actor)


def _find_planned_job(connection: Connection, job: Job) -> PlannedJob | None:
    """Inside the caller's transaction."""
    worker_job = import_jobs.get_worker_job(connection, job.id)
    if worker_job is None or worker_job.plan is None:
        return None
    return PlannedJob.of(job, worker_job.plan, dry_run=worker_job.dry_run)


def _make_undo(job: Job, planned: PlannedJob | None) -> Undo:
    """For a job without a plan as well: another program may have put rows into it."""
    return undo_of(job.id, None, 0) if planned is None else undo_of(job.id, planned.keys, planned.plan.rows_total)


def _take_out_rows(connection: Connection, job: Job, edited: Edited, on_progress: Progress) -> None:
    with transaction(connection):
        planned = _find_planned_job(connection, job)
        undo = _make_undo(job, planned).prepare(connection, edited)
        undo.start(connection)
    for batch in undo.batches(connection):
        with transaction(connection):
            taken = batch.remove(connection)
            connection.execute(query("add_rows_taken"), {"job_id": job.id, "rows": taken})
        if planned is not None and batch.last_row is not None:
            on_progress(batch.last_row, planned.plan.rows_total)


def _end_job(connection: Connection, store: ObjectStore, job_id: UUID, actor: str) -> None:
    with transaction(connection):
        import_jobs.lock_job(connection, job_id, wait=True)
        job = import_jobs.require_job(connection, job_id)
        request = get_stop_request(connection, job_id)
        if job.status is Status.ROLLED_BACK or request is None:
            return
        planned = _find_planned_job(connection, job)
        undo = _make_undo(job, planned)
        undo.keep_remaining(connection)
        kept = sum(undo.count_kept(connection).values())
        if kept:
            store.put(kept_key(job_id), undo.stream_kept(connection))
        write_reports_without_values(connection, store, job, planned)
        connection.execute(query("erase_job_raw_values"), {"job_id": job_id})
        summary = dict(job.error_summary) | {
            "rolledBackBy": actor,
            "rollbackReason": request.reason,
            "deletedCount": request.rows_taken,
            "keptCount": kept,
        }
        import_jobs.change_status(
            connection,
            job,
            Status.ROLLED_BACK,
            actor=actor,
            attempt=None,
            error_report_key=job.error_report_key,
            error_summary=summary,
            audit_metadata={
                "deletedCount": request.rows_taken,
                "keptCount": kept,
                "reason": request.reason,
                "rawValuesSanitized": True,
            },
        )
        connection.execute(query("end_rollback"), {"job_id": job_id})
        delete_stop_request(connection, job_id)
    log.info("job rolled back", job_id=str(job_id), reason=request.reason, taken=request.rows_taken, kept=kept)
