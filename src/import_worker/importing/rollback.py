"""Rolling a job back: its rows are taken out, those that people have touched stay in and are told, and no cell's value
is left behind."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from uuid import UUID

import structlog

from import_worker.artifacts import kept_key
from import_worker.database import jobs
from import_worker.database.connection import Connection, transaction
from import_worker.database.queries import query
from import_worker.database.row_errors import forget_raw_values
from import_worker.database.stop_requests import Edited, StopRequest, delete_stop_request, get_stop_request
from import_worker.errors import JobRefused
from import_worker.importing.planned_job import PlannedJob
from import_worker.importing.report import write_reports_without_values
from import_worker.job import Job, Status
from import_worker.objects import ObjectStore
from import_worker.targets.submissions.ids import RowIds
from import_worker.targets.submissions.kept_rows import count_kept, forget_kept, keep_rest, stream_kept
from import_worker.targets.submissions.references import Reference, list_references, why_keys_stay_on
from import_worker.targets.submissions.undo import Scope, Undo

log = structlog.stdlib.get_logger(__name__)

ROWS = 20_000
"""Rows taken out in one transaction: short enough that nobody waits long for its locks or its WAL."""
ROWS_BESIDE_SCANS = 250_000
"""The same where a referring column has no index, and each transaction costs a look through its table."""
LARGE_TABLE_ROWS = 50_000
FOREIGN_ROWS = 500_000
"""How many rows with ids that are not ours are looked up at once: as many as fit into memory easily."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class RollbackCounts:
    """What a rollback would find: rows that nobody has touched, rows that were edited since, and rows that other tables
    refer to."""

    untouched: int
    edited: int
    referred: int


def check_rollback(connection: Connection, job: Job) -> None:
    """Raises JobRefused when the job may not be rolled back, or has nothing in it; inside the caller's transaction."""
    if job.lane != "batch":
        raise JobRefused(f"Job {job.id} belongs to lane {job.lane}; take its rows out where they were put in.")
    row = connection.execute(query("rollback_permission"), {"job_id": job.id}).fetchone()
    assert row is not None  # the job is there
    can_rollback, rollback_before, too_late = row
    if not can_rollback:
        raise JobRefused(f"Job {job.id} may not be rolled back (can_rollback is false).")
    if too_late:
        raise JobRefused(f"Job {job.id} could be rolled back until {rollback_before:%Y-%m-%d %H:%M}; that is past.")
    if job.status in (Status.PENDING, Status.VALIDATED) and not jobs.has_rows(connection, job.id):
        raise JobRefused(f"Job {job.id} is {job.status}; it has inserted nothing. Cancel it instead.")


def check_rolled_back(connection: Connection, job: Job, edited: Edited) -> None:
    """Raises JobRefused for a job that is called rolled back although rows are there which it should have taken out;
    inside the caller's transaction."""
    kept = count_kept(connection, job.id).get("edited", 0) if edited == "take" else 0
    if kept:
        raise JobRefused(
            f"Job {job.id} is rolled back already, and kept what was edited since (rows: {kept:,}); a second rollback"
            " takes nothing more. kept.csv lists these rows, to be deleted one by one."
        )
    if not job.error_summary.get("keptCount") and jobs.has_rows(connection, job.id):
        raise JobRefused(
            f"Job {job.id} is marked rolled back, but rows of it are in form_submissions; somebody else set its status,"
            " or put them in since. Set its status to completed and can_rollback to true, and roll it back again."
        )


def preview_rollback(connection: Connection, job_id: UUID) -> RollbackCounts:
    """Counts what a rollback would find, and changes nothing. Raises JobRefused as ``rollback_job`` does."""
    with transaction(connection):
        job = jobs.require_job(connection, job_id)
        if job.status is Status.ROLLED_BACK:
            raise JobRefused(f"Job {job_id} is rolled back already.")
        check_rollback(connection, job)
    totals = [0, 0, 0]
    with transaction(connection), connection.transaction(force_rollback=True):
        jobs.ensure_worker_job(connection, job_id)
        work = _Work.prepare(connection, job, "keep")
        for scope in work.whole(connection):
            work.undo.find_referred(connection, scope)
            totals = [sum(pair) for pair in zip(totals, work.undo.count(connection, scope), strict=True)]
    return RollbackCounts(*totals)


def carry_out_rollback(
    connection: Connection, store: ObjectStore, job: Job, request: StopRequest, actor: str, on_progress: Progress
) -> None:
    """Takes the rows out and ends the job as rolled back. After a crash, calling it again goes on."""
    if job.status is not Status.ROLLED_BACK:
        _take_out_rows(connection, job, request.edited or "keep", on_progress)
        forget_raw_values(connection, job.id)
    _end(connection, store, job.id, actor)


