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

from import_worker.database import attempts, chunks, jobs
from import_worker.database.connection import Connection, connect, transaction
from import_worker.database.events import record_event
from import_worker.database.host import Actor
from import_worker.database.notices import get_notices
from import_worker.database.requests import delete_stale_halt
from import_worker.database.session import Session
from import_worker.errors import DatabaseUnavailable, FailureReason, Interrupted, JobFailed, TransientError, UsageError
from import_worker.event import EventType
from import_worker.importing.attempt_end import record_end
from import_worker.importing.finish import finish_job
from import_worker.importing.heartbeat import Heartbeat
from import_worker.importing.importers import ImporterThreads
from import_worker.importing.pipeline import ChunkImporter
from import_worker.importing.plan import JobPlan
from import_worker.importing.planning import check_actor
from import_worker.importing.planning_progress import PlanningProgress
from import_worker.importing.preparation import Preparation, is_done, require_runnable
from import_worker.importing.stats import Stats, measure
from import_worker.importing.stop_requests import carry_out_request
from import_worker.importing.stopping import Stopping
from import_worker.importing.tolerance import check_tolerance
from import_worker.job import UNFINISHED, Job, Status
from import_worker.objects import ObjectMissing, ObjectStore
from import_worker.options import JobOptions
from import_worker.telemetry.log_fields import attempt_in_logs, job_in_logs
from import_worker.telemetry.metrics import Metrics, NoMetrics

log = structlog.stdlib.get_logger(__name__)

PROGRESS_SECONDS = 1.0
"""How often progress is written, closely enough to draw a bar."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended well. ``worked`` is False when there was nothing left to do."""

    job: Job
    worked: bool


