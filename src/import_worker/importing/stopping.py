"""Why a worker stops before its job is done: a signal, its deadline, or a stop request."""

import threading
from time import monotonic

from import_worker.errors import FailureReason, Interrupted, JobFailed


class Stopping:
    """Shared by the threads of one attempt. A signal handler sets ``signalled``."""

    def __init__(self, signalled: threading.Event, deadline_seconds: float | None = None) -> None:
        self._signalled = signalled
        self._deadline_seconds = deadline_seconds
        self._deadline = None if deadline_seconds is None else monotonic() + deadline_seconds
        self.requested = threading.Event()
        """Set when the job has a stop request."""

    def is_set(self) -> bool:
        return self._signalled.is_set() or self.requested.is_set() or self._overdue()

    def wait(self, seconds: float) -> None:
        """Waits that long at most, and not at all once it is time to stop."""
        if not self.is_set():
            self._signalled.wait(seconds)

    def check(self) -> None:
        """Raises Interrupted after a signal, and JobFailed ``deadline_exceeded`` after the deadline; nothing for a stop
        request, which ``carry_out_request`` carries out."""
        if self._signalled.is_set():
            raise Interrupted("Stopped after the last whole chunk; run the job again to go on.")
        if self._overdue():
            raise JobFailed(
                FailureReason.DEADLINE_EXCEEDED,
                f"The job was not done after {self._deadline_seconds:g} s (SIN_IMPORT_DEADLINE_SECONDS); what"
                f" is in stays in."
                " Run it on with --retry.",
            )

    def _overdue(self) -> bool:
        return self._deadline is not None and monotonic() > self._deadline
