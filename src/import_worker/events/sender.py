"""Sending status events from the outbox while the import goes on; the import never waits for it."""

import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import structlog

from import_worker.aws.queues import QueueRefused, QueueUnavailable
from import_worker.database.connection import Connection, transaction
from import_worker.database.outbox import claim_events, mark_sent, skip_events
from import_worker.database.session import Session
from import_worker.errors import ImportWorkerError
from import_worker.events.cloud_event import event_id, to_cloud_event
from import_worker.events.queue import MAX_MESSAGES, QueueMessage, StatusQueue, take_batch

log = structlog.stdlib.get_logger(__name__)

POLL_SECONDS = 1.0
MAX_PAUSE_SECONDS = 60.0
"""Longest pause between tries while the queue takes nothing."""
FLUSH_SECONDS = 5.0
"""How long the end of a run waits for its last events to be sent. A stopping worker has ten seconds for everything."""


@dataclass(frozen=True)
class SendResult:
    """How many events one pass sent, and which the queue refused: event id to reason."""

    count: int
    refused: dict[str, str]


def send_pending(connection: Connection, queue: StatusQueue) -> SendResult:
    """Sends the events of the outbox until none is left that may be sent, each job's events in order.

    Any number of senders may do so at once, over any connection (also through PgBouncer in transaction mode): each
    event is sent by one of them. A sender that dies between sending and marking leaves the event to be sent again,
    under the same id. An event that the queue refuses keeps later events of its job waiting, and no others, until the
    next call. Raises as ``StatusQueue.send``, or DatabaseUnavailable; calling again later goes on.
    """
    count = 0
    refused: dict[str, str] = {}
    left_out: list[int] = []
    while True:
        with transaction(connection):
            if skip_events(connection):
                continue
            claimed = {event_id(event): event for event in claim_events(connection, MAX_MESSAGES, left_out)}
            if not claimed:
                return SendResult(count, refused)
            batch = take_batch(
                [QueueMessage(id_, str(event.job_id), to_cloud_event(event)) for id_, event in claimed.items()]
            )
            failed = queue.send(batch)
            sent = [claimed[message.id].id for message in batch if message.id not in failed]
            if sent:
                mark_sent(connection, sent)
        count += len(sent)
        refused |= failed
        left_out += [claimed[id_].id for id_ in failed]


class EventSender:
    """Sends in a thread and over a connection of its own for as long as the context lasts, and what is left at its end
    for FLUSH_SECONDS at most. An event that cannot be sent stays in the outbox for the next sender; a
    warning says so."""

    def __init__(self, url: str, queue: StatusQueue) -> None:
        self._session = Session(url)
        self._queue = queue
        self._done = threading.Event()
        self._trouble: str | None = None
        self._thread = threading.Thread(target=self._run, name="event-sender", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join(FLUSH_SECONDS)
        if self._thread.is_alive():
            log.warning(
                "status events stay in the outbox", why=f"The queue did not take them within {FLUSH_SECONDS:g} s."
            )
        elif self._trouble is not None:
            log.warning("status events stay in the outbox", why=self._trouble)

    def _run(self) -> None:
        pause = 0.0
        with self._session:
            while not self._done.wait(pause):
                before, self._trouble = self._trouble, self._send()
                if self._trouble is None:
                    pause = POLL_SECONDS
                else:
                    pause = min(max(pause, POLL_SECONDS) * 2, MAX_PAUSE_SECONDS)
                    if self._trouble != before:
                        log.warning("status events cannot be sent now", why=self._trouble)
            self._trouble = self._send()

    def _send(self) -> str | None:
        """Makes one pass; returns what went wrong, or None."""
        try:
            refused = send_pending(self._session.connection(), self._queue).refused
        except (QueueUnavailable, QueueRefused) as error:
            return str(error)
        except ImportWorkerError as error:
            self._session.close()
            return str(error)
        except Exception as error:  # noqa: BLE001  (nothing that goes wrong here may touch the import)
            self._session.close()
            return f"Something unexpected happened ({type(error).__name__})."
        return f"The queue refuses events ({', '.join(sorted(set(refused.values())))})." if refused else None
