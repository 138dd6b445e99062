"""What every log line of this process says beside its event: the job, and the attempt once there is one.

They belong to the process and not to a thread or context: a process works at one job at a time, and the threads that
import, beat and send write lines about it, and so do the libraries they use.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

_fields: dict[str, Any] = {}


@contextmanager
def job_in_logs(job_id: UUID) -> Iterator[None]:
    """Every line from now on names the job.

    If the context is left by an exception, the fields stay until the next job, for whoever tells of that exception.
    """
    before = _fields
    _set(job_id=str(job_id))
    yield
    _set(**before)


def attempt_in_logs(attempt: int) -> None:
    """Every line from now on names the attempt too."""
    _set(**_fields, attempt=attempt)


def no_job_in_logs() -> None:
    _set()


def current_fields() -> Mapping[str, Any]:
    return _fields


def _set(**fields: Any) -> None:
    global _fields  # noqa: PLW0603  (replaced whole, so that other threads see all of it or none)
    _fields = fields
