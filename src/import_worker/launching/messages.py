"""What a message on the launch queue asks for: text in, a value out. No IO.

The parser understands a bare ``{"jobId": ...}``, an EventBridge envelope with it in ``detail``, an event of an SST bus
(whose ``detail`` holds ``properties`` and ``metadata``), and what S3 sends about an uploaded object, directly or
through EventBridge."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import unquote_plus
from uuid import UUID

from import_worker.errors import UsageError
from import_worker.launching.plain_sentence import plain_sentence
from import_worker.options import JobOptions
from import_worker.storable_text import is_storable

MAX_TASKS = 64
MAX_REASON_CHARACTERS = 500
MAX_ACTOR_CHARACTERS = 200
MAX_OPTIONS_CHARACTERS = 4096
"""Options are part of the container override, which may have 8,192 characters in all.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html"""


class Action(StrEnum):
    """What a message asks to be done with its job."""

    RUN = "run"
    RETRY = "retry"
    CANCEL = "cancel"
    ROLLBACK = "rollback"


class PutAsideReason(StrEnum):
    """Why a message goes into the dead-letter queue (attribute ``reason`` in the dead-letter queue)."""

    NOT_JSON = "not_json"
    UNKNOWN_SHAPE = "unknown_shape"
    NO_JOB_ID = "no_job_id"
    INVALID_JOB_ID = "invalid_job_id"
    INVALID_OPTIONS = "invalid_options"
    INVALID_TASKS = "invalid_tasks"
    INVALID_FLAG = "invalid_flag"
    INVALID_ACTION = "invalid_action"
    INVALID_ACTOR = "invalid_actor"
    INVALID_REASON = "invalid_reason"
    JOB_UNKNOWN = "job_unknown"
    WRONG_LANE = "wrong_lane"
    ACTOR_UNKNOWN = "actor_unknown"
    CANNOT_ROLL_BACK = "cannot_roll_back"
    OTHER_BUCKET = "other_bucket"
    CANNOT_START = "cannot_start"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True)
class LaunchRequest:
    """``tasks``: how many workers the job is to have in all. ``options``: checked, as JSON."""

    job_id: UUID
    options: Mapping[str, Any] = field(default_factory=dict)
    tasks: int = 1
    resume: bool = False
    """Asks for a run only if the job is unfinished: never for the real run after a dry one."""
    retry: bool = False
    """Asks for a run also if the job has failed or was cancelled."""
    event_id: str | None = None
    """Of the EventBridge event, which may be delivered in several messages."""
    actor_user_id: str | None = None
    """The user who asks; None: the job's creator."""

    def to_message(self) -> str:
        """The request as a message that keeps an unfinished job going."""
        document: dict[str, Any] = {"jobId": str(self.job_id), "resume": True}
        if self.options:
            document["options"] = dict(self.options)
        if self.tasks > 1:
            document["tasks"] = self.tasks
        if self.actor_user_id is not None:
            document["actorUserId"] = self.actor_user_id
        return json.dumps(document)


@dataclass(frozen=True)
class StopMessage:
    """A job is to be cancelled, or rolled back. ``actor_user_id`` and ``event_id`` as in a LaunchRequest."""

    job_id: UUID
    action: Action
    reason: str | None = None
    event_id: str | None = None
    actor_user_id: str | None = None


@dataclass(frozen=True)
class Upload:
    """An object that was written to S3. ``key`` is decoded, and includes the store's prefix."""

    bucket: str
    key: str


@dataclass(frozen=True)
class Uploads:
    files: tuple[Upload, ...]


@dataclass(frozen=True)
class NothingAsked:
    """A message that is in order and asks for nothing."""

    why: str


@dataclass(frozen=True)
class PutAside:
    """A message that no retry can help. ``sentence`` is plain ASCII, for a message attribute."""

    reason: PutAsideReason
    sentence: str


LaunchMessage = LaunchRequest | StopMessage | Uploads | NothingAsked | PutAside


def parse_message(text: str) -> LaunchMessage:
    """Never raises, whatever the text."""
    try:
        return _parse(text)
    except _Unusable as unusable:
        return unusable.put_aside


