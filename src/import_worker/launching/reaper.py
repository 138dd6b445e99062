"""Finding jobs whose workers died or never started, and queueing them again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from import_worker.aws.queues import Queue
from import_worker.database.attempts import SILENT_SECONDS, count_fruitless_attempts, mark_silent_attempts_lost
from import_worker.database.connection import Connection, transaction
from import_worker.database.launches import STARTING_SECONDS, claim_queueing
from import_worker.database.queries import query
from import_worker.launching.messages import LaunchRequest

log = structlog.stdlib.get_logger(__name__)

MAX_NEVER_STARTED = 100
"""How many jobs that were never started are taken at a time."""


@dataclass(frozen=True)
class DeadJob:
    """``last_sign`` is None for a job that no worker ever took."""

    job_id: UUID
    last_sign: datetime | None


def find_dead_jobs(connection: Connection, *, pending_after_seconds: float | None = None) -> list[DeadJob]:
    """Unfinished jobs on which no worker works, each once: those that a worker took and whose workers have sent no
    heartbeat lately (their attempts are marked as lost); those for which tasks were started that never began an
    attempt; and, with ``pending_after_seconds``, those that have been pending for that long and were never started
    (their launch message was lost, or never sent).

    A job is found again until a worker runs it. A worker that only seemed dead does no harm: the chunk table decides
    who imports what.
    """
    values = {"silent_seconds": SILENT_SECONDS}
    with transaction(connection):
        dead = [DeadJob(*row) for row in connection.execute(query("dead_jobs"), values).fetchall()]
        for job in dead:
            lost = mark_silent_attempts_lost(connection, job.job_id)
            if lost and job.last_sign is not None:
                log.warning("the job's workers died", job_id=str(job.job_id), last_sign=job.last_sign.isoformat())
        untaken = connection.execute(query("lost_launches"), {"starting_seconds": STARTING_SECONDS}).fetchall()
        if pending_after_seconds is not None:
            limits = {"pending_seconds": pending_after_seconds, "limit": MAX_NEVER_STARTED}
            untaken += connection.execute(query("never_started_jobs"), limits).fetchall()
    return dead + [DeadJob(job_id, None) for (job_id,) in dict.fromkeys(untaken)]


def queue_dead_jobs(
    connection: Connection, queue: Queue, *, pending_after_seconds: float | None = None
) -> list[DeadJob]:
    """Queues the jobs that ``find_dead_jobs`` finds; returns the ones that were queued now.

    It leaves out jobs that were queued or started a short while ago. ``queued_at`` commits after the message is sent:
    a job may be queued twice, which does no harm, but is never forgotten. Raises as ``Queue`` does.
    """
    queued = []
    for job in find_dead_jobs(connection, pending_after_seconds=pending_after_seconds):
        with transaction(connection):
            claim = claim_queueing(connection, job.job_id, count_fruitless_attempts(connection, job.job_id))
            if claim is None:
                continue
            again = LaunchRequest(
                job.job_id, claim.options, max(claim.tasks, 1), resume=True, actor_user_id=claim.actor
            )
            queue.send(again.to_message())
        log.warning("the job is queued again", job_id=str(job.job_id))
        queued.append(job)
    return queued
