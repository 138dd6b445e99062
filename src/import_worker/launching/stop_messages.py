"""Deciding about a message that asks for a cancel or a rollback.

The dispatcher carries a cancel out itself: its stop request makes the job's workers stop after their chunks, and the
job is cancelled once they have released its lock. A rollback takes as long as an import and needs the object store, so
a task of its own runs it, as a worker; the message comes back until the rows are out, because nothing else would notice
a rollback that died."""

from uuid import UUID

import structlog

from import_worker.database.connection import Connection, transaction
from import_worker.database.import_jobs import ensure_worker_job, lock_job, require_job
from import_worker.database.launches import LaunchState, get_launch_state, lock_launch, record_message, record_start
from import_worker.database.stop_requests import get_stop_request, make_stop_request
from import_worker.errors import JobRefused
from import_worker.importing.rollback import check_rollback
from import_worker.job import UNFINISHED, Status
from import_worker.jobs.control import cancel_job
from import_worker.launching.inbox import MAX_REFUSED_RECEIVES
from import_worker.launching.messages import Action, PutAside, PutAsideReason, StopMessage
from import_worker.launching.plain_sentence import plain_sentence
from import_worker.launching.starters import Order, Purpose, Starter, StarterRefused, StarterUnavailable
from import_worker.launching.verdict import Done, Later, Verdict, Watched
from import_worker.objects import ObjectStore

log = structlog.stdlib.get_logger(__name__)

MAX_STARTS = 6
"""How often a rollback is started for one message. Each goes on where the one before it ended."""
STOPPABLE = UNFINISHED | {Status.VALIDATED}
"""The statuses in which a job can be cancelled."""


class StopHandler:
    """``handle`` may be called each time that a message is delivered. ``artifacts_url``: where a job's files
    lie."""

    def __init__(self, starter: Starter, artifacts_url: str) -> None:
        self._starter = starter
        self._artifacts_url = artifacts_url

    def handle(
        self, connection: Connection, request: StopMessage, state: LaunchState, origin: str, receives: int
    ) -> Verdict:
        """``state`` is the job's, read just now; ``origin`` is the id by which the message is recorded, ``receives``
        how often it was received. Raises DatabaseUnavailable."""
        if request.action is Action.CANCEL:
            if state.repeated:
                return Done("the message was carried out before")
            if state.status not in STOPPABLE:
                return Done(f"the job is {state.status.replace('_', ' ')} already")
            return self._stop(connection, request) or self._finish_cancel(connection, request, origin)
        if state.status is Status.ROLLED_BACK:
            return Done("the job is rolled back")
        if refusal := _find_refusal(connection, request.job_id, state.status):  # before the job is cancelled for it
            return refusal
        later = self._stop(connection, request) if state.status in UNFINISHED else None
        return later or self._roll_back(connection, request, origin, receives)

    def _stop(self, connection: Connection, request: StopMessage) -> Later | None:
        """Cancels the job; returns None when it has ended, by this or by itself."""
        job_id = request.job_id
        with transaction(connection):
            ensure_worker_job(connection, job_id)
            make_stop_request(connection, job_id, "cancel", actor=request.actor_user_id, reason=request.reason)
            pending = get_stop_request(connection, job_id)
            free = lock_job(connection, job_id, wait=False)
        if not free:
            return Later("the job's workers finish their chunks first")
        if pending is not None and pending.kind == "rollback":
            return None  # a rollback that died is continued by a task, not by the dispatcher
        try:
            cancel_job(connection, ObjectStore.open(self._artifacts_url), job_id, actor=request.actor_user_id)
        except JobRefused as refused:
            log.info("nothing to cancel", job_id=str(job_id), why=str(refused))
        else:
            log.info("job cancelled for a message", job_id=str(job_id), reason=request.reason)
        return None

    def _finish_cancel(self, connection: Connection, request: StopMessage, origin: str) -> Verdict:
        with transaction(connection):
            pending = get_stop_request(connection, request.job_id)
            if pending is None or pending.kind != "rollback":
                record_message(connection, request.job_id, origin, request.action, request.actor_user_id)
                return Done("nobody works on the job any more")
        return self._roll_back(connection, request, origin, receives=1)

    def _roll_back(self, connection: Connection, request: StopMessage, origin: str, receives: int) -> Verdict:
        """Starts the task that takes the rows out, unless it runs already."""
        with transaction(connection):
            if not lock_launch(connection, request.job_id):
                return Later("another dispatcher is about to start something for the job")
            state = get_launch_state(connection, request.job_id, origin)
            assert state is not None  # it was read a moment ago
            started = self._start_rollback(request, state, receives)
            if not isinstance(started, str):
                return started
            record_start(connection, request.job_id, origin, request.action, request.actor_user_id)
        log.info("rollback started", job_id=str(request.job_id), task=started, start=state.starts + 1)
        if self._starter.watches:
            return Watched((started,), ends=frozenset({0}))
        return Later("a task takes the job's rows out")

    def _start_rollback(self, request: StopMessage, state: LaunchState, receives: int) -> str | Later | PutAside:
        """Returns the handle of the started task, or the verdict when none was started."""
        try:
            if self._starter.running(request.job_id, Purpose.ROLLBACK):
                return Later("the job is being rolled back")
            if state.starts >= MAX_STARTS:
                return PutAside(
                    PutAsideReason.CANNOT_ROLL_BACK,
                    f"The rollback of job {request.job_id} was started {state.starts} times and did not come to its"
                    " end; the log of the last time says why.",
                )
            if self._starter.room() == 0:
                return Later("as many workers run as may")
            return self._starter.start(_make_order(request, state))
        except (StarterRefused, StarterUnavailable) as error:
            permanent = isinstance(error, StarterRefused)
            log.warning("a rollback was not started", job_id=str(request.job_id), why=str(error), permanent=permanent)
            if permanent and receives >= MAX_REFUSED_RECEIVES:
                return PutAside(PutAsideReason.CANNOT_START, str(error))
            return Later(str(error))


def _find_refusal(connection: Connection, job_id: UUID, status: Status) -> PutAside | None:
    """Why the job may not be rolled back, or None. For a job that never began, as its status says, this does not look
    for rows of another program: that may take longer than launches can wait."""
    sentence = f"Job {job_id} is {status}; it has inserted nothing. Cancel it instead, or, if another program has put"
    sentence += f" rows of it in, take them out by `import-worker rollback {job_id}`."
    if status not in (Status.PENDING, Status.VALIDATED):
        try:
            with transaction(connection):
                check_rollback(connection, require_job(connection, job_id))
        except JobRefused as refused:
            sentence = str(refused)
        else:
            return None
    return PutAside(PutAsideReason.CANNOT_ROLL_BACK, plain_sentence(sentence))


def _make_order(request: StopMessage, state: LaunchState) -> Order:
    reason = () if request.reason is None else (f"--reason={request.reason}",)
    actor = {} if request.actor_user_id is None else {"SIN_IMPORT_ACTOR_USER_ID": request.actor_user_id}
    return Order(
        request.job_id,
        attempt=state.attempts + 1,
        launch=state.launches + 1,
        index=0,
        command=("rollback", str(request.job_id), *reason),
        environment=actor,
        purpose=Purpose.ROLLBACK,
    )
