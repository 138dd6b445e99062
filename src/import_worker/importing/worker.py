"""One attempt at one job: prepare it, import its chunks beside others who do the same, and finish it once."""

import os
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

import structlog

from import_worker.database import attempts, chunks, import_jobs
from import_worker.database.connection import Connection, connect, transaction
from import_worker.database.events import record_event
from import_worker.database.host import Actor
from import_worker.database.notices import get_notices
from import_worker.database.session import Session
from import_worker.database.stop_requests import delete_stale_halt
from import_worker.errors import DatabaseUnavailable, FailureReason, Interrupted, JobFailed, TransientError, UsageError
from import_worker.event import EventType
from import_worker.importing.attempt import Attempt, Listeners
from import_worker.importing.attempt_end import record_end
from import_worker.importing.finish import finish_job
from import_worker.importing.heartbeat import Heartbeat
from import_worker.importing.importers import ImporterThreads
from import_worker.importing.pipeline import ChunkImporter
from import_worker.importing.planned_job import PlannedJob
from import_worker.importing.planning import check_actor
from import_worker.importing.planning_progress import PlanningProgress
from import_worker.importing.preparation import Preparation, is_done, require_runnable
from import_worker.importing.stats import Stats, compute_stats
from import_worker.importing.stop_requests import carry_out_request
from import_worker.importing.stopping import Stopping
from import_worker.importing.tolerance import check_tolerance
from import_worker.job import UNFINISHED, Job, Status
from import_worker.objects import ObjectMissing, ObjectStore
from import_worker.telemetry.log_fields import bind_attempt_to_logs, bind_job_to_logs

log = structlog.stdlib.get_logger(__name__)

PROGRESS_SECONDS = 1.0
"""How often progress is recorded: often enough for a progress bar."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended that succeeded. ``worked`` is False when nothing was left to do."""

    job: Job
    worked: bool


@dataclass(frozen=True)
class WorkerSettings:
    """``connections``: how many chunks may be in flight. ``chunk_bytes``: the size of chunks to aim at.
    ``max_attempts``: how many attempts in a row may end without finishing a chunk. ``deadline_seconds`` bounds one
    attempt. ``actor_user_id`` acts in place of the job's creator; ``admin_roles``: names of roles whose holders may
    import everywhere."""

    connections: int
    chunk_bytes: int
    max_attempts: int
    deadline_seconds: float | None = None
    actor_user_id: str | None = None
    admin_roles: tuple[str, ...] = ()


