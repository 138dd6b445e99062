"""What becomes of one launch message: workers are started, or not, by what the database says of the job."""

import json
from urllib.parse import urlsplit

import structlog

from import_worker.aws.queues import Message
from import_worker.database.connection import Connection, transaction
from import_worker.database.host import is_user
from import_worker.database.jobs import require_job
from import_worker.database.launches import (
    LaunchState,
    get_launch_state,
    list_jobs_of_source_file,
    lock_launch,
    record_launch,
)
from import_worker.errors import DatabaseUnavailable
from import_worker.importing.preparation import may_run_again
from import_worker.job import UNFINISHED, Status
from import_worker.launching.inbox import REFUSED_RECEIVES
from import_worker.launching.messages import (
    LaunchRequest,
    Nothing,
    PutAside,
    Reason,
    StopMessage,
    Upload,
    Uploads,
    parse_message,
)
from import_worker.launching.starters import Order, Starter, StarterRefused, StarterUnavailable
from import_worker.launching.stop_messages import StopHandler
from import_worker.launching.verdict import Done, Later, Verdict, Watched

log = structlog.stdlib.get_logger(__name__)

UNKNOWN_RECEIVES = 3
"""A host may announce a job a moment before it commits it, and a file before its job."""


class Launcher:
    """Starts what messages ask for. ``artifacts_url`` is where uploaded files lie."""

    def __init__(self, starter: Starter, artifacts_url: str) -> None:
        self._starter = starter
        self._stop_handler = StopHandler(starter, artifacts_url)
        self._artifacts = urlsplit(artifacts_url)

    def handle(self, connection: Connection, message: Message) -> Verdict:
        """Raises DatabaseUnavailable before anything was started, or after a start that will be repeated under the
        same token."""
        launch = parse_message(message.body)
        if isinstance(launch, LaunchRequest):
            return self._requested(connection, launch, message)
        if isinstance(launch, StopMessage):
            return self._called_off(connection, launch, message)
        if isinstance(launch, Uploads):
            return self._uploaded(connection, launch, message)
        return Done(launch.why) if isinstance(launch, Nothing) else launch

    def _requested(self, connection: Connection, request: LaunchRequest, message: Message) -> Verdict:
        """Looks, starts and records in one transaction that holds the job's launch lock, so that two dispatchers do not
        both start the workers that are missing."""
        handles: list[str] = []
        try:
            with transaction(connection):
                if not lock_launch(connection, request.job_id):
                    return Later("another dispatcher is about to start the job's workers")
                return self._start_missing(connection, request, message, handles)
        except DatabaseUnavailable:
            if not (handles and self._starter.watches):
                raise
            log.warning("the start of workers could not be recorded", job_id=str(request.job_id))
            return Watched(tuple(handles))

    def _start_missing(
        self, connection: Connection, request: LaunchRequest, message: Message, handles: list[str]
    ) -> Verdict:
        """``handles`` is given those that were started, also when an exception follows."""
        origin = request.event_id or message.id
        state = _look(connection, request, origin, message)
        if not isinstance(state, LaunchState):
            return state
        if why := _nothing_to_do(connection, state, request):
            return Done(why)
        working = max(state.alive + state.starting, self._starter.running(request.job_id))
        missing = min(request.tasks, self._starter.limit) - working
        if missing <= 0:
            without = ", and the message's options have no effect" if request.options else ""
            return Done(f"the job has its workers already{without}")
        obstacle = self._start_some(request, state, missing, handles)
        if not handles:
            return _not_started(obstacle, message.receives)
        log.info("workers started", job_id=str(request.job_id), tasks=handles, launch=state.launches + 1)
        record_launch(
            connection,
            request.job_id,
            since=state.seen_at,
            tasks=state.starting + len(handles),
            message_id=origin,
            options=request.options,
            actor=request.actor_user_id,
        )
        rest = (request.to_message(),) if len(handles) < missing else ()
        return Watched(tuple(handles), rest) if self._starter.watches else Done("workers started", follow_ups=rest)

    def _start_some(
        self, request: LaunchRequest, state: LaunchState, missing: int, handles: list[str]
    ) -> StarterRefused | StarterUnavailable | None:
        """As many as there is room for, up to the first that cannot be started; returns why that one cannot."""
        try:
            while len(handles) < missing and self._starter.room() > 0:
                handles.append(self._starter.start(_order(request, state, len(handles))))
        except (StarterRefused, StarterUnavailable) as error:
            permanent = isinstance(error, StarterRefused)
            log.warning("a worker was not started", job_id=str(request.job_id), why=str(error), permanent=permanent)
            return error
        return None

    def _called_off(self, connection: Connection, request: StopMessage, message: Message) -> Verdict:
        origin = request.event_id or message.id
        with transaction(connection):
            state = _look(connection, request, origin, message)
        if not isinstance(state, LaunchState):
            return state
        return self._stop_handler.handle(connection, request, state, origin, message.receives)

    def _uploaded(self, connection: Connection, uploads: Uploads, message: Message) -> Verdict:
        """An upload starts the pending jobs whose source file it is; it is no reason to import anything else."""
        job_ids = []
        for upload in uploads.files:
            key = self._key(upload)
            if key is None:
                sentence = "The message tells of a file in another place than SIN_ARTIFACTS_BUCKET names."
                return PutAside(Reason.OTHER_BUCKET, sentence)
            with transaction(connection):
                job_ids += list_jobs_of_source_file(connection, key)
        if job_ids:
            return Done("jobs wait for the file", messages=tuple(LaunchRequest(each).to_message() for each in job_ids))
        if message.receives < UNKNOWN_RECEIVES:
            return Later("no job waits for the file yet")
        return Done("no job waits for the file")

    def _key(self, upload: Upload) -> str | None:
        """The object's key relative to the store's prefix, or None when it lies elsewhere."""
        prefix = self._artifacts.path.strip("/")
        prefix = f"{prefix}/" if prefix else ""
        if self._artifacts.scheme != "s3" or upload.bucket != self._artifacts.netloc:
            return None
        return upload.key.removeprefix(prefix) if upload.key.startswith(prefix) else None


