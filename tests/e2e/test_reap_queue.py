"""`reap` with a launch queue: who is queued again, who is not yet, and who never."""

import json
from collections.abc import Iterator
from uuid import UUID

import boto3
import pytest

from tests.support.aws import aws
from tests.support.host import Host
from tests.support.in_process import InProcess
from tests.support.queues import Queues, make_queues


@pytest.fixture
def queues() -> Iterator[Queues]:
    with aws():
        yield make_queues()


@pytest.fixture
def reap(database_url: str, queues: Queues) -> InProcess:
    import os

    names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
    return InProcess({name: os.environ[name] for name in names} | queues.settings() | {"DatabaseUrl": database_url})


def _queued(reap: InProcess, *arguments: object) -> list[str]:
    result = reap("reap", "--json", *arguments)
    assert result.code == 0, result.err
    assert {job["result"] for job in result.json["jobs"]} <= {"queued"}
    return [job["jobId"] for job in result.json["jobs"]]


def _received(queues: Queues) -> list[object]:
    messages = boto3.client("sqs").receive_message(QueueUrl=queues.launch, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


def _dead(
    host: Host, status: str = "importing", *, outcomes: tuple[str | None, ...] = (None,), seconds: int = 31
) -> UUID:
    """A job in that status whose workers ended so; the last gave its last sign of life so long ago."""
    job_id = host.job()
    host.query("UPDATE import_jobs SET status = %s WHERE id = %s", status, job_id)
    host.query("INSERT INTO import_worker.jobs (job_id) VALUES (%s)", job_id)
    for number, outcome in enumerate(outcomes, start=1):
        host.query(
            "INSERT INTO import_worker.attempts (job_id, attempt, worker, started_at, heartbeat_at, ended_at, outcome)"
            " VALUES (%s, %s, 'host:1', now() - interval '1 h', now() - make_interval(secs => %s),"
            " CASE WHEN %s::text IS NULL THEN NULL ELSE now() - make_interval(secs => %s) END, %s)",
            *(job_id, number, seconds, outcome, seconds, outcome),
        )
    return job_id


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("validating", None),
        ("importing", None),
        ("importing", "interrupted"),
        ("importing", "error"),
        ("pending", "error"),
        ("pending", None),
    ],
)
def test_a_job_whose_worker_is_gone_is_queued_once(
    status: str, outcome: str | None, reap: InProcess, host: Host, queues: Queues
) -> None:
    job_id = _dead(host, status, outcomes=(outcome,))
    assert _queued(reap) == [str(job_id)]
    host.query("UPDATE import_worker.attempts SET ended_at = now() - interval '31 s'")
    assert _queued(reap) == []
    assert _received(queues) == [{"jobId": str(job_id), "resume": True}]
    host.query("UPDATE import_worker.launches SET queued_at = now() - interval '301 s'")
    assert _queued(reap) == [str(job_id)]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("completed", "completed"),
        ("failed", None),
        ("cancelled", None),
        ("validated", "validated"),
        ("pending", "refused"),
    ],
)
def test_what_nobody_need_go_on_with_is_left_alone(
    status: str, outcome: str | None, reap: InProcess, host: Host
) -> None:
    _dead(host, status, outcomes=(outcome,))
    assert _queued(reap) == []


def test_a_living_worker_keeps_its_job(reap: InProcess, host: Host) -> None:
    _dead(host, seconds=20)
    assert _queued(reap) == []


def test_a_job_whose_new_task_is_starting_up_is_left_alone(reap: InProcess, host: Host) -> None:
    job_id = _dead(host)
    host.query(
        "INSERT INTO import_worker.launches (job_id, launches, launched_at, tasks) VALUES (%s, 2, now(), 1)", job_id
    )
    assert _queued(reap) == []
    host.query("UPDATE import_worker.launches SET launched_at = now() - interval '181 s'")
    host.query("UPDATE import_worker.attempts SET ended_at = now() - interval '31 s'")
    assert _queued(reap) == [str(job_id)]


def test_a_job_that_was_started_since_it_was_queued_and_died_is_queued_again(reap: InProcess, host: Host) -> None:
    job_id = _dead(host)
    host.query(
        "INSERT INTO import_worker.launches (job_id, launches, launched_at, tasks, queued_at)"
        " VALUES (%s, 2, now() - interval '2 h' + interval '1 s', 1, now() - interval '2 h')",
        job_id,
    )
    assert _queued(reap) == [str(job_id)]


def test_who_dies_again_and_again_waits_longer(reap: InProcess, host: Host) -> None:
    job_id = _dead(host, outcomes=("lost", "error"), seconds=90)
    assert _queued(reap) == []
    host.query("UPDATE import_worker.attempts SET heartbeat_at = now() - interval '121 s'")
    assert _queued(reap) == [str(job_id)]


def _launched(host: Host, job_id: UUID, *, seconds: int = 181, tasks: int = 1, options: str = "{}") -> None:
    """As if tasks had been started so long ago."""
    host.query("INSERT INTO import_worker.jobs (job_id) VALUES (%s)", job_id)
    host.query(
        "INSERT INTO import_worker.launches (job_id, launches, launched_at, tasks, options)"
        " VALUES (%s, 1, now() - make_interval(secs => %s), %s, %s)",
        *(job_id, seconds, tasks, options),
    )


def test_a_job_whose_task_never_began_is_queued_again_with_the_options_of_its_message(
    reap: InProcess, host: Host, queues: Queues
) -> None:
    job_id, starting, watched, checked = host.job(), host.job(), host.job(), host.job()
    _launched(host, job_id, tasks=3, options='{"delimiter": "semicolon"}')
    _launched(host, starting, seconds=170)
    _launched(host, watched, tasks=0)
    _launched(host, checked)
    host.query("UPDATE import_jobs SET status = 'validated' WHERE id = %s", checked)
    assert _queued(reap) == [str(job_id)]
    assert _queued(reap) == []
    assert _received(queues) == [
        {"jobId": str(job_id), "resume": True, "options": {"delimiter": "semicolon"}, "tasks": 3}
    ]


def test_pending_jobs_are_taken_only_when_asked_for(reap: InProcess, host: Host, queues: Queues) -> None:
    job_id, young, other = host.job(), host.job(), host.job(lane="interactive")
    for old in (job_id, other):
        host.query("UPDATE import_jobs SET created_at = now() - interval '20 min' WHERE id = %s", old)
    assert _queued(reap) == []
    assert _queued(reap, "--pending-after", 900) == [str(job_id)]
    assert _queued(reap, "--pending-after", 900) == []
    assert _received(queues) == [{"jobId": str(job_id), "resume": True}]
    assert host.job_row(young)["status"] == "pending"


def test_a_missing_queue_is_one_sentence_and_loses_nothing(reap: InProcess, host: Host, queues: Queues) -> None:
    job_id = _dead(host)
    missing = reap("reap", SIN_IMPORT_QUEUE_URL=queues.launch + "-no")
    assert missing.code == 2
    assert "There is no queue" in missing.err
    host.query("UPDATE import_worker.attempts SET ended_at = now() - interval '31 s'")
    assert _queued(reap) == [str(job_id)]


def test_reap_says_for_people_what_it_did(reap: InProcess, host: Host) -> None:
    job_id = _dead(host)
    assert reap("reap").out == f"job {job_id}: queued\n1 dead job queued\n"
