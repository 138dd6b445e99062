"""Launch messages: what is understood, and that nothing else does any harm."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from import_worker.launching.messages import (
    Action,
    LaunchRequest,
    NothingAsked,
    PutAside,
    PutAsideReason,
    StopMessage,
    Upload,
    Uploads,
    parse_message,
)
from import_worker.launching.plain_sentence import plain_sentence

JOB = UUID("6f1c2a52-2a8e-4d6a-9c53-6f3b1d3b7a10")
BARE = {"jobId": str(JOB)}


def _envelope(detail: object) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Import Job Requested",
        "source": "solstice.imports",
        "account": "123456789012",
        "time": "2026-01-01T00:00:00Z",
        "region": "ca-central-1",
        "resources": [],
        "detail": detail,
    }


def _object_created(key: str, event: str = "ObjectCreated:Put") -> dict[str, Any]:
    about = {"bucket": {"name": "artifacts"}, "object": {"key": key, "size": 3}}
    return {"eventSource": "aws:s3", "eventName": event, "s3": about}


def parse(document: object) -> Any:
    return parse_message(json.dumps(document))


@pytest.mark.parametrize(
    "message",
    [
        BARE,
        {"jobId": f" {str(JOB).upper()} "},
        {"detail": BARE},
        _envelope(BARE),
        {"type": "imports.requested", "properties": BARE, "metadata": {}},
        _envelope({"properties": BARE, "metadata": {"trace": "1"}}),
    ],
)
def test_every_shape_of_a_launch_names_the_job(message: dict[str, Any]) -> None:
    request = parse(message)
    assert isinstance(request, LaunchRequest)
    assert (request.job_id, dict(request.options), request.tasks, request.resume) == (JOB, {}, 1, False)
    assert request.event_id == (message["id"] if "detail-type" in message else None)


def test_options_and_tasks_come_with_it() -> None:
    detail = {**BARE, "options": {"delimiter": "semicolon", "dry_run": True, "ragged_rows": "reject"}, "tasks": 3}
    request = parse(_envelope(detail))
    assert dict(request.options) == {"delimiter": ";", "dry_run": True}
    assert request.tasks == 3
    again = parse_message(request.to_message())
    assert again == LaunchRequest(JOB, request.options, 3, resume=True)


def test_a_message_says_what_is_to_be_done_and_who_asks() -> None:
    run = parse({**BARE, "action": "run", "actorUserId": "user-1", "reason": "for the log"})
    assert run == LaunchRequest(JOB, actor_user_id="user-1")
    assert parse_message(run.to_message()) == LaunchRequest(JOB, actor_user_id="user-1", resume=True)
    assert parse({**BARE, "action": "retry"}) == LaunchRequest(JOB, retry=True)
    assert parse({**BARE, "action": None, "actorUserId": " ", "reason": None}) == LaunchRequest(JOB)
    event = _envelope({**BARE, "action": "cancel", "actorUserId": "user-1", "reason": "wrong file"})
    assert parse(event) == StopMessage(JOB, Action.CANCEL, "wrong file", event["id"], "user-1")
    assert parse({"properties": {**BARE, "action": "rollback"}}) == StopMessage(JOB, Action.ROLLBACK)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", PutAsideReason.NOT_JSON),
        ("{", PutAsideReason.NOT_JSON),
        ("[" * 100_000, PutAsideReason.NOT_JSON),
        ("1" * 5_000, PutAsideReason.NOT_JSON),
        ("7", PutAsideReason.UNKNOWN_SHAPE),
        ("[]", PutAsideReason.UNKNOWN_SHAPE),
        ('{"detail": "x"}', PutAsideReason.UNKNOWN_SHAPE),
        ('{"Records": [{"eventSource": "aws:ses"}]}', PutAsideReason.UNKNOWN_SHAPE),
        ('{"Records": [7]}', PutAsideReason.UNKNOWN_SHAPE),
        ('{"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put"}]}', PutAsideReason.UNKNOWN_SHAPE),
        ('{"source": "aws.s3", "detail-type": "Object Created"}', PutAsideReason.UNKNOWN_SHAPE),
        (json.dumps({"Records": [_object_created("a%00b")]}), PutAsideReason.UNKNOWN_SHAPE),
        (json.dumps({"Records": [_object_created("\ud800")]}), PutAsideReason.UNKNOWN_SHAPE),
        ("{}", PutAsideReason.NO_JOB_ID),
        ('{"detail": {}}', PutAsideReason.NO_JOB_ID),
        (
            '{"specversion": "1.0", "type": "solstice.import.completed", "data": {"jobId": "x"}}',
            PutAsideReason.NO_JOB_ID,
        ),
        ('{"jobId": "7"}', PutAsideReason.INVALID_JOB_ID),
        ('{"jobId": 7}', PutAsideReason.INVALID_JOB_ID),
        ('{"jobId": "\\ud800\\u0000"}', PutAsideReason.INVALID_JOB_ID),
        (json.dumps({**BARE, "options": ["dry_run"]}), PutAsideReason.INVALID_OPTIONS),
        (json.dumps({**BARE, "options": {"delimeter": ";"}}), PutAsideReason.INVALID_OPTIONS),
        (json.dumps({**BARE, "options": {"header_row": 0}}), PutAsideReason.INVALID_OPTIONS),
        (json.dumps({**BARE, "options": {"sheet": "\0"}}), PutAsideReason.INVALID_OPTIONS),
        (json.dumps({**BARE, "options": {"sheet": "\ud800"}}), PutAsideReason.INVALID_OPTIONS),
        (json.dumps({**BARE, "options": {"date_formats": ["\udfff"]}}), PutAsideReason.INVALID_OPTIONS),
        (json.dumps({**BARE, "options": {"header_row": 10**30}}), PutAsideReason.INVALID_OPTIONS),
        (json.dumps({**BARE, "options": {"date_formats": ["%Y-%m-%d"] * 1_000}}), PutAsideReason.INVALID_OPTIONS),
        (json.dumps({**BARE, "tasks": 0}), PutAsideReason.INVALID_TASKS),
        (json.dumps({**BARE, "tasks": 65}), PutAsideReason.INVALID_TASKS),
        (json.dumps({**BARE, "tasks": True}), PutAsideReason.INVALID_TASKS),
        (json.dumps({**BARE, "tasks": "4"}), PutAsideReason.INVALID_TASKS),
        (json.dumps({**BARE, "resume": "true"}), PutAsideReason.INVALID_FLAG),
        (json.dumps({**BARE, "retry": 1}), PutAsideReason.INVALID_FLAG),
        (json.dumps({**BARE, "action": "stop"}), PutAsideReason.INVALID_ACTION),
        (json.dumps({**BARE, "action": ["cancel"]}), PutAsideReason.INVALID_ACTION),
        (json.dumps({**BARE, "action": {}}), PutAsideReason.INVALID_ACTION),
        (json.dumps({**BARE, "action": "cancel", "retry": True}), PutAsideReason.INVALID_ACTION),
        (json.dumps({**BARE, "actorUserId": 7}), PutAsideReason.INVALID_ACTOR),
        (json.dumps({**BARE, "actorUserId": "\0"}), PutAsideReason.INVALID_ACTOR),
        (json.dumps({**BARE, "actorUserId": "x" * 201}), PutAsideReason.INVALID_ACTOR),
        (json.dumps({**BARE, "action": "rollback", "reason": ["wrong"]}), PutAsideReason.INVALID_REASON),
        (json.dumps({**BARE, "action": "rollback", "reason": "\ud800"}), PutAsideReason.INVALID_REASON),
        (json.dumps({**BARE, "action": "rollback", "reason": "x" * 501}), PutAsideReason.INVALID_REASON),
    ],
)
def test_what_is_refused_says_why(text: str, reason: PutAsideReason) -> None:
    refusal = parse_message(text)
    assert isinstance(refusal, PutAside)
    assert refusal.reason is reason
    assert refusal.sentence.isascii()
    assert refusal.sentence.isprintable()
    assert 10 < len(refusal.sentence) <= 500


def test_s3_tells_of_files() -> None:
    key = "imports/org/a file + more é.csv"
    encoded = "imports/org/a+file+%2B+more+%C3%A9.csv"
    removed = _object_created("gone.csv", "ObjectRemoved:Delete")
    upload = Upload("artifacts", key)
    assert parse({"Records": [_object_created(encoded), removed]}) == Uploads((upload,))
    bridged = {"bucket": {"name": "artifacts"}, "object": {"key": key}}
    event = {"source": "aws.s3", "detail-type": "Object Created", "detail": bridged}
    assert parse(event) == Uploads((upload,))


@pytest.mark.parametrize(
    "message",
    [
        {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "artifacts"},
        {"Records": [_object_created("gone.csv", "ObjectRemoved:Delete")]},
        {"source": "aws.s3", "detail-type": "Object Deleted", "detail": {}},
    ],
)
def test_what_asks_for_nothing_is_no_error(message: dict[str, Any]) -> None:
    assert isinstance(parse(message), NothingAsked)


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(str(uuid4())) | st.just("aws:s3"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("jobId", "detail", "options", "tasks", "resume", "properties", "source", "detail-type", "id"),
                    *("action", "actorUserId", "reason"),
                    *("Records", "s3", "bucket", "object", "name", "key", "eventSource", "eventName", "Event"),
                    *("delimiter", "header_row", "dry_run", "date_formats", "max_rejected_ratio", "sheet"),
                ]
            )
            | st.text(max_size=3),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)
_LAUNCH = st.fixed_dictionaries(
    {"jobId": st.just(str(JOB)) | _JSON},
    optional={
        "options": _JSON,
        "tasks": st.integers(-1, 70) | _JSON,
        "action": st.sampled_from(list(Action)) | _JSON,
        "actorUserId": st.text() | _JSON,
        "reason": st.text() | _JSON,
    },
)
_S3 = st.fixed_dictionaries(
    {
        "Records": st.lists(
            st.fixed_dictionaries(
                {
                    "eventSource": st.just("aws:s3"),
                    "eventName": st.just("ObjectCreated:Put"),
                    "s3": st.fixed_dictionaries(
                        {"bucket": st.just({"name": "b"}), "object": st.fixed_dictionaries({"key": st.text() | _JSON})}
                    ),
                }
            ),
            max_size=2,
        )
    }
)


@given(st.text() | (_JSON | _LAUNCH | _S3 | st.builds(_envelope, _LAUNCH)).map(json.dumps))
def test_any_text_gives_a_request_or_a_reason(text: str) -> None:
    launch = parse_message(text)
    if isinstance(launch, LaunchRequest):
        assert 1 <= launch.tasks <= 64
        assert parse_message(launch.to_message()) == LaunchRequest(
            launch.job_id, launch.options, launch.tasks, resume=True, actor_user_id=launch.actor_user_id
        )
    elif isinstance(launch, StopMessage):
        for given_text in (launch.actor_user_id, launch.reason):
            assert given_text is None or "\0" not in given_text
            (given_text or "").encode()
    elif isinstance(launch, PutAside):
        assert launch.sentence == plain_sentence(launch.sentence)
    elif isinstance(launch, Uploads):
        for upload in launch.files:
            upload.key.encode()
    else:
        assert isinstance(launch, NothingAsked)