def find_detail(event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The object that holds ``jobId`` and ``options``, or None when it is not an object."""
    detail = event.get("detail", event)
    if isinstance(detail, dict) and "jobId" not in detail and isinstance(detail.get("properties"), dict):
        return detail["properties"]  # type: ignore[no-any-return]  # an SST bus wraps what was published
    return detail if isinstance(detail, dict) else None


class _Unusable(Exception):
    def __init__(self, reason: PutAsideReason, sentence: str) -> None:
        super().__init__(sentence)
        self.put_aside = PutAside(reason, plain_sentence(sentence))


def _parse(text: str) -> LaunchMessage:
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        raise _Unusable(PutAsideReason.NOT_JSON, "The message is not JSON.") from None
    if not isinstance(event, dict):
        raise _Unusable(PutAsideReason.UNKNOWN_SHAPE, "The message is JSON, but not an object.")
    if event.get("Event") == "s3:TestEvent":
        return NothingAsked("a test event of S3")
    if isinstance(event.get("Records"), list):
        return _parse_notifications(event["Records"])
    if event.get("source") == "aws.s3":
        return _parse_object_event(event)
    return _parse_request(event)


def _parse_request(event: dict[str, Any]) -> LaunchRequest | StopMessage:
    detail = find_detail(event)
    if detail is None:
        raise _Unusable(PutAsideReason.UNKNOWN_SHAPE, "The message's detail is not an object; it must hold jobId.")
    event_id = event.get("id") if "detail-type" in event else None
    event_id = event_id if isinstance(event_id, str) and is_storable(event_id) else None
    job_id, action = _parse_job_id(detail.get("jobId")), _parse_action(detail.get("action"))
    retry = _parse_flag(detail, "retry")
    actor = _parse_text(detail, "actorUserId", MAX_ACTOR_CHARACTERS, PutAsideReason.INVALID_ACTOR)
    reason = _parse_text(detail, "reason", MAX_REASON_CHARACTERS, PutAsideReason.INVALID_REASON)
    if action in (Action.CANCEL, Action.ROLLBACK):
        if retry:
            raise _Unusable(
                PutAsideReason.INVALID_ACTION, f"The message asks for a {action} and a retry; it must say one."
            )
        return StopMessage(job_id, action, reason, event_id, actor)
    return LaunchRequest(
        job_id,
        _parse_options(detail.get("options")),
        _parse_tasks(detail.get("tasks")),
        resume=_parse_flag(detail, "resume"),
        retry=retry or action is Action.RETRY,
        event_id=event_id,
        actor_user_id=actor,
    )


def _parse_action(value: object) -> Action:
    if value is None:
        return Action.RUN
    try:
        return Action(value)  # type: ignore[arg-type]  # it refuses values that are no text as well
    except (ValueError, TypeError):
        raise _Unusable(
            PutAsideReason.INVALID_ACTION, f"The message's action is none of: {', '.join(map(str, Action))}."
        ) from None


def _parse_text(detail: Mapping[str, Any], name: str, max_characters: int, reason: PutAsideReason) -> str | None:
    """A text that PostgreSQL and an environment variable can hold; None where there is none."""
    value = detail.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not is_storable(value):
        raise _Unusable(reason, f"The message's {name} is not a text.")
    if len(value) > max_characters:
        raise _Unusable(reason, f"The message's {name} has more than {max_characters} characters.")
    return value.strip() or None


def _parse_job_id(value: object) -> UUID:
    if value is None:
        raise _Unusable(PutAsideReason.NO_JOB_ID, "The message names no job; it must hold jobId, or detail.jobId.")
    if not isinstance(value, str):
        raise _Unusable(PutAsideReason.INVALID_JOB_ID, "jobId is not a text; it must be an id (a UUID).")
    try:
        return UUID(value.strip())
    except ValueError:
        raise _Unusable(
            PutAsideReason.INVALID_JOB_ID, f"jobId is {value[:100]!r}, which is not an id (a UUID)."
        ) from None


def _parse_options(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _Unusable(PutAsideReason.INVALID_OPTIONS, "The message's options are not an object of job options.")
    try:
        checked = JobOptions.parse(value).changed()
    except UsageError as error:
        raise _Unusable(PutAsideReason.INVALID_OPTIONS, str(error)) from None
    if len(json.dumps(checked)) > MAX_OPTIONS_CHARACTERS:
        raise _Unusable(
            PutAsideReason.INVALID_OPTIONS,
            f"The message's options take more than {MAX_OPTIONS_CHARACTERS:,} characters.",
        )
    return checked


def _parse_flag(detail: Mapping[str, Any], name: str) -> bool:
    value = detail.get(name, False)
    if not isinstance(value, bool):
        raise _Unusable(PutAsideReason.INVALID_FLAG, f"The message's {name} is neither true nor false.")
    return value


def _parse_tasks(value: object) -> int:
    if value is None:
        return 1
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_TASKS:
        raise _Unusable(
            PutAsideReason.INVALID_TASKS, f"The message's tasks are not a whole number from 1 to {MAX_TASKS}."
        )
    return value


def _parse_notifications(records: list[Any]) -> Uploads | NothingAsked:
    """S3's own notifications, in which keys are URL-encoded.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html"""
    uploads = []
    for record in records:
        if not isinstance(record, dict) or record.get("eventSource") != "aws:s3":
            raise _Unusable(PutAsideReason.UNKNOWN_SHAPE, "The message holds records that are not of S3.")
        if str(record.get("eventName")).startswith("ObjectCreated:"):
            uploads.append(_parse_upload(record.get("s3"), encoded=True))
    return Uploads(tuple(uploads)) if uploads else NothingAsked("no object was created")


def _parse_object_event(event: dict[str, Any]) -> Uploads | NothingAsked:
    """S3 through EventBridge, where keys are as they are.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html"""
    if event.get("detail-type") != "Object Created":
        return NothingAsked("no object was created")
    return Uploads((_parse_upload(event.get("detail"), encoded=False),))


def _parse_upload(holder: object, *, encoded: bool) -> Upload:
    bucket = holder.get("bucket") if isinstance(holder, dict) else None
    entry = holder.get("object") if isinstance(holder, dict) else None
    name = bucket.get("name") if isinstance(bucket, dict) else None
    key = entry.get("key") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not isinstance(key, str):
        raise _Unusable(
            PutAsideReason.UNKNOWN_SHAPE, "The message tells of an object of S3 without its bucket and key."
        )
    key = unquote_plus(key) if encoded else key
    if not is_storable(key):
        raise _Unusable(PutAsideReason.UNKNOWN_SHAPE, "The message tells of an object of S3 by a key that is no text.")
    return Upload(name, key)
