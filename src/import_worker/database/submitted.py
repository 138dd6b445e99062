"""Finds earlier jobs that imported the same file into the same form, by its SHA-256."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from import_worker.database.connection import Connection
from import_worker.database.queries import query


@dataclass(frozen=True)
class EarlierJob:
    """A job of the same form, organisation and file. ``at`` is when it ended, or else when it was made."""

    id: UUID
    status: str
    at: datetime

    def sentence(self) -> str:
        """A sentence for people that names the earlier job and says what they can do."""
        instead = {
            "pending": f", or run that job: `import-worker run --job-id {self.id}`",
            "validated": f", or run that job: `import-worker run --job-id {self.id}`",
            "failed": f", or run that job on: `import-worker retry {self.id}`",
            "cancelled": f", or run that job on: `import-worker retry {self.id}`",
            "rolled_back": "; the rows that its rollback kept are then there twice",
        }.get(self.status, "")
        return (
            f"The form has got this file already, by job {self.id} ({self.status},"
            f" {self.at:%Y-%m-%d %H:%M %Z}); add --again to import it all the same{instead}."
        )

    def to_json(self) -> dict[str, Any]:
        return {"jobId": str(self.id), "status": self.status, "at": self.at.isoformat()}


def find_earlier_job(connection: Connection, form_id: UUID, organization_id: UUID, sha256: str) -> EarlierJob | None:
    """The newest job that has imported rows of that file into the form, or may still do so. Scans ``import_jobs``: the
    host has no index on the hash."""
    values = {"form_id": form_id, "organization_id": organization_id, "sha256": sha256}
    with connection.cursor(row_factory=class_row(EarlierJob)) as cursor:
        return cursor.execute(query("find_earlier_job"), values).fetchone()


def lock_file(connection: Connection, organization_id: UUID, sha256: str) -> None:
    """Takes a lock on the file until the caller's transaction ends, so that nobody else submits it to the organisation
    meanwhile."""
    connection.execute(query("lock_file"), {"file": f"{organization_id}:{sha256}"})
