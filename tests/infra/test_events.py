"""Events put to the bus, and what the deployed rules make of them."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.support.completion import client
from tests.support.event_pattern import matches
from tests.support.stack import Stack

STOPPED_LOG = "/aws/events/solstice-production-import-tasks-stopped"


def _put(source: str, detail_type: str, detail: object) -> None:
    entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail)}
    assert client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def _receive(url: str) -> list[Any]:
    """All messages that are there, taken out."""
    sqs = client("sqs")
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]


def test_a_request_arrives_whole_in_the_launch_queue(stack: Stack) -> None:
    detail = {"jobId": str(uuid4()), "options": {"delimiter": "semicolon"}, "tasks": 3}
    _put("solstice.imports", "Import Job Requested", detail)
    (message,) = _receive(stack.outputs["LaunchQueueUrl"])
    assert message["source"] == "solstice.imports"
    assert message["detail-type"] == "Import Job Requested"
    assert message["detail"] == detail


@pytest.mark.parametrize(
    ("source", "detail_type"), [("solstice.imports", "Import Job Deleted"), ("solstice.forms", "Import Job Requested")]
)
def test_other_events_do_not(stack: Stack, source: str, detail_type: str) -> None:
    _put(source, detail_type, {"jobId": str(uuid4())})
    assert _receive(stack.outputs["LaunchQueueUrl"]) == []


def _stopped(stack: Stack, **detail: object) -> dict[str, object]:
    """A state change as ECS tells it.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html"""
    return {
        "clusterArn": stack.attribute("Cluster", "Arn"),
        "group": "family:sin-import-worker",
        "lastStatus": "STOPPED",
        "taskArn": f"task-{uuid4()}",
        "stopCode": "EssentialContainerExited",
        "containers": [{"name": "import-worker", "exitCode": 0}],
    } | detail


def _logged(task: object) -> bool:
    logs = client("logs")
    streams = logs.describe_log_streams(logGroupName=STOPPED_LOG)["logStreams"]
    events = [
        event["message"]
        for stream in streams
        for event in logs.get_log_events(logGroupName=STOPPED_LOG, logStreamName=stream["logStreamName"])["events"]
    ]
    return any(json.loads(event)["detail"]["taskArn"] == task for event in events)


def _written_down(stack: Stack, detail: dict[str, object]) -> bool:
    """By the deployed rule's pattern. moto does not look into arrays of objects, EventBridge does."""
    rule = client("events").describe_rule(Name=stack.ids["TaskStoppedRule"])
    event = {"source": "aws.ecs", "detail-type": "ECS Task State Change", "detail": detail}
    return matches(json.loads(rule["EventPattern"]), event)


@pytest.mark.parametrize("exit_code", [1, 2, 137, 139, 143])
def test_a_worker_that_was_killed_or_broke_off_is_written_down(stack: Stack, exit_code: int) -> None:
    assert _written_down(stack, _stopped(stack, containers=[{"name": "import-worker", "exitCode": exit_code}]))


@pytest.mark.parametrize("stop_code", ["TaskFailedToStart", "SpotInterruption", "TerminationNotice"])
def test_a_task_without_an_exit_code_is_written_down(stack: Stack, stop_code: str) -> None:
    detail = _stopped(stack, stopCode=stop_code, containers=[{"name": "import-worker"}])
    assert _written_down(stack, detail)
    _put("aws.ecs", "ECS Task State Change", detail)
    assert _logged(detail["taskArn"])


@pytest.mark.parametrize(
    "detail",
    [
        *[{"containers": [{"name": "import-worker", "exitCode": code}]} for code in (0, 3, 4, 5)],
        {"lastStatus": "RUNNING", "stopCode": "TaskFailedToStart"},
        {"group": "service:dispatcher", "stopCode": "SpotInterruption"},
        {"clusterArn": "another", "stopCode": "SpotInterruption"},
    ],
)
def test_a_worker_that_gave_its_answer_is_not(stack: Stack, detail: dict[str, object]) -> None:
    event = _stopped(stack, **detail)
    assert not _written_down(stack, event)
    _put("aws.ecs", "ECS Task State Change", event)
    assert not _logged(event["taskArn"])
