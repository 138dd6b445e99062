"""An import job: what the host wrote about it, and the states it passes through."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from import_worker.event import EventType


class Status(StrEnum):
    """``import_jobs.status``."""

    PENDING = "pending"
    VALIDATING = "validating"
    VALIDATED = "validated"
    IMPORTING = "importing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ROLLED_BACK = "rolled_back"


TRANSITIONS: dict[tuple[Status, Status], EventType] = {
    (Status.PENDING, Status.VALIDATING): EventType.STARTED,
    (Status.VALIDATING, Status.IMPORTING): EventType.PLANNED,
    (Status.VALIDATING, Status.VALIDATED): EventType.VALIDATED,
    (Status.VALIDATED, Status.VALIDATING): EventType.STARTED,
    (Status.IMPORTING, Status.COMPLETED): EventType.COMPLETED,
    (Status.PENDING, Status.FAILED): EventType.FAILED,
    (Status.VALIDATING, Status.FAILED): EventType.FAILED,
    (Status.IMPORTING, Status.FAILED): EventType.FAILED,
    (Status.FAILED, Status.VALIDATING): EventType.STARTED,
    (Status.CANCELLED, Status.VALIDATING): EventType.STARTED,
    (Status.PENDING, Status.CANCELLED): EventType.CANCELLED,
    (Status.VALIDATING, Status.CANCELLED): EventType.CANCELLED,
    (Status.VALIDATED, Status.CANCELLED): EventType.CANCELLED,
    (Status.IMPORTING, Status.CANCELLED): EventType.CANCELLED,
    (Status.COMPLETED, Status.ROLLED_BACK): EventType.ROLLED_BACK,
    (Status.FAILED, Status.ROLLED_BACK): EventType.ROLLED_BACK,
    (Status.CANCELLED, Status.ROLLED_BACK): EventType.ROLLED_BACK,
}
"""All changes of status that are allowed, and the event recorded in the transaction of each. docs/architecture.md
(States) draws them."""

UNFINISHED = frozenset({Status.PENDING, Status.VALIDATING, Status.IMPORTING})
"""The states in which a worker has something to do without being asked for a retry."""


@dataclass(frozen=True)
class Job:
    """One row of ``import_jobs``, as it was read. ``status`` may have changed since."""

    id: UUID
    organization_id: UUID
    lane: str
    status: Status
    source_file_key: str
    source_file_hash: str | None
    """Hex SHA-256 of the whole object, lower case; None when the host did not give one."""
    source_row_count: int | None
    target_form_id: UUID | None
    mapping_template_id: UUID | None
    created_by: str
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    progress_checkpoint: int
    stats: dict[str, Any]
    error_report_key: str | None
    error_summary: dict[str, Any]