def _not_started(obstacle: StarterRefused | StarterUnavailable | None, receives: int) -> Verdict:
    if isinstance(obstacle, StarterRefused) and receives >= REFUSED_RECEIVES:
        return PutAside(Reason.CANNOT_START, str(obstacle))
    return Later("as many workers run as may" if obstacle is None else str(obstacle))


def _look(
    connection: Connection, request: LaunchRequest | StopMessage, origin: str, message: Message
) -> LaunchState | Later | PutAside:
    """How the job stands, or what becomes of a message for a job that is not to be touched."""
    state = get_launch_state(connection, request.job_id, origin)
    if state is None and message.receives < UNKNOWN_RECEIVES:
        return Later("the job is not there yet")
    if state is None:
        return PutAside(Reason.JOB_UNKNOWN, f"There is no import job {request.job_id}.")
    if state.lane != "batch":
        sentence = f"Job {request.job_id} belongs to lane {state.lane}; this worker imports lane batch only."
        return PutAside(Reason.WRONG_LANE, sentence)
    if request.actor_user_id is not None and not is_user(connection, request.actor_user_id):
        return PutAside(Reason.ACTOR_UNKNOWN, "The message's actorUserId is not the id of a user.")
    return state


def _nothing_to_do(connection: Connection, state: LaunchState, request: LaunchRequest) -> str | None:
    """Why no worker is needed, or None when one is. A job that was validated, has failed or was cancelled goes on only
    if somebody asks for that, not because the message that had it done so was delivered twice."""
    if state.status in UNFINISHED:
        return None
    if not state.repeated and _is_wanted(connection, state, request):
        return None
    return f"the job is {state.status.replace('_', ' ')} already"


def _is_wanted(connection: Connection, state: LaunchState, request: LaunchRequest) -> bool:
    """Whether the message asks for another run of a job that has ended."""
    if state.status is Status.VALIDATED:
        return not request.resume and not request.options.get("dry_run")
    if state.status is Status.FAILED and not request.resume:
        return request.retry or may_run_again(connection, require_job(connection, request.job_id))
    return state.status is Status.CANCELLED and request.retry


def _order(request: LaunchRequest, state: LaunchState, index: int) -> Order:
    return Order(
        request.job_id,
        attempt=state.attempts + 1,
        launch=state.launches + 1,
        index=index,
        command=("run", *["--dry-run"] * _is_dry_run(state, request), *["--retry"] * _is_retry(state, request)),
        environment=_environment(request),
    )


def _is_retry(state: LaunchState, request: LaunchRequest) -> bool:
    return request.retry or state.status in (Status.FAILED, Status.CANCELLED)


def _is_dry_run(state: LaunchState, request: LaunchRequest) -> bool:
    """Said to each worker, because one that starts after the job was validated would begin the real import."""
    if state.status is Status.VALIDATED:
        return False
    return state.dry_run if state.planned else bool((request.options or state.options).get("dry_run"))


def _environment(request: LaunchRequest) -> dict[str, str]:
    environment = {"SIN_IMPORT_JOB_ID": str(request.job_id)}
    if request.actor_user_id is not None:
        environment["SIN_IMPORT_ACTOR_USER_ID"] = request.actor_user_id
    if request.options:
        detail: dict[str, object] = {"jobId": str(request.job_id), "options": dict(request.options)}
        environment["SST_EVENT"] = json.dumps({"detail": detail})
    return environment
