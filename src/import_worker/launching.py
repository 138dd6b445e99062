"""What becomes of one launch message: workers are started, or not, by what the database says of the job."""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog

from import_worker.database.connection import Connection, transaction
from import_worker.database.launches import (
    LaunchState,
    get_launch_state,
    list_jobs_of_source_file,
    record_launch,
)
from import_worker.errors import DatabaseUnavailable
from import_worker.job import UNFINISHED, Status
from import_worker.launch import LaunchRequest, Nothing, Reason, Refusal, Upload, Uploads, parse_message
from import_worker.queues import Message
from import_worker.starters import NotStarted, Order, Starter

log = structlog.stdlib.get_logger(__name__)

UNKNOWN_RECEIVES = 3
"""A host may announce a job a moment before it commits it, and a file before its job."""
REFUSED_RECEIVES = 6
"""So often is tried what only somebody else can mend (a permission, a task definition): about a minute."""


@dataclass(frozen=True)
class Done:
    """The message has served its purpose. ``follow_ups`` are to be sent first, to be received a minute later;
    ``messages`` are to be sent first, too, to be received at once."""

    why: str
    follow_ups: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Later:
    """The message is to be received again after a while."""

    why: str


@dataclass(frozen=True)
class Watched:
    """Workers were started whose end decides about the message."""

    handles: tuple[str, ...]
    follow_ups: tuple[str, ...] = ()


Verdict = Done | Later | Watched | Refusal


class Launcher:
    """Starts what messages ask for. ``artifacts_url`` is where uploaded files lie."""

    def __init__(self, starter: Starter, artifacts_url: str) -> None:
        self._starter = starter
        self._artifacts = urlsplit(artifacts_url)

    def handle(self, connection: Connection, message: Message) -> Verdict:
        """Raises DatabaseUnavailable before anything was started, or after a start that will be repeated under the
        same token."""
        launch = parse_message(message.body)
        if isinstance(launch, LaunchRequest):
            return self._requested(connection, launch, message)
        if isinstance(launch, Uploads):
            return self._uploaded(connection, launch, message)
        return Done(launch.why) if isinstance(launch, Nothing) else launch

    def _requested(self, connection: Connection, request: LaunchRequest, message: Message) -> Verdict:
        with transaction(connection):
            state = get_launch_state(connection, request.job_id)
        if state is None:
            if message.receives < UNKNOWN_RECEIVES:
                return Later("the job is not there yet")
            return Refusal(Reason.JOB_UNKNOWN, f"There is no import job {request.job_id}.")
        if state.lane != "batch":
            sentence = f"Job {request.job_id} belongs to lane {state.lane}; this worker imports lane batch only."
            return Refusal(Reason.WRONG_LANE, sentence)
        origin = request.event_id or message.id
        if why := _nothing_to_do(state, request, origin):
            return Done(why)
        working = max(state.alive, self._starter.running(request.job_id)) + state.starting
        missing = min(request.tasks, self._starter.limit) - working
        if missing <= 0:
            return Done("the job has its workers already")
        return self._start(connection, request, state, missing, origin, message.receives)

    def _start(
        self,
        connection: Connection,
        request: LaunchRequest,
        state: LaunchState,
        missing: int,
        origin: str,
        receives: int,
    ) -> Verdict:
        handles, obstacle = self._start_some(request, state, missing)
        if not handles:
            if obstacle is not None and obstacle.permanent and receives >= REFUSED_RECEIVES:
                return Refusal(Reason.CANNOT_START, str(obstacle))
            return Later("as many workers run as may" if obstacle is None else str(obstacle))
        log.info("workers started", job_id=str(request.job_id), tasks=handles, launch=state.launches + 1)
        self._record(connection, request, state, len(handles), origin)
        rest = (request.to_message(),) if len(handles) < missing else ()
        if self._starter.watches:
            return Watched(tuple(handles), rest)
        return Done("workers started", follow_ups=rest)

    def _start_some(
        self, request: LaunchRequest, state: LaunchState, missing: int
    ) -> tuple[list[str], NotStarted | None]:
        """As many as there is room for, up to the first that cannot be started; and why that one cannot."""
        handles: list[str] = []
        try:
            while len(handles) < missing and self._starter.room() > 0:
                handles.append(self._starter.start(_order(request, state, len(handles))))
        except NotStarted as error:
            log.warning(
                "a worker was not started", job_id=str(request.job_id), why=str(error), permanent=error.permanent
            )
            return handles, error
        return handles, None

    def _record(
        self, connection: Connection, request: LaunchRequest, state: LaunchState, started: int, origin: str
    ) -> None:
        unwatched = 0 if self._starter.watches else state.starting + started
        try:
            with transaction(connection):
                record_launch(
                    connection,
                    request.job_id,
                    since=state.seen_at,
                    tasks=unwatched,
                    message_id=origin,
                    options=request.options,
                )
        except DatabaseUnavailable:
            if not self._starter.watches:
                raise
            log.warning("the start of workers could not be recorded", job_id=str(request.job_id))

    def _uploaded(self, connection: Connection, uploads: Uploads, message: Message) -> Verdict:
        """An upload starts the pending jobs whose source file it is; it is no reason to import anything else."""
        job_ids = []
        for upload in uploads.files:
            key = self._key(upload)
            if key is None:
                sentence = "The message tells of a file in another place than SIN_ARTIFACTS_BUCKET names."
                return Refusal(Reason.OTHER_BUCKET, sentence)
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


def _nothing_to_do(state: LaunchState, request: LaunchRequest, origin: str) -> str | None:
    """Why no worker is needed, or None when one is. A job that has been validated goes on only if somebody asks for
    that, not because the message that had it validated was delivered twice."""
    if state.status in UNFINISHED:
        return None
    if state.status is not Status.VALIDATED:
        return f"the job is {state.status.replace('_', ' ')} already"
    if request.resume or request.options.get("dry_run") or state.message_id == origin:
        return "the job is validated already"
    return None


def _order(request: LaunchRequest, state: LaunchState, index: int) -> Order:
    return Order(
        request.job_id,
        attempt=state.attempts + 1,
        launch=state.launches + 1,
        index=index,
        command=("run", "--dry-run") if _is_dry_run(state, request) else ("run",),
        environment=_environment(request),
    )


def _is_dry_run(state: LaunchState, request: LaunchRequest) -> bool:
    """Said to each worker, because one that starts after the job was validated would begin the real import."""
    if state.status is Status.VALIDATED:
        return False
    return state.dry_run if state.planned else bool((request.options or state.options).get("dry_run"))


def _environment(request: LaunchRequest) -> dict[str, str]:
    environment = {"SIN_IMPORT_JOB_ID": str(request.job_id)}
    if request.options:
        detail: dict[str, object] = {"jobId": str(request.job_id), "options": dict(request.options)}
        environment["SST_EVENT"] = json.dumps({"detail": detail})
    return environment
