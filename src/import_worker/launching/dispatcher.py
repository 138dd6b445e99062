"""The dispatcher's loop: receive a launch message, start workers, conclude messages of workers that ended, queue dead
jobs again; until it is told to stop."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from time import monotonic

import structlog

from import_worker.aws.queues import Message
from import_worker.database.connection import transaction
from import_worker.database.queries import query
from import_worker.database.session import Session
from import_worker.errors import ImportWorkerError, UsageError
from import_worker.launching.decisions import Launcher
from import_worker.launching.inbox import MAX_REFUSED_RECEIVES, Inbox, retry_seconds
from import_worker.launching.messages import PutAside, PutAsideReason, StopMessage, parse_message
from import_worker.launching.reaper import queue_dead_jobs
from import_worker.launching.starters import Starter, StarterRefused
from import_worker.launching.verdict import Done, Later, Verdict, Watched
from import_worker.launching.watching import Watches

log = structlog.stdlib.get_logger(__name__)

POLL_SECONDS = 5
"""The length of one long poll, and so the longest time until a stop or the end of a local worker is noticed."""
START_SECONDS = 60.0
"""How long the start waits for queues and database that do not answer. ECS then sees that the dispatcher cannot
start."""
FULL_SECONDS = 0.2
"""The pause between two messages while no worker may be started: a waiting one may cancel a job that runs."""
FULL_HIDDEN_SECONDS = 120
"""For how long at most a launch is then put off; the queue delivers no message more than a thousand times."""
TICK_SECONDS = 60.0
MAX_PAUSE_SECONDS = 60.0


class Dispatcher:
    """Create one at a time in a process. Any number of processes may share a queue."""

    def __init__(
        self,
        database_url: str,
        inbox: Inbox,
        starter: Starter,
        *,
        artifacts_url: str,
        stop: threading.Event,
        pending_after_seconds: float | None = None,
        on_reaped: Callable[[int], None] = lambda _: None,
        sending: Callable[[], AbstractContextManager[object]] = nullcontext,
        tick_seconds: float = TICK_SECONDS,
        start_seconds: float = START_SECONDS,
    ) -> None:
        """About once a minute (``tick_seconds``), between two messages, the dispatcher queues dead jobs again and
        calls ``on_reaped`` with their number, if there are any. ``sending`` makes a context that sends events for as
        long as messages are received."""
        self._session = Session(database_url)
        self._inbox = inbox
        self._starter = starter
        self._launcher = Launcher(starter, artifacts_url)
        self._stop = stop
        self._pending_after_seconds = pending_after_seconds
        self._on_reaped = on_reaped
        self._sending = sending
        self._tick_seconds = tick_seconds
        self._start_seconds = start_seconds
        self._watches = Watches(self._session, inbox)
        self._failures = 0

    def run(self) -> int:
        """Runs until ``stop`` is set; returns how many workers were stopped in the middle of a job.

        Raises UsageError when the queues or the database cannot be used at the start, and TransientError when one of
        them does not answer within a minute. When one of them becomes unavailable later, the dispatcher waits for it.
        """
        with self._session:
            self._wait_until_ready()
            with self._sending():
                interrupted = self._loop()
        log.info("dispatching has ended", interrupted=interrupted)
        return interrupted

    def _wait_until_ready(self) -> None:
        deadline = monotonic() + self._start_seconds
        while not self._stop.is_set():
            try:
                self._inbox.check()
                self._check_database()
                self._check_starter()
            except UsageError:
                raise
            except ImportWorkerError as error:
                if monotonic() >= deadline:
                    raise
                self._pause(error)
            else:
                self._failures = 0
                log.info("waiting for launch messages", queue=self._inbox.queue.url, max_tasks=self._starter.limit)
                return

    def _loop(self) -> int:
        next_tick = monotonic()
        try:
            while not self._stop.is_set():
                try:
                    self._watches.note_ended(self._starter.ended())
                    self._watches.renew()
                    if monotonic() >= next_tick:
                        next_tick = monotonic() + self._tick_seconds
                        self._reap()
                    self._receive()
                    if self._failures:
                        log.info("dispatching goes on")
                    self._failures = 0
                except ImportWorkerError as error:
                    self._pause(error)
        finally:
            interrupted = self._watches.end(self._starter.stop())
        return interrupted

    def _check_database(self) -> None:
        with transaction(self._session.connection()) as connection:
            connection.execute(query("check_launches"))

    def _check_starter(self) -> None:
        try:
            self._starter.room()
        except StarterRefused as error:
            raise StarterRefused(f"{error} Check SIN_IMPORT_ECS_CLUSTER and this role's permissions.") from None

    def _receive(self) -> None:
        if self._failures:
            self._check_database()  # a message that is received in vain would count as delivered
        full = self._starter.room() == 0
        message = self._inbox.receive(POLL_SECONDS)
        if message is None:
            return
        if self._stop.is_set():
            self._inbox.give_back(message)
            return
        if full and not isinstance(parse_message(message.body), StopMessage):
            self._inbox.put_off(message, "as many workers run as may", most_seconds=FULL_HIDDEN_SECONDS)
            self._stop.wait(FULL_SECONDS)
            return
        self._carry_out(message, self._decide(message))

    def _decide(self, message: Message) -> Verdict:
        try:
            return self._launcher.handle(self._session.connection(), message)
        except ImportWorkerError:
            with suppress(ImportWorkerError):
                self._inbox.queue.hide(message, retry_seconds(message.receives))
            raise
        except Exception as error:  # one message must not stop the others
            log.exception("a message could not be handled", message=message.id)
            self._session.close()
            if message.receives < MAX_REFUSED_RECEIVES:
                return Later(f"something unexpected happened ({type(error).__name__})")
            sentence = f"Something unexpected happened ({type(error).__name__}); the dispatcher's log says where."
            return PutAside(PutAsideReason.UNEXPECTED, sentence)

    def _carry_out(self, message: Message, verdict: Verdict) -> None:
        if isinstance(verdict, Watched):
            self._watches.add(message, verdict.handles, verdict.ends)
            self._inbox.follow_up(verdict.follow_ups)
        elif isinstance(verdict, Done):
            self._inbox.follow_up(verdict.follow_ups)
            self._inbox.follow_up(verdict.messages, delay_seconds=0)
            self._inbox.delete(message, verdict.why)
        elif isinstance(verdict, Later):
            self._inbox.put_off(message, verdict.why)
        else:
            self._inbox.put_aside(message, verdict)

    def _reap(self) -> None:
        queued = queue_dead_jobs(
            self._session.connection(), self._inbox.queue, pending_after_seconds=self._pending_after_seconds
        )
        if queued:
            self._on_reaped(len(queued))

    def _pause(self, error: ImportWorkerError) -> None:
        self._session.close()
        self._failures += 1
        seconds = min(2.0 ** (self._failures - 1), MAX_PAUSE_SECONDS)
        log.warning("dispatching is held up", why=str(error), seconds=seconds)
        self._stop.wait(seconds)