@dataclass(frozen=True)
class _Work:
    """``ids`` and ``rows`` are those of the job's plan, None and 0 without one."""

    job: Job
    undo: Undo
    ids: RowIds | None
    rows: int

    @classmethod
    def prepare(cls, connection: Connection, job: Job, edited: Edited) -> "_Work":
        """Inside the caller's transaction. Raises UsageError for a missing privilege."""
        references = list_references(connection)
        why = why_keys_stay_on(connection, references)
        log.info("rolling back", job_id=str(job.id), keys_by_sets=why is None, why_not=why)
        worker_job = jobs.get_worker_job(connection, job.id)
        row = connection.execute(query("row_xacts_known"), {"job_id": job.id}).fetchone()
        assert row is not None  # an aggregate
        work = Undo(job.id, edited, references, ours=bool(row[0]), by_sets=why is None)
        if worker_job is None or worker_job.plan is None:
            return cls(job, work, None, 0)
        planned = PlannedJob.of(job, worker_job.plan, dry_run=worker_job.dry_run)
        return cls(job, work, planned.keys.ids, worker_job.plan.rows_total)

    def whole(self, connection: Connection) -> Iterator[Scope]:
        """Everything, in the fewest scopes."""
        if self.ids is not None:
            yield Scope(*self.ids.bounds())
        for ids in self.foreign(connection):
            yield Scope(ids=ids)

    def ranges(self) -> Iterator[tuple[Scope, int]]:
        """The job's own range of ids in pieces, each with the number of the last row in it."""
        if self.ids is None:
            return
        size = _batch_rows(self.undo.references)
        for first in range(1, self.rows + 1, size):
            last = min(first + size - 1, self.rows)
            yield Scope(self.ids.of_row(first), self.ids.of_row(last)), last

    def foreign(self, connection: Connection) -> Iterator[list[UUID]]:
        """Ids of rows outside that range, some at a time, in order."""
        first_id, last_id = (None, None) if self.ids is None else self.ids.bounds()
        after = ""
        for _ in count():
            values = {"job_id": self.job.id, "first_id": first_id, "last_id": last_id}
            with transaction(connection):
                found = connection.execute(query("foreign_rows"), {**values, "after": after, "limit": FOREIGN_ROWS})
                ids = [row[0] for row in found.fetchall()]
            for start in range(0, len(ids), ROWS):
                yield ids[start : start + ROWS]
            if len(ids) < FOREIGN_ROWS:
                return
            after = str(ids[-1])


def _batch_rows(references: Sequence[Reference]) -> int:
    scanned = sum(reference.rows for reference in references if not reference.indexed)
    return ROWS_BESIDE_SCANS if scanned > LARGE_TABLE_ROWS else ROWS


def _take_out_rows(connection: Connection, job: Job, edited: Edited, on_progress: Progress) -> None:
    with transaction(connection):
        work = _Work.prepare(connection, job, edited)
        forget_kept(connection, job.id)
        if work.ids is not None:
            work.undo.find_referred(connection, Scope(*work.ids.bounds()))
    for scope, last_row in work.ranges():
        _take(connection, work.undo, scope)
        on_progress(last_row, work.rows)
    for ids in work.foreign(connection):
        scope = Scope(ids=ids)
        with transaction(connection):
            work.undo.find_referred(connection, scope)
        _take(connection, work.undo, scope)


def _take(connection: Connection, work: Undo, scope: Scope) -> None:
    with transaction(connection):
        taken = work.take(connection, scope)
        connection.execute(query("add_rows_taken"), {"job_id": work.job_id, "rows": taken})


def _end(connection: Connection, store: ObjectStore, job_id: UUID, actor: str) -> None:
    with transaction(connection):
        jobs.lock_job(connection, job_id, wait=True)
        job = jobs.require_job(connection, job_id)
        request = get_stop_request(connection, job_id)
        if job.status is Status.ROLLED_BACK or request is None:
            return
        worker_job = jobs.get_worker_job(connection, job_id)
        planned = None
        if worker_job is not None and worker_job.plan is not None:
            planned = PlannedJob.of(job, worker_job.plan, dry_run=worker_job.dry_run)
        ids = None if planned is None else planned.keys.ids
        if ids is not None:
            keep_rest(connection, job_id, ids)
        kept = sum(count_kept(connection, job_id).values())
        if kept:
            store.put(kept_key(job_id), stream_kept(connection, job_id, ids))
        write_reports_without_values(connection, store, job, planned)
        connection.execute(query("forget_job_raw_values"), {"job_id": job_id})
        summary = dict(job.error_summary) | {
            "rolledBackBy": actor,
            "rollbackReason": request.reason,
            "deletedCount": request.rows_taken,
            "keptCount": kept,
        }
        jobs.change_status(
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
