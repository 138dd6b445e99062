"""Several threads that import chunks of one job side by side, each with a connection of its own."""

import threading
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Self

import structlog

from import_worker.database.connection import Connection
from import_worker.database.session import Session
from import_worker.importing.pipeline import ChunkOutcome
from import_worker.importing.stopping import Stopping

log = structlog.stdlib.get_logger(__name__)

POLL_SECONDS = 0.2
"""How often to look again while other workers hold every chunk that is left."""
GRACE_SECONDS = 5.0
"""How long chunks in flight may take to finish once the worker is to stop; then they are rolled back. Together
with the steps after it this stays below the 10 s that a stopping worker has."""
ABANDON_SECONDS = 2.0
"""How long threads may take to roll back before they are abandoned."""


class ImporterThreads:
    """Import chunks until none is left, it is time to stop, or a thread fails. A failure stops the other threads, and
    ``wait`` raises it."""

    def __init__(
        self, url: str, import_next: Callable[[Connection], ChunkOutcome], count: int, stopping: Stopping
    ) -> None:
        """``import_next`` imports one chunk over the connection of the thread that calls it, and may be called by
        several at once."""
        self._import_next = import_next
        self._stopping = stopping
        self._leaving = threading.Event()
        self._all_done = threading.Event()
        self._failure: BaseException | None = None
        self._sessions = [Session(url, give_up=self._should_leave) for _ in range(count)]
        self._threads = [
            threading.Thread(target=self._run, args=(session,), name=f"importer-{number}", daemon=True)
            for number, session in enumerate(self._sessions, start=1)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Lets the chunks in flight finish or, after a while, rolls them back; a thread that hangs even then is
        abandoned with its transaction, which ends with the process."""
        self._leaving.set()
        if not self._join(GRACE_SECONDS):
            log.warning("chunks in flight are rolled back", after_seconds=GRACE_SECONDS)
            for session in self._sessions:
                session.cancel()
            self._join(ABANDON_SECONDS)

    def wait(self, seconds: float) -> bool:
        """Waits that long at most; True when all threads have ended or it is time to stop. Raises the error
        with which a thread failed."""
        deadline = monotonic() + seconds
        while monotonic() < deadline and not self._should_leave():
            if self._join(min(POLL_SECONDS, max(deadline - monotonic(), 0))):
                break
        if self._failure is not None:
            raise self._failure
        return self._stopping.is_set() or not any(thread.is_alive() for thread in self._threads)

    def _join(self, seconds: float) -> bool:
        deadline = monotonic() + seconds
        for thread in self._threads:
            thread.join(max(deadline - monotonic(), 0))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self, session: Session) -> None:
        try:
            with session:
                while not self._should_leave():
                    step = session.run(self._import_next)
                    if step is ChunkOutcome.ALL_DONE:
                        self._all_done.set()
                    if step in (ChunkOutcome.ALL_DONE, ChunkOutcome.NOT_NOW):
                        return
                    if step is ChunkOutcome.NONE_FREE:  # another thread or worker holds the last chunk
                        self._all_done.wait(POLL_SECONDS)
        except BaseException as error:  # noqa: BLE001  (raised again, in the waiting thread)
            if self._failure is None:
                self._failure = error
            self._leaving.set()

    def _should_leave(self) -> bool:
        return self._stopping.is_set() or self._leaving.is_set()