class Worker:
    """Runs jobs. ``stop`` is set by whoever wants it to stop after the chunks in flight; ``deadline_seconds`` bounds
    one run; ``sending`` sends events while it lasts."""

    def __init__(
        self,
        database_url: str,
        store: ObjectStore,
        *,
        connections: int,
        chunk_bytes: int,
        max_attempts: int,
        actor: str | None = None,
        admin_roles: tuple[str, ...] = (),
        stop: threading.Event | None = None,
        deadline_seconds: float | None = None,
        on_progress: Callable[[Stats], None] = lambda _: None,
        on_planning: Callable[[PlanningProgress], None] = lambda _: None,
        on_notice: Callable[[dict[str, Any]], None] = lambda _: None,
        sending: Callable[[], AbstractContextManager[object]] = nullcontext,
        metrics: Metrics | None = None,
    ) -> None:
        self._url = database_url
        self._store = store
        self._connections = connections
        self._chunk_bytes = chunk_bytes
        self._max_attempts = max_attempts
        self._actor = actor
        self._admin_roles = admin_roles
        self._on_progress = on_progress
        self._on_planning = on_planning
        self._on_notice = on_notice
        self._sending = sending
        self._metrics = metrics or NoMetrics()
        self._stop = stop or threading.Event()
        self._deadline_seconds = deadline_seconds

    def run(
        self,
        job_id: UUID,
        *,
        options: Mapping[str, Any] | None = None,
        dry_run: bool = False,
        retry: bool = False,
    ) -> Outcome:
        """Brings the job as far as it can be brought.

        Returns when it is completed (or validated, in a dry run), by this worker or another. Raises JobFailed (recorded
        on the job; no retry helps), JobRefused, Interrupted (run it again), or TransientError (run it again).
        """
        with job_in_logs(job_id), self._sending():
            return self._attempt(job_id, options or {}, dry_run=dry_run, retry=retry)

    def _attempt(self, job_id: UUID, options: Mapping[str, Any], *, dry_run: bool, retry: bool) -> Outcome:
        with connect(self._url) as connection:
            with transaction(connection):
                job = require_runnable(connection, job_id, retry=retry)
                done = is_done(connection, job, dry_run=dry_run)
            if done:
                return Outcome(job, worked=False)
            _check_place(self._store, job)
            attempt = self._start_attempt(connection, job_id, options)
        attempt_in_logs(attempt)
        stopping = Stopping(self._stop, self._deadline_seconds)
        planning = PlanningProgress(self._on_planning)
        with Session(self._url) as session, Heartbeat(self._url, job_id, attempt, stopping, planning):
            preparation = Preparation(
                self._store,
                attempt=attempt,
                actor=self._acting(job),
                chunk_bytes=self._chunk_bytes,
                retry=retry,
                failed_before=job.status is Status.FAILED,
                stopping=stopping,
                progress=planning,
            )
            try:
                return self._work(session, job, attempt, stopping, preparation, dry_run=dry_run, retry=retry)
            except BaseException as error:
                session.close()  # an open transaction would hold the job's lock against the record
                if record_end(self._url, self._store, job_id, attempt, error, actor=self._acting(job).user_id):
                    self._metrics.job_ended("JobsFailed")
                if isinstance(error, Interrupted):
                    self._metrics.job_ended("JobsInterrupted")
                raise
            finally:
                self._metrics.flush()

    def _start_attempt(self, connection: Connection, job_id: UUID, options: Mapping[str, Any]) -> int:
        with transaction(connection):
            jobs.ensure_worker_job(connection, job_id, options)
            delete_stale_halt(connection, job_id)
            return attempts.start_attempt(connection, job_id, f"{socket.gethostname()}:{os.getpid()}")

    def _work(
        self,
        session: Session,
        job: Job,
        attempt: int,
        stopping: Stopping,
        preparation: Preparation,
        *,
        dry_run: bool,
        retry: bool,
    ) -> Outcome:
        session.run(partial(carry_out_request, store=self._store, job_id=job.id))  # whoever asked may have died since
        session.run(partial(self._check_attempts, job_id=job.id, retry=retry))
        prepared = session.run(partial(preparation.prepare, job_id=job.id, dry_run=dry_run))
        plan = prepared.plan
        for notice in session.run(partial(get_notices, job_id=job.id)):
            self._on_notice(notice)
        session.run(partial(check_actor, job=job, actor=self._acting(job)))
        importer = ChunkImporter(
            self._store,
            job.id,
            plan,
            plan.target(job.id, job.created_at, job.organization_id),
            attempt=attempt,
            dry_run=prepared.dry_run,
            on_chunk=self._metrics.chunk_done,
        )
        self._import(session, job.id, plan, importer, attempt, stopping)
        ended = session.run(
            partial(
                finish_job,
                url=self._url,
                store=self._store,
                job_id=job.id,
                plan=plan,
                actor=self._acting(job).user_id,
                attempt=attempt,
                dry_run=prepared.dry_run,
                on_completed=partial(self._metrics.job_ended, "JobsCompleted"),
            )
        )
        self._on_progress(Stats.from_json(ended.stats))
        return Outcome(ended, worked=True)

    def _acting(self, job: Job) -> Actor:
        return Actor(self._actor or job.created_by, self._admin_roles)

    def _check_attempts(self, connection: Connection, job_id: UUID, *, retry: bool) -> None:
        with transaction(connection):
            fruitless = attempts.count_fruitless_attempts(connection, job_id)
        if fruitless >= self._max_attempts and not retry:
            raise JobFailed(
                FailureReason.ATTEMPTS_EXHAUSTED,
                f"The last {fruitless} attempts ended without finishing a chunk; `import-worker status"
                f" {job_id}` shows why."
                " Once that is mended, run the job with --retry.",
            )

    def _import(
        self,
        session: Session,
        job_id: UUID,
        plan: JobPlan,
        importer: ChunkImporter,
        attempt: int,
        stopping: Stopping,
    ) -> None:
        """Imports chunks in several threads until none is left, telling of progress meanwhile."""
        started = monotonic()
        before = session.run(partial(chunks.get_progress, job_id=job_id)).rows_processed
        count = int(plan.options.get("connections") or self._connections)
        with ImporterThreads(self._url, importer, count, stopping) as threads:
            while not threads.wait(PROGRESS_SECONDS):
                try:
                    self._tell_progress(session.connection(), job_id, plan, attempt, started, before)
                except DatabaseUnavailable as error:
                    # The threads have patience of their own, and the next telling makes up for this one.
                    log.warning("progress could not be written", why=str(error))
                    session.close()
        stopping.check()
        session.run(partial(carry_out_request, store=self._store, job_id=job_id))
        job = session.run(partial(require_runnable, job_id=job_id))
        left = session.run(partial(chunks.count_pending, job_id=job_id))
        if left and job.status in UNFINISHED:
            raise TransientError(f"Another worker halted the import with {left:,} chunks to go; run the job again.")

    def _tell_progress(
        self, connection: Connection, job_id: UUID, plan: JobPlan, attempt: int, started: float, before: int
    ) -> None:
        with transaction(connection):
            job = jobs.require_job(connection, job_id)
            stats = measure(
                chunks.get_progress(connection, job_id),
                plan.rows_total,
                seconds=monotonic() - started,
                rows_before=before,
            )
            jobs.save_progress(connection, job_id, stats.to_json())
            record_event(connection, EventType.PROGRESS, job, attempt=attempt, stats=stats.to_json())
        self._on_progress(stats)
        check_tolerance(stats, JobOptions.model_validate(plan.options))


def _check_place(store: ObjectStore, job: Job) -> None:
    """A database that was named, with a folder that was not: a job of another place must not fail for it. Raises
    UsageError before anything is written down."""
    if not store.assumed:
        return
    try:
        store.head(job.source_file_key)
    except ObjectMissing:
        raise UsageError(
            f"The job's file is not in {store.locate(job.source_file_key)}, where it is looked for because"
            " SIN_ARTIFACTS_BUCKET is not set; set it to the bucket or folder of the job's file."
        ) from None
