"""Opening a job: one worker plans it while the others wait, and then all import by the same plan."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from import_worker.chunk import Chunk
from import_worker.database import chunks, import_jobs
from import_worker.database.connection import Connection, transaction
from import_worker.database.events import record_event
from import_worker.database.import_jobs import WorkerJob
from import_worker.database.notices import save_notices
from import_worker.database.stop_requests import delete_stop_request, get_stop_request
from import_worker.errors import FailureReason, JobFailed, JobRefused
from import_worker.event import EventType
from import_worker.forms.notices import refuse_too_many
from import_worker.importing.attempt import Attempt
from import_worker.importing.notice_search import find_notices
from import_worker.importing.planned_job import PlannedJob
from import_worker.importing.planning import plan_job
from import_worker.importing.staleness import check_source, count_rows_in, is_stale
from import_worker.importing.stats import compute_stats
from import_worker.importing.uniqueness.search import find_duplicates
from import_worker.job import Job, Status

log = structlog.stdlib.get_logger(__name__)

POLL_SECONDS = 0.2


def require_runnable(connection: Connection, job_id: UUID, *, retry: bool = False, failed_before: bool = True) -> Job:
    """Reads the job, which another process may have ended since it was last read, and checks that it may run.

    A failed job needs a retry only if rows are in and nothing was changed since. ``failed_before`` is False for an
    attempt that began before the job failed: it does not run the job again.

    Raises JobRefused for a job that is unknown, of the other lane, cancelled (unless it is to be retried) or rolled
    back, and JobFailed, with its recorded reason, for one that has failed.
    """
    job = import_jobs.require_job(connection, job_id)
    if job.lane != "batch":
        raise JobRefused(f"Job {job_id} belongs to lane {job.lane}; this worker imports lane batch only.")
    if job.status is Status.ROLLED_BACK:
        raise JobRefused(f"Job {job_id} is rolled back; submit the file again as a new job.")
    if job.status is Status.CANCELLED and not retry:
        rows = count_rows_in(connection, job, import_jobs.get_worker_job(connection, job_id))
        stay = f", and {rows:,} rows of it are in; `import-worker rollback {job_id}` takes them out" if rows else ""
        raise JobRefused(f"Job {job_id} is cancelled{stay}; `import-worker retry {job_id}` runs it on.")
    if job.status is Status.FAILED and not retry and not (failed_before and may_run_again(connection, job)):
        raise JobFailed(
            job.error_summary.get("reason") or "unknown",
            f"Job {job_id} has failed: {explain_failure(job)} Once that is mended, add"
            " --retry; a file, mapping or option given with it is changed by submitting again.",
        )
    return job


def is_done(connection: Connection, job: Job, *, dry_run: bool) -> bool:
    """Whether nothing is left to do; inside the caller's transaction. Raises JobRefused for a job whose status is
    completed although chunks of it were never imported."""
    worker_job = import_jobs.get_worker_job(connection, job.id)
    if job.status is Status.COMPLETED:
        left = 0 if worker_job is None or worker_job.plan is None else chunks.count_pending(connection, job.id)
        if left:
            raise JobRefused(
                f"Job {job.id} is marked completed, but {left:,} of its chunks were never imported; somebody else set"
                " its status. Set it back to importing and run the job again, or roll it back."
            )
        return True
    return (
        dry_run and job.status is Status.VALIDATED and (worker_job is None or not is_stale(connection, job, worker_job))
    )


def explain_failure(job: Job) -> str:
    """Why a job failed, as a sentence; another program may have failed it without saying why."""
    if message := job.error_summary.get("message"):
        return str(message)
    if reason := job.error_summary.get("reason"):
        return f"another program gave the reason {reason}."
    return "another program failed it, and did not say why."


def may_run_again(connection: Connection, job: Job) -> bool:
    """Whether a failed job may run without a retry: no row is in, or its file, mapping or form was changed since;
    inside the caller's transaction."""
    worker_job = import_jobs.get_worker_job(connection, job.id)
    return worker_job is None or not count_rows_in(connection, job, worker_job) or is_stale(connection, job, worker_job)