class Worker:
    """Runs jobs. When ``stop`` is set, the worker stops after the chunks in flight. ``sending`` makes a context that
    sends events for as long as it lasts."""

    def __init__(
        self,
        database_url: str,
        store: ObjectStore,
        settings: WorkerSettings,
        *,
        stop: threading.Event | None = None,
        listeners: Listeners | None = None,
        sending: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._url = database_url
        self._store = store
        self._settings = settings
        self._stop = stop or threading.Event()
        self._listeners = listeners or Listeners()
        self._sending = sending

    def run(
        self,
        job_id: UUID,
        *,
        options: Mapping[str, Any] | None = None,
        dry_run: bool = False,
        retry: bool = False,
    ) -> Outcome:
        """Prepares, imports and finishes the job. ``options`` replace those of the job until it is planned.

        Returns when it is completed (or validated, in a dry run), by this worker or another. Raises JobFailed (recorded
        on the job; no retry helps), JobRefused, Interrupted (run it again), or TransientError (run it again).
        """
        with bind_job_to_logs(job_id), self._sending():
            with connect(self._url) as connection:
                with transaction(connection):
                    job = require_runnable(connection, job_id, retry=retry)
                    done = is_done(connection, job, dry_run=dry_run)
                if done:
                    return Outcome(job, worked=False)
                _check_assumed_store(self._store, job)
                number = _start_attempt(connection, job_id, options or {})
            bind_attempt_to_logs(number)
            return self._carry_out(job, self._attempt(job, number, dry_run=dry_run, retry=retry))

    def _attempt(self, job: Job, number: int, *, dry_run: bool, retry: bool) -> Attempt:
        settings = self._settings
        return Attempt(
            job_id=job.id,
            number=number,
            actor=Actor(settings.actor_user_id or job.created_by, settings.admin_roles),
            dry_run=dry_run,
            retry=retry,
            failed_before=job.status is Status.FAILED,
            database_url=self._url,
            store=self._store,
            chunk_bytes=settings.chunk_bytes,
            stopping=Stopping(self._stop, settings.deadline_seconds),
            planning=PlanningProgress(self._listeners.on_planning),
            listeners=self._listeners,
        )

    def _carry_out(self, job: Job, attempt: Attempt) -> Outcome:
        """Runs the whole attempt and records how it ended."""
        metrics = attempt.listeners.metrics
        with Session(self._url) as session, Heartbeat(attempt):
            try:
                return self._run_steps(session, job, attempt)
            except BaseException as error:
                session.close()  # an open transaction would hold the job's lock against the record
                if record_end(attempt, error):
                    metrics.job_ended("JobsFailed")
                if isinstance(error, Interrupted):
                    metrics.job_ended("JobsInterrupted")
                raise
            finally:
                metrics.flush()

    def _run_steps(self, session: Session, job: Job, attempt: Attempt) -> Outcome:
        # The process that made a stop request may have died before it carried the request out.
        session.run(partial(carry_out_request, store=self._store, job_id=job.id))
        session.run(partial(self._check_attempts, attempt=attempt))
        planned = session.run(Preparation(attempt).prepare)
        for notice in session.run(partial(get_notices, job_id=job.id)):
            attempt.listeners.on_notice(notice)
        session.run(partial(check_actor, job=job, actor=attempt.actor))
        self._import(session, attempt, planned)
        ended = session.run(partial(finish_job, attempt=attempt, planned=planned))
        attempt.listeners.on_progress(Stats.from_json(ended.stats))
        return Outcome(ended, worked=True)

    def _check_attempts(self, connection: Connection, attempt: Attempt) -> None:
        with transaction(connection):
            fruitless = attempts.count_fruitless_attempts(connection, attempt.job_id)
        if fruitless >= self._settings.max_attempts and not attempt.retry:
            raise JobFailed(
                FailureReason.ATTEMPTS_EXHAUSTED,
                f"The last {fruitless} attempts ended without finishing a chunk; `import-worker status"
                f" {attempt.job_id}` shows why."
                " Once that is mended, run the job with --retry.",
            )

    def _import(self, session: Session, attempt: Attempt, planned: PlannedJob) -> None:
        """Imports chunks in several threads until none is left, and records progress meanwhile."""
        job_id = attempt.job_id
        started = monotonic()
        before = session.run(partial(chunks.get_progress, job_id=job_id))
        # More threads than chunks would open connections for nothing.
        left = max(before.chunks_total - before.chunks_done, 1)
        count = min(planned.options.connections or self._settings.connections, left)
        import_next = ChunkImporter(attempt, planned).import_next
        with ImporterThreads(self._url, import_next, count, attempt.stopping) as threads:
            while not threads.wait(PROGRESS_SECONDS):
                try:
                    _record_progress(
                        session.connection(), attempt, planned, monotonic() - started, before.rows_processed
                    )
                except DatabaseUnavailable as error:
                    # The threads reconnect by themselves, and the next record makes up for this one.
                    log.warning("progress could not be written", why=str(error))
                    session.close()
        attempt.stopping.check()
        session.run(partial(carry_out_request, store=self._store, job_id=job_id))
        job = session.run(partial(require_runnable, job_id=job_id))
        left = session.run(partial(chunks.count_pending, job_id=job_id))
        if left and job.status in UNFINISHED:
            raise TransientError(f"Another worker halted the import with {left:,} chunks to go; run the job again.")


def _start_attempt(connection: Connection, job_id: UUID, options: Mapping[str, Any]) -> int:
    """Records that an attempt begins; returns its number."""
    with transaction(connection):
        import_jobs.ensure_worker_job(connection, job_id, options)
        delete_stale_halt(connection, job_id)
        return attempts.start_attempt(connection, job_id, f"{socket.gethostname()}:{os.getpid()}")


def _record_progress(
    connection: Connection, attempt: Attempt, planned: PlannedJob, seconds: float, rows_before: int
) -> None:
    """Records the progress of an import that began ``seconds`` ago, when ``rows_before`` rows were processed already.
    Raises JobFailed ``too_many_rejected_rows``."""
    with transaction(connection):
        job = import_jobs.require_job(connection, attempt.job_id)
        progress = chunks.get_progress(connection, attempt.job_id)
        stats = compute_stats(progress, planned.plan.rows_total, seconds=seconds, rows_before=rows_before)
        import_jobs.save_progress(connection, attempt.job_id, stats.to_json())
        record_event(connection, EventType.PROGRESS, job, attempt=attempt.number, stats=stats.to_json())
    attempt.listeners.on_progress(stats)
    check_tolerance(stats, planned.options)


def _check_assumed_store(store: ObjectStore, job: Job) -> None:
    """Raises UsageError, before anything is recorded, when no setting names the object store and the job's file is not
    in the one that is assumed: the job may belong to another store, and must not fail for that."""
    if not store.assumed:
        return
    try:
        store.head(job.source_file_key)
    except ObjectMissing:
        raise UsageError(
            f"The job's file is not in {store.locate(job.source_file_key)}, where it is looked for because"
            " SIN_ARTIFACTS_BUCKET is not set; set it to the bucket or folder of the job's file."
        ) from None
