"""The dispatcher's loop: receive a launch message, start workers, see to those that end, look for the dead; until it is
told to stop."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

import structlog

from import_worker.database.connection import transaction
from import_worker.database.launches import bury_worker
from import_worker.database.queries import query
from import_worker.database.session import Session
from import_worker.errors import ImportWorkerError, UsageError
from import_worker.launch import Reason, Refusal, plain_sentence
from import_worker.launching import REFUSED_RECEIVES, Done, Later, Launcher, Verdict, Watched
from import_worker.queues import Message, Queue
from import_worker.reaping import queue_dead_jobs
from import_worker.starters import Ended, NotStarted, Starter

log = structlog.stdlib.get_logger(__name__)

POLL_SECONDS = 5
"""Of one long poll: also how long a stop, or the end of a local worker, may go unnoticed."""
FULL_SECONDS = 1.0
HANDLING_SECONDS = 60
"""A message is hidden for so long while it is handled, and comes back by itself if the dispatcher dies meanwhile."""
WATCHING_SECONDS = 180
RENEW_SECONDS = 60.0
TICK_SECONDS = 60.0
FOLLOW_UP_SECONDS = 60
FIRST_RETRY_SECONDS = 2
LONGEST_RETRY_SECONDS = 300
LONGEST_PAUSE_SECONDS = 60.0


def retry_seconds(receives: int) -> int:
    """After how long a message that was received so often is received again: 2 s, doubled each time, up to 5 min."""
    return int(min(FIRST_RETRY_SECONDS * 2 ** min(receives - 1, 20), LONGEST_RETRY_SECONDS))


@dataclass
class _Watch:
    """A message in hand, the workers that were started for it, and how those ended that have."""

    message: Message
    running: set[str]
    renewed_at: float
    codes: list[int] = field(default_factory=list)


class Dispatcher:
    """One at a time in a process. Any number of dispatchers may share a queue."""

    def __init__(
        self,
        database_url: str,
        queue: Queue,
        starter: Starter,
        *,
        artifacts_url: str,
        dead_letters: Queue | None = None,
        stop: threading.Event,
        pending_after_seconds: float | None = None,
        on_reaped: Callable[[int], None] = lambda _: None,
        tick_seconds: float = TICK_SECONDS,
    ) -> None:
        """About once a minute (``tick_seconds``), between two messages, dead jobs are looked for; ``on_reaped`` is told
        how many were queued again, if any."""
        self._session = Session(database_url)
        self._queue = queue
        self._starter = starter
        self._launcher = Launcher(starter, artifacts_url)
        self._dead_letters = dead_letters
        self._stop = stop
        self._pending_after_seconds = pending_after_seconds
        self._on_reaped = on_reaped
        self._tick_seconds = tick_seconds
        self._watches: list[_Watch] = []
        self._setbacks = 0

    def run(self) -> int:
        """Runs until ``stop`` is set; returns how many workers were stopped in the middle of a job.

        Raises UsageError when the queues or the database cannot be used at the start. What goes away later is waited
        for.
        """
        with self._session:
            self._check()
            return self._loop()

    def _loop(self) -> int:
        log.info("waiting for launch messages", queue=self._queue.url, max_tasks=self._starter.limit)
        next_tick = monotonic()
        try:
            while not self._stop.is_set():
                try:
                    self._settle(self._starter.ended())
                    self._renew()
                    if monotonic() >= next_tick:
                        next_tick = monotonic() + self._tick_seconds
                        self._tick()
                    self._receive()
                    self._setbacks = 0
                except ImportWorkerError as error:
                    self._pause(error)
        finally:
            interrupted = self._end()
        return interrupted

    def _check(self) -> None:
        """Settings that are wrong end the program here; whoever does not answer is waited for by the loop."""
        for queue in (self._queue, self._dead_letters):
            if queue is not None:
                self._try(queue.check)
        self._try(self._check_database)
        self._try(self._check_starter)

    def _check_database(self) -> None:
        with transaction(self._session.connection()) as connection:
            connection.execute(query("check_launches"))

    def _check_starter(self) -> None:
        try:
            self._starter.room()
        except NotStarted as error:
            if error.permanent:
                raise UsageError(f"{error} Check SIN_IMPORT_ECS_CLUSTER and this role's permissions.") from None
            raise

    def _try(self, check: Callable[[], None]) -> None:
        try:
            check()
        except UsageError:
            raise
        except ImportWorkerError as error:
            log.warning("something does not answer; waiting for it", why=str(error))

    def _receive(self) -> None:
        if self._setbacks:
            self._check_database()  # a message is not taken for nothing, which would count as a delivery
        if self._starter.room() == 0:
            self._stop.wait(FULL_SECONDS)
            return
        message = self._queue.receive(wait_seconds=POLL_SECONDS, hidden_seconds=HANDLING_SECONDS)
        if message is None:
            return
        if self._stop.is_set():
            self._queue.hide(message, 0)
            return
        try:
            verdict = self._launcher.handle(self._session.connection(), message)
        except ImportWorkerError:
            with suppress(ImportWorkerError):
                self._queue.hide(message, retry_seconds(message.receives))
            raise
        self._carry_out(message, verdict)

    def _carry_out(self, message: Message, verdict: Verdict) -> None:
        if isinstance(verdict, Watched):  # first of all, for a failure of the queue must not lose sight of the workers
            self._watches.append(_Watch(message, set(verdict.handles), monotonic()))
            self._queue.hide(message, WATCHING_SECONDS)
        if isinstance(verdict, Done | Watched):
            for body in verdict.follow_ups:
                self._queue.send(body, delay_seconds=FOLLOW_UP_SECONDS)
        if isinstance(verdict, Done):
            for body in verdict.messages:
                self._queue.send(body)
            log.info("message done", message=message.id, why=verdict.why)
            self._queue.delete(message)
        elif isinstance(verdict, Later):
            seconds = retry_seconds(message.receives)
            log.info("message put off", message=message.id, why=verdict.why, seconds=seconds)
            self._queue.hide(message, seconds)
        elif isinstance(verdict, Refusal):
            self._put_aside(message, verdict)

    def _put_aside(self, message: Message, refusal: Refusal) -> None:
        details = {"message": message.id, "reason": str(refusal.reason), "why": refusal.sentence}
        if self._dead_letters is None:
            log.error(
                "message refused; with no SIN_IMPORT_DEAD_LETTER_QUEUE_URL it stays for the redrive policy", **details
            )
            self._queue.hide(message, retry_seconds(message.receives))
            return
        attributes = {"reason": str(refusal.reason), "sentence": plain_sentence(refusal.sentence)}
        self._dead_letters.send(message.body, attributes=attributes)
        self._queue.delete(message)
        log.error("message put into the dead-letter queue", **details)

    def _settle(self, ended: list[Ended]) -> None:
        """Decides about the messages whose workers have all ended."""
        for worker in ended:
            log.info("worker ended", job_id=str(worker.job_id), task=worker.handle, code=worker.code)
            if worker.code < 0:
                self._bury(worker)
            for watch in self._watches:
                if worker.handle in watch.running:
                    watch.running.remove(worker.handle)
                    watch.codes.append(worker.code)
        for watch in [watch for watch in self._watches if not watch.running]:
            self._watches.remove(watch)
            self._conclude(watch)

    def _conclude(self, watch: _Watch) -> None:
        message, codes = watch.message, watch.codes
        if any(code in (0, 3, 5) for code in codes):  # completed, failed for good, or not to be run
            self._queue.delete(message)
        elif 4 in codes:
            self._queue.hide(message, 0)
        elif set(codes) == {2} and message.receives >= REFUSED_RECEIVES:
            sentence = "The worker could not begin: a setting, a privilege or the schema is wrong; its log says which."
            self._put_aside(message, Refusal(Reason.CANNOT_START, sentence))
        else:
            seconds = retry_seconds(message.receives)
            log.warning(
                "the job's workers broke off; it is run again", message=message.id, codes=codes, seconds=seconds
            )
            self._queue.hide(message, seconds)

    def _bury(self, worker: Ended) -> None:
        """So that the next look at the job does not take a worker for alive that has just been killed."""
        with suppress(ImportWorkerError), transaction(self._session.connection()) as connection:
            bury_worker(connection, worker.job_id, worker.worker, f"The worker was killed by signal {-worker.code}.")

    def _renew(self) -> None:
        """Messages of running workers stay hidden. One that comes back all the same (SQS hides none for more than
        twelve hours) finds the job's worker alive and is deleted."""
        for watch in self._watches:
            if monotonic() - watch.renewed_at >= RENEW_SECONDS:
                watch.renewed_at = monotonic()
                try:
                    self._queue.hide(watch.message, WATCHING_SECONDS)
                except ImportWorkerError as error:
                    log.warning("a message could not be kept hidden", message=watch.message.id, why=str(error))

    def _tick(self) -> None:
        queued = queue_dead_jobs(
            self._session.connection(), self._queue, pending_after_seconds=self._pending_after_seconds
        )
        if queued:
            self._on_reaped(len(queued))

    def _pause(self, error: ImportWorkerError) -> None:
        self._session.close()
        self._setbacks += 1
        seconds = min(2.0 ** (self._setbacks - 1), LONGEST_PAUSE_SECONDS)
        log.warning("dispatching is held up", why=str(error), seconds=seconds)
        self._stop.wait(seconds)

    def _end(self) -> int:
        """Stops the workers that are watched, after their last whole chunk, and gives their messages back."""
        ended = self._starter.stop()
        with suppress(ImportWorkerError):
            self._settle(ended)
        for watch in self._watches:
            with suppress(ImportWorkerError):
                self._queue.hide(watch.message, 0)
        return sum(worker.code not in (0, 3, 5) for worker in ended)