def _find_open_job(job: Job, worker_job: WorkerJob, *, dry_run: bool) -> PlannedJob | None:
    """The job with its plan if its chunks may be imported or are all imported; otherwise None."""
    is_open = (
        (job.status is Status.IMPORTING and not worker_job.dry_run)
        or job.status is Status.COMPLETED
        or (job.status is Status.VALIDATING and worker_job.dry_run)
        or (job.status is Status.VALIDATED and worker_job.dry_run and dry_run)
    )
    if worker_job.plan is None or not is_open:
        return None
    return PlannedJob.of(job, worker_job.plan, dry_run=worker_job.dry_run)


class Preparation:
    """One worker's part in opening a job."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt

    def prepare(self, connection: Connection) -> PlannedJob:
        """Returns the job with its stored plan, or with a new one.

        Raises JobFailed with the reason the job cannot be planned (no retry helps), JobRefused, Interrupted, or
        TransientError.
        """
        job_id, dry_run = self._attempt.job_id, self._attempt.dry_run
        while True:
            self._check_stopping()
            # First without the lock, which every worker in the middle of a chunk shares.
            with transaction(connection):
                job, worker_job = self._read_job(connection)
                planned = _find_open_job(job, worker_job, dry_run=dry_run)
                if job.status is Status.VALIDATED and is_stale(connection, job, worker_job):
                    planned = None  # the job was changed after it was validated
            if planned is not None:
                if job.status is Status.IMPORTING:
                    check_source(job, planned.plan)
                if dry_run and not planned.dry_run:
                    raise JobRefused(f"The import of job {job_id} has begun; it can no longer be a dry run.")
                return planned
            with transaction(connection):
                locked = import_jobs.lock_job(connection, job_id, wait=False)
                if locked:
                    self._advance(connection)
            if not locked:
                self._attempt.stopping.wait(POLL_SECONDS)

    def _check_stopping(self) -> None:
        """Raises when it is time to stop. A stop request counts as well: whoever carries it out needs the job's
        lock."""
        self._attempt.stopping.check()
        if self._attempt.stopping.requested.is_set():
            raise JobRefused("Somebody asked for the job to be stopped; see its status.")

    def _read_job(self, connection: Connection) -> tuple[Job, WorkerJob]:
        attempt = self._attempt
        job = require_runnable(connection, attempt.job_id, retry=attempt.retry, failed_before=attempt.failed_before)
        worker_job = import_jobs.get_worker_job(connection, attempt.job_id)
        assert worker_job is not None  # every attempt creates it at its start
        return job, worker_job

    def _advance(self, connection: Connection) -> None:
        """Takes the job one status further, inside the caller's transaction, which holds the job's lock."""
        job_id, dry_run = self._attempt.job_id, self._attempt.dry_run
        job, worker_job = self._read_job(connection)
        if _find_open_job(job, worker_job, dry_run=dry_run) is not None:
            validated_otherwise = job.status is Status.VALIDATED and is_stale(connection, job, worker_job)
            if not validated_otherwise:
                return
        request = get_stop_request(connection, job_id)
        if request is not None and request.kind != "halt":
            raise JobRefused(
                f"The stop request of job {job_id} ({request.kind}) is not carried out yet; see its status."
            )
        delete_stop_request(connection, job_id)  # a halt whose failure was recorded
        dry_run = dry_run or (worker_job.plan is None and bool(worker_job.options.get("dry_run")))
        if worker_job.plan is None:
            self._check_begun_here(connection, job)
        if job.status is Status.IMPORTING:  # set by hand on a dry run: the import is to begin
            chunks.discard_dry_run(connection, job_id)
            import_jobs.set_dry_run(connection, job_id, dry_run=False)
        elif job.status is not Status.VALIDATING:
            self._begin_validating(connection, job, worker_job, dry_run=dry_run)
        else:
            self._finish_planning(connection, job, worker_job, dry_run=dry_run)

    def _check_begun_here(self, connection: Connection, job: Job) -> None:
        """Raises JobFailed ``begun_elsewhere`` for a job into which another program has put rows, or may still put
        some."""
        if job.status is Status.PENDING and job.started_at is None:
            return
        if job.status is Status.VALIDATING and import_jobs.was_started_here(connection, job.id):
            return
        if import_jobs.has_rows(connection, job.id):
            raise JobFailed(
                FailureReason.BEGUN_ELSEWHERE,
                f"Another program began this import, and rows of it are in; `import-worker rollback {job.id}` takes"
                " them out. Then submit the file again.",
            )
        if job.status is Status.IMPORTING:
            raise JobFailed(
                FailureReason.BEGUN_ELSEWHERE,
                "Another program began this import and has put no row in so far. If it runs no more, run the job"
                " again.",
            )

    def _begin_validating(self, connection: Connection, job: Job, worker_job: WorkerJob, *, dry_run: bool) -> None:
        """Takes the job to `validating`; keeps a plan that is not stale, and deletes a stale one."""
        import_jobs.change_status(
            connection, job, Status.VALIDATING, actor=self._attempt.actor.user_id, attempt=self._attempt.number
        )
        if worker_job.plan is None:
            return
        if not count_rows_in(connection, job, worker_job) and is_stale(connection, job, worker_job):
            log.info("planning anew", why="source, mapping or form were changed")
            import_jobs.discard_plan(connection, job.id)
        elif worker_job.dry_run:
            chunks.discard_dry_run(connection, job.id)
        import_jobs.set_dry_run(connection, job.id, dry_run=dry_run)

    def _finish_planning(self, connection: Connection, job: Job, worker_job: WorkerJob, *, dry_run: bool) -> None:
        """Takes the job from `validating` on to its chunks."""
        if worker_job.plan is None:
            planned = self._plan(connection, job, worker_job, dry_run=dry_run)
        else:
            # A retry, or the real run after a dry one: the plan stays, and its chunks say what is still to do.
            planned = PlannedJob.of(job, worker_job.plan, dry_run=worker_job.dry_run)
        self._open(connection, job, planned)

    def _plan(self, connection: Connection, job: Job, worker_job: WorkerJob, *, dry_run: bool) -> PlannedJob:
        log.info("planning", file=job.source_file_key)
        store, progress = self._attempt.store, self._attempt.planning
        plan, new_chunks = plan_job(connection, self._attempt, job, worker_job, self._check_stopping)
        planned = PlannedJob.of(job, plan, dry_run=dry_run)
        chunks.insert_chunks(connection, job.id, new_chunks)
        import_jobs.save_plan(connection, job.id, plan, dry_run=dry_run)
        self._save_notices(connection, job, planned, new_chunks)
        find_duplicates(connection, store, planned, new_chunks, checkpoint=self._check_stopping, progress=progress)
        progress.end()
        log.info("planned", rows=plan.rows_total, chunks=len(new_chunks), bytes=plan.size)
        return planned

    def _save_notices(self, connection: Connection, job: Job, planned: PlannedJob, new_chunks: Sequence[Chunk]) -> None:
        """Stores the notices with the job. Raises JobFailed when there are more than the job's options allow."""
        notices = find_notices(connection, self._attempt.store, job, planned, new_chunks)
        for notice in notices:
            log.info("notice", code=str(notice.code), message=notice.message)
        refuse_too_many(notices, planned.options.max_notices)
        save_notices(connection, job.id, [notice.to_json() for notice in notices])

    def _open(self, connection: Connection, job: Job, planned: PlannedJob) -> None:
        """Takes a real run to `importing`; a dry run stays in `validating`. Both record the event `planned`."""
        number, plan = self._attempt.number, planned.plan
        stats = compute_stats(chunks.get_progress(connection, job.id), plan.rows_total, seconds=0.0).to_json()
        if planned.dry_run:
            record_event(connection, EventType.PLANNED, job, attempt=number, stats=stats)
        else:
            import_jobs.change_status(connection, job, Status.IMPORTING, actor=plan.actor, attempt=number, stats=stats)
