"""Starting workers: one protocol, implemented by ECS tasks and by processes of this machine."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from import_worker.errors import TransientError, UsageError


class StarterUnavailable(TransientError):
    """No worker was started, or the number of running ones is not known. A retry may help."""


class StarterRefused(UsageError):
    """No worker was started, or the number of running ones is not known. No retry helps until an operator mends what
    the sentence names."""


class Purpose(StrEnum):
    """What a worker does. One that imports records its attempt in the database; one that rolls back records none."""

    IMPORT = "import"
    ROLLBACK = "rollback"


@dataclass(frozen=True)
class Order:
    """One worker to be started: ``import-worker`` with that command line, and that environment beside its usual one."""

    job_id: UUID
    attempt: int
    """The number that the job's next attempt will have, from 1."""
    launch: int
    """How often workers have been started for the job, this time included."""
    index: int
    """The number of this worker among those started at once, from 0."""
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    purpose: Purpose = Purpose.IMPORT

    @property
    def token(self) -> str:
        """Equal for equal orders, so that an order given twice is carried out once; at most 64 characters."""
        return f"{self.job_id}-{self.attempt}-{self.launch}-{self.index}"


@dataclass(frozen=True)
class EndedWorker:
    """``code``: the exit code, or minus the signal that killed the worker."""

    handle: str
    job_id: UUID
    worker: str
    """The worker's name in its attempts (``host:pid``)."""
    code: int


class Starter(Protocol):
    """``room``, ``start`` and ``running`` raise StarterUnavailable or StarterRefused."""

    @property
    def watches(self) -> bool:
        """Whether ``ended`` returns every worker that was started."""

    @property
    def limit(self) -> int:
        """How many workers may run at once."""

    def room(self) -> int:
        """How many more may be started now."""

    def start(self, order: Order) -> str:
        """Starts one worker and returns a handle for it."""

    def running(self, job_id: UUID, purpose: Purpose = Purpose.IMPORT) -> int:
        """How many workers of the job run that the database does not know."""

    def ended(self) -> list[EndedWorker]:
        """The watched workers that have ended since the last call."""

    def stop(self) -> list[EndedWorker]:
        """Stops the workers that are watched, and returns when they have ended; the others go on."""
