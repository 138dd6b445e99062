"""The heartbeat of an attempt, for people and for `reap`; the same thread looks for stop requests."""

import threading
from time import monotonic
from types import TracebackType
from typing import Self

import structlog

from import_worker.database.attempts import record_heartbeat
from import_worker.database.connection import transaction
from import_worker.database.session import Session
from import_worker.database.stop_requests import get_stop_request
from import_worker.errors import ImportWorkerError
from import_worker.importing.attempt import Attempt

log = structlog.stdlib.get_logger(__name__)

BEAT_SECONDS = 5.0
LISTEN_SECONDS = 1.0


class Heartbeat:
    """Beats in a thread and over a connection of its own, so that a worker that plans a large file does not count as
    dead."""

    def __init__(self, attempt: Attempt) -> None:
        self._session = Session(attempt.database_url)
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
        self._thread.join(LISTEN_SECONDS)

    def _run(self) -> None:
        attempt, last = self._attempt, monotonic()
        with self._session:
            while not self._done.wait(LISTEN_SECONDS):
                try:
                    with transaction(self._session.connection()) as connection:
                        if monotonic() - last >= BEAT_SECONDS:
                            record_heartbeat(connection, attempt.job_id, attempt.number, attempt.planning.to_json())
                            last = monotonic()
                        if get_stop_request(connection, attempt.job_id) is not None:
                            attempt.stopping.requested.set()
                except ImportWorkerError as error:
                    # Nothing depends on one beat; the next may succeed.
                    log.debug("a heartbeat was lost", why=str(error))
                    self._session.close()
