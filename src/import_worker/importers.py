"""Several threads that import chunks of one job side by side, each with a connection of its own."""

import threading
from types import TracebackType
from typing import Self

from import_worker.database.session import Session
from import_worker.pipeline import ChunkImporter, Step

POLL_SECONDS = 0.2
"""How often to look again while other workers hold every chunk that is left."""


class ImporterThreads:
    """Runs until no chunk is left, ``stop`` is set, or a thread fails; a failure stops the others and is raised by
    ``wait``."""

    def __init__(self, url: str, importer: ChunkImporter, count: int, stop: threading.Event) -> None:
        self._url = url
        self._importer = importer
        self._stop = stop
        self._leaving = threading.Event()
        self._failure: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._run, name=f"importer-{number}", daemon=True) for number in range(1, count + 1)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        for thread in self._threads:
            thread.join()

    def wait(self, seconds: float) -> bool:
        """Waits that long at most; True when all threads have ended. Raises what a thread failed with."""
        alive = next((thread for thread in self._threads if thread.is_alive()), None)
        if alive is not None:
            alive.join(seconds)
        if any(thread.is_alive() for thread in self._threads):
            return False
        if self._failure is not None:
            raise self._failure
        return True

    def _run(self) -> None:
        try:
            with Session(self._url, give_up=self._should_leave) as session:
                while not self._should_leave():
                    step = session.run(self._importer.import_next)
                    if step in (Step.ALL_DONE, Step.NOT_NOW):
                        return
                    if step is Step.NONE_FREE:
                        self._stop.wait(POLL_SECONDS)
        except BaseException as error:  # noqa: BLE001  (raised again, in the waiting thread)
            if self._failure is None:
                self._failure = error
            self._leaving.set()

    def _should_leave(self) -> bool:
        return self._stop.is_set() or self._leaving.is_set()
