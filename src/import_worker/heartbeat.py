"""A sign of life for people and for `reap`, from the beginning of an attempt to its end."""

import threading
from types import TracebackType
from typing import Self
from uuid import UUID

import structlog

from import_worker.database.attempts import beat
from import_worker.database.connection import transaction
from import_worker.database.session import Session
from import_worker.errors import ImportWorkerError

log = structlog.stdlib.get_logger(__name__)

BEAT_SECONDS = 5.0


class Heartbeat:
    """Beats in a thread and over a connection of its own, so that planning a large file does not look like death."""

    def __init__(self, url: str, job_id: UUID, attempt: int) -> None:
        self._session = Session(url)
        self._job_id = job_id
        self._attempt = attempt
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        with self._session:
            while not self._done.wait(BEAT_SECONDS):
                try:
                    connection = self._session.connection()
                    with transaction(connection):
                        beat(connection, self._job_id, self._attempt)
                except ImportWorkerError as error:
                    # Nothing depends on a beat; the next one may come through.
                    log.debug("a heartbeat was lost", why=str(error))
                    self._session.close()
