"""The notices stored with a job, and earlier imports of its file by other jobs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from import_worker.database.connection import Connection
from import_worker.database.queries import query
from import_worker.job import Job


def save_notices(connection: Connection, job_id: UUID, notices: Sequence[dict[str, Any]]) -> None:
    """Replaces the notices (JSON) of an earlier plan, inside the caller's transaction."""
    connection.execute(query("save_notices"), {"job_id": job_id, "notices": Jsonb(list(notices))})


def get_notices(connection: Connection, job_id: UUID) -> list[dict[str, Any]]:
    """The job's notices (JSON); empty also if the job is not planned, or was planned by a version without notices."""
    row = connection.execute(query("get_notices"), {"job_id": job_id}).fetchone()
    return [] if row is None or row[0] is None else list(row[0])


def find_earlier_import(connection: Connection, job: Job, sha256: str) -> tuple[UUID, datetime | None] | None:
    """The last other job that completed with the same file (by its SHA-256, hex) in the same form and organisation, and
    when."""
    values = {
        "job_id": job.id,
        "sha256": sha256,
        "form_id": job.target_form_id,
        "organization_id": job.organization_id,
    }
    row = connection.execute(query("find_earlier_import"), values).fetchone()
    return None if row is None else (row[0], row[1])
