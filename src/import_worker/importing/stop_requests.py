"""Carrying out stop requests: whichever process next works at the job does so."""

from typing import Any
from uuid import UUID

import structlog

from import_worker.database import chunks, import_jobs
from import_worker.database.connection import Connection, transaction
from import_worker.database.stop_requests import delete_stop_request, get_stop_request
from import_worker.importing.rollback import Progress, carry_out_rollback
from import_worker.importing.stats import compute_stats
from import_worker.job import UNFINISHED, Job, Status
from import_worker.objects import ObjectStore

log = structlog.stdlib.get_logger(__name__)


def carry_out_request(
    connection: Connection,
    store: ObjectStore,
    job_id: UUID,
    *,
    on_progress: Progress = lambda _done, _total: None,
) -> None:
    """Carries out the job's stop request, if it has one, also when the process that made it is dead. When several call
    this at once, the request is carried out once."""
    with transaction(connection):
        if get_stop_request(connection, job_id) is None:
            return
    with transaction(connection):
        import_jobs.lock_job(connection, job_id, wait=True)  # waits for the chunks in flight; no new ones begin
        request = get_stop_request(connection, job_id)
        if request is None or request.kind == "halt":
            return
        job = import_jobs.require_job(connection, job_id)
        actor = request.actor or job.created_by
        if job.status in UNFINISHED or job.status is Status.VALIDATED:
            stats = _current_stats(connection, job)
            job = import_jobs.change_status(connection, job, Status.CANCELLED, actor=actor, attempt=None, stats=stats)
            log.info("job cancelled", job_id=str(job_id))
        if request.kind == "cancel":
            delete_stop_request(connection, job_id)
            return
    carry_out_rollback(connection, store, job, request, actor, on_progress)


def _current_stats(connection: Connection, job: Job) -> dict[str, Any]:
    worker_job = import_jobs.get_worker_job(connection, job.id)
    if worker_job is None or worker_job.rows_total is None:
        return job.stats
    return compute_stats(chunks.get_progress(connection, job.id), worker_job.rows_total, seconds=0.0).to_json()
