"""Fields of every log line of this process: the job, and the attempt once there is one.

They belong to the process and not to a thread or context: a process works at one job at a time, and all its threads,
and the libraries that they use, write lines about that job.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

_fields: dict[str, Any] = {}


@contextmanager
def bind_job_to_logs(job_id: UUID) -> Iterator[None]:
    """Every line names the job from now on.

    If an exception ends the context, the fields stay until the next job, for the line that reports the exception.
    """
    before = _fields
    _set(job_id=str(job_id))
    yield
    _set(**before)


def bind_attempt_to_logs(attempt: int) -> None:
    """Every line names the attempt, too, from now on."""
    _set(**_fields, attempt=attempt)


def clear_log_fields() -> None:
    _set()


def current_fields() -> Mapping[str, Any]:
    return _fields


def _set(**fields: Any) -> None:
    global _fields  # noqa: PLW0603  (replaced as a whole, so that other threads see all of it or nothing)
    _fields = fields
