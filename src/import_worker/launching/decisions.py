"""Deciding about one launch message: the database says how the job stands, and workers are started or not."""

import json
from urllib.parse import urlsplit

import structlog

from import_worker.aws.queues import Message
from import_worker.database.connection import Connection, transaction
from import_worker.database.host import is_user
from import_worker.database.import_jobs import require_job
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
from import_worker.launching.inbox import MAX_REFUSED_RECEIVES
from import_worker.launching.messages import (
    LaunchRequest,
    NothingAsked,
    PutAside,
    PutAsideReason,
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
"""How often a message is received before its job counts as unknown: a host may send the message a moment before it
commits the job, and S3 announces a file before its job is there."""


class Launcher:
    """Starts the workers that messages ask for. ``artifacts_url`` is where uploaded files lie."""

    def __init__(self, starter: Starter, artifacts_url: str) -> None:
        self._starter = starter
        self._stop_handler = StopHandler(starter, artifacts_url)
        self._artifacts = urlsplit(artifacts_url)

    def handle(self, connection: Connection, message: Message) -> Verdict:
        """Raises DatabaseUnavailable before a worker was started, or after a start that will be repeated under the same
        token."""
        launch = parse_message(message.body)
        if isinstance(launch, LaunchRequest):
            return self._launch(connection, launch, message)
        if isinstance(launch, StopMessage):
            return self._stop_job(connection, launch, message)
        if isinstance(launch, Uploads):
            return self._launch_for_uploads(connection, launch, message)
        return Done(launch.why) if isinstance(launch, NothingAsked) else launch

    def _launch(self, connection: Connection, request: LaunchRequest, message: Message) -> Verdict:
        """Reads the job's state, starts workers and records them, in one transaction that holds the job's launch lock:
        two dispatchers must not both start the workers that are missing."""
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
        """Appends the handles of started workers to ``handles``, also when an exception follows."""
        origin = request.event_id or message.id
        state = _read_state(connection, request, origin, message)
        if not isinstance(state, LaunchState):
            return state
        if why := _explain_no_need(connection, state, request):
            return Done(why)
        working = max(state.alive + state.starting, self._starter.running(request.job_id))
        missing = min(request.tasks, self._starter.limit) - working
        if missing <= 0:
            without = ", and the message's options have no effect" if request.options else ""
            return Done(f"the job has its workers already{without}")
        obstacle = self._start_workers(request, state, missing, handles)
        if not handles:
            return _judge_no_start(obstacle, message.receives)
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

    def _start_workers(
        self, request: LaunchRequest, state: LaunchState, missing: int, handles: list[str]
    ) -> StarterRefused | StarterUnavailable | None:
        """Starts as many workers as there is room for, and stops at the first that cannot be started; returns why it
        cannot."""
        try:
            while len(handles) < missing and self._starter.room() > 0:
                handles.append(self._starter.start(_make_order(request, state, len(handles))))
        except (StarterRefused, StarterUnavailable) as error:
            permanent = isinstance(error, StarterRefused)
            log.warning("a worker was not started", job_id=str(request.job_id), why=str(error), permanent=permanent)
            return error
        return None

    def _stop_job(self, connection: Connection, request: StopMessage, message: Message) -> Verdict:
        origin = request.event_id or message.id
        with transaction(connection):
            state = _read_state(connection, request, origin, message)
        if not isinstance(state, LaunchState):
            return state
        return self._stop_handler.handle(connection, request, state, origin, message.receives)

    def _launch_for_uploads(self, connection: Connection, uploads: Uploads, message: Message) -> Verdict:
        """Starts the pending jobs whose source file was uploaded; an upload starts nothing else."""
        job_ids = []
        for upload in uploads.files:
            key = self._find_key(upload)
            if key is None:
                sentence = "The message tells of a file in another place than SIN_ARTIFACTS_BUCKET names."
                return PutAside(PutAsideReason.OTHER_BUCKET, sentence)
            with transaction(connection):
                job_ids += list_jobs_of_source_file(connection, key)
        if job_ids:
            return Done("jobs wait for the file", messages=tuple(LaunchRequest(each).to_message() for each in job_ids))
        if message.receives < UNKNOWN_RECEIVES:
            return Later("no job waits for the file yet")
        return Done("no job waits for the file")

    def _find_key(self, upload: Upload) -> str | None:
        """The object's key relative to the store's prefix, or None when it lies elsewhere."""
        prefix = self._artifacts.path.strip("/")
        prefix = f"{prefix}/" if prefix else ""
        if self._artifacts.scheme != "s3" or upload.bucket != self._artifacts.netloc:
            return None
        return upload.key.removeprefix(prefix) if upload.key.startswith(prefix) else None


def _judge_no_start(obstacle: StarterRefused | StarterUnavailable | None, receives: int) -> Verdict:
    """The verdict when no worker was started; ``obstacle`` is None where there was no room for one."""
    if isinstance(obstacle, StarterRefused) and receives >= MAX_REFUSED_RECEIVES:
        return PutAside(PutAsideReason.CANNOT_START, str(obstacle))
    return Later("as many workers run as may" if obstacle is None else str(obstacle))


def _read_state(
    connection: Connection, request: LaunchRequest | StopMessage, origin: str, message: Message
) -> LaunchState | Later | PutAside:
    """The job's state, or the verdict on a message whose job may not be touched."""
    state = get_launch_state(connection, request.job_id, origin)
    if state is None and message.receives < UNKNOWN_RECEIVES:
        return Later("the job is not there yet")
    if state is None:
        return PutAside(PutAsideReason.JOB_UNKNOWN, f"There is no import job {request.job_id}.")
    if state.lane != "batch":
        sentence = f"Job {request.job_id} belongs to lane {state.lane}; this worker imports lane batch only."
        return PutAside(PutAsideReason.WRONG_LANE, sentence)
    if request.actor_user_id is not None and not is_user(connection, request.actor_user_id):
        return PutAside(PutAsideReason.ACTOR_UNKNOWN, "The message's actorUserId is not the id of a user.")
    return state


def _explain_no_need(connection: Connection, state: LaunchState, request: LaunchRequest) -> str | None:
    """Why the job needs no worker, or None when it needs one. A job that was validated, has failed or was cancelled
    runs again only if a new message asks for it, not because the message of its last run was delivered twice."""
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


def _make_order(request: LaunchRequest, state: LaunchState, index: int) -> Order:
    return Order(
        request.job_id,
        attempt=state.attempts + 1,
        launch=state.launches + 1,
        index=index,
        command=("run", *["--dry-run"] * _is_dry_run(state, request), *["--retry"] * _is_retry(state, request)),
        environment=_make_environment(request),
    )


def _is_retry(state: LaunchState, request: LaunchRequest) -> bool:
    return request.retry or state.status in (Status.FAILED, Status.CANCELLED)


def _is_dry_run(state: LaunchState, request: LaunchRequest) -> bool:
    """Every worker is told, because one that starts after the job was validated would begin the real import."""
    if state.status is Status.VALIDATED:
        return False
    return state.dry_run if state.planned else bool((request.options or state.options).get("dry_run"))


def _make_environment(request: LaunchRequest) -> dict[str, str]:
    environment = {"SIN_IMPORT_JOB_ID": str(request.job_id)}
    if request.actor_user_id is not None:
        environment["SIN_IMPORT_ACTOR_USER_ID"] = request.actor_user_id
    if request.options:
        detail: dict[str, object] = {"jobId": str(request.job_id), "options": dict(request.options)}
        environment["SST_EVENT"] = json.dumps({"detail": detail})
    return environment
