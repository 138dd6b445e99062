"""Messages whose workers are processes of this machine: they stay hidden until the workers end, and their exit codes
decide."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

import structlog

from import_worker.aws.queues import Message
from import_worker.database.attempts import mark_attempt_lost
from import_worker.database.connection import transaction
from import_worker.database.launches import discard_start
from import_worker.database.session import Session
from import_worker.errors import ImportWorkerError
from import_worker.launching.inbox import MAX_REFUSED_RECEIVES, Inbox, retry_seconds
from import_worker.launching.messages import PutAside, PutAsideReason
from import_worker.launching.starters import EndedWorker
from import_worker.launching.verdict import ENDS

log = structlog.stdlib.get_logger(__name__)

WATCHING_SECONDS = 180
"""For how long a message is hidden at a time."""
RENEW_SECONDS = 60.0


@dataclass
class _WatchedMessage:
    """A received message, the handles of its running workers, and the exit codes of those that have ended."""

    message: Message
    running: set[str]
    renewed_at: float
    ends: frozenset[int]
    codes: list[int] = field(default_factory=list)


class Watches:
    """Not to be shared between threads. The session belongs to the dispatcher."""

    def __init__(self, session: Session, inbox: Inbox) -> None:
        self._session = session
        self._inbox = inbox
        self._watches: list[_WatchedMessage] = []

    def add(self, message: Message, handles: Iterable[str], ends: frozenset[int] = ENDS) -> None:
        # Before the queue is called: its failure must not lose the workers.
        self._watches.append(_WatchedMessage(message, set(handles), monotonic(), ends))
        self._inbox.queue.hide(message, WATCHING_SECONDS)

    def note_ended(self, ended: list[EndedWorker]) -> None:
        """Records the ended workers, and concludes the messages whose workers have all ended."""
        for worker in ended:
            log.info("worker ended", job_id=str(worker.job_id), task=worker.handle, code=worker.code)
            self._note_end(worker)
            for watch in self._watches:
                if worker.handle in watch.running:
                    watch.running.remove(worker.handle)
                    watch.codes.append(worker.code)
        for watch in [watch for watch in self._watches if not watch.running]:
            self._watches.remove(watch)
            self._conclude(watch)

    def renew(self) -> None:
        """Keeps the messages of running workers hidden. One that comes back all the same (SQS hides none for more than
        twelve hours) finds the job's worker alive and is deleted."""
        for watch in self._watches:
            if monotonic() - watch.renewed_at >= RENEW_SECONDS:
                watch.renewed_at = monotonic()
                try:
                    self._inbox.queue.hide(watch.message, WATCHING_SECONDS)
                except ImportWorkerError as error:
                    log.warning("a message could not be kept hidden", message=watch.message.id, why=str(error))

    def end(self, stopped: list[EndedWorker]) -> int:
        """Gives back the messages of stopped workers; returns how many of these were in the middle of a job."""
        with suppress(ImportWorkerError):
            self.note_ended(stopped)
        for watch in self._watches:
            with suppress(ImportWorkerError):
                self._inbox.give_back(watch.message)
        return sum(worker.code not in ENDS for worker in stopped)

    def _conclude(self, watch: _WatchedMessage) -> None:
        message, codes = watch.message, watch.codes
        if any(code in watch.ends for code in codes):
            self._inbox.queue.delete(message)
        elif 4 in codes:
            self._inbox.give_back(message)
        elif set(codes) == {2} and message.receives >= MAX_REFUSED_RECEIVES:
            sentence = "The worker could not begin: a setting, a privilege or the schema is wrong; its log says which."
            self._inbox.put_aside(message, PutAside(PutAsideReason.CANNOT_START, sentence))
        else:
            seconds = retry_seconds(message.receives)
            log.warning(
                "the job's workers broke off; it is run again", message=message.id, codes=codes, seconds=seconds
            )
            self._inbox.queue.hide(message, seconds)

    def _note_end(self, worker: EndedWorker) -> None:
        """Records the end, so that the job's state counts the worker neither as alive nor as starting."""
        with suppress(ImportWorkerError), transaction(self._session.connection()) as connection:
            discard_start(connection, worker.job_id, worker.worker)
            if worker.code < 0:
                sentence = f"The worker was killed by signal {-worker.code}."
                mark_attempt_lost(connection, worker.job_id, worker.worker, sentence)
