"""Finding jobs whose workers died without a word."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from import_worker.database.attempts import SILENT_SECONDS
from import_worker.database.connection import Connection, transaction
from import_worker.database.queries import query

log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True)
class DeadJob:
    job_id: UUID
    last_sign: datetime


def find_dead_jobs(connection: Connection) -> list[DeadJob]:
    """Unfinished jobs that a worker took and on which none has given a sign of life lately; their attempts are ended.

    A job is found again until somebody runs it. A worker that only seemed dead does no harm: the chunk table decides
    who imports what.
    """
    values = {"silent_seconds": SILENT_SECONDS}
    with transaction(connection):
        dead = [DeadJob(*row) for row in connection.execute(query("dead_jobs"), values).fetchall()]
        for job in dead:
            connection.execute(query("bury_attempts"), {**values, "job_id": job.job_id})
            log.warning("the job's workers died", job_id=str(job.job_id), last_sign=job.last_sign.isoformat())
    return dead
