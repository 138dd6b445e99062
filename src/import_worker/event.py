"""Status events: their types, and an event as it was recorded. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class EventType(StrEnum):
    """Types of events; the status queue gets them with the prefix ``solstice.import.``."""

    STARTED = "started"
    PLANNED = "planned"
    PROGRESS = "progress"
    INTERRUPTED = "interrupted"
    VALIDATED = "validated"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True)
class RecordedEvent:
    """One row of the outbox. ``type`` is the whole name, ``solstice.import.*``; ``data`` as it was recorded."""

    id: int
    job_id: UUID
    type: str
    data: dict[str, Any]
    created_at: datetime
