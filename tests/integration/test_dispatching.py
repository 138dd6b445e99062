"""The dispatcher's loop from within: its start, its search for the dead, and messages that cannot be handled."""

import os
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from import_worker.aws.queues import Queue
from import_worker.errors import DatabaseUnavailable
from import_worker.launching.dispatcher import Dispatcher
from import_worker.launching.inbox import Inbox, retry_seconds
from import_worker.launching.starters.processes import Processes
from tests.support.aws import aws
from tests.support.host import Host
from tests.support.http_proxy import aws_proxy
from tests.support.queues import Queues, make_queues
from tests.support.waiting import wait_for


@pytest.fixture
def queues() -> Iterator[Queues]:
    with aws():
        yield make_queues()


def test_the_search_for_the_dead_goes_on_after_one_that_failed(
    queues: Queues, host: Host, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = host.job()
    host.query("UPDATE import_jobs SET status = 'importing'")
    host.query("INSERT INTO import_worker.jobs (job_id) VALUES (%s)", job_id)
    host.query(
        "INSERT INTO import_worker.attempts (job_id, attempt, worker, heartbeat_at, ended_at, outcome)"
        " VALUES (%s, 1, 'host:1', now() - interval '31 s', now() - interval '31 s', 'lost')",
        job_id,
    )
    stop = threading.Event()
    reaped: list[int] = []

    def tell(count: int) -> None:
        reaped.append(count)
        stop.set()

    with aws_proxy(os.environ["AWS_ENDPOINT_URL"]) as sqs:
        sqs.answers["SendMessage"] = [(403, {"__type": "AccessDenied"})]
        with monkeypatch.context() as environment:
            environment.setenv("AWS_ENDPOINT_URL_SQS", sqs.url)
            inbox = Inbox(Queue(queues.launch, "SIN_IMPORT_QUEUE_URL"), None)
        dispatcher = Dispatcher(
            database_url,
            inbox,
            Processes(1),
            artifacts_url="s3://artifacts",
            stop=stop,
            on_reaped=tell,
            tick_seconds=0.0,
        )
        assert dispatcher.run() == 0
    assert len(sqs.bodies("SendMessage")) == 2
    assert reaped == [1]
    assert queues.visible() == 1
    assert host.value("SELECT count(*) FROM import_worker.attempts") == 1


def test_a_message_comes_back_ever_later_up_to_five_minutes() -> None:
    assert [retry_seconds(receives) for receives in (1, 2, 3, 8, 9, 1_000)] == [2, 4, 8, 256, 300, 300]


def _dispatcher(queues: Queues, database_url: str, stop: threading.Event, **more: Any) -> Dispatcher:
    inbox = Inbox(Queue(queues.launch, "SIN_IMPORT_QUEUE_URL"), Queue(queues.dead, "SIN_IMPORT_DEAD_LETTER_QUEUE_URL"))
    return Dispatcher(database_url, inbox, Processes(1), artifacts_url="s3://artifacts", stop=stop, **more)


def test_a_message_that_nobody_can_handle_is_put_aside_and_stops_no_other(
    queues: Queues, host: Host, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A division by zero stands for a defect: none of the errors that are known."""
    monkeypatch.setattr("import_worker.launching.inbox.FIRST_RETRY_SECONDS", 0)
    monkeypatch.setattr("import_worker.launching.dispatcher.POLL_SECONDS", 1)
    job_id = host.job()
    host.query("INSERT INTO import_worker.jobs (job_id) VALUES (%s)", job_id)
    host.query("INSERT INTO import_worker.launches (job_id) VALUES (%s)", job_id)
    host.query("ALTER TABLE import_worker.launches RENAME TO kept")
    host.query(
        "CREATE VIEW import_worker.launches AS SELECT job_id, 1 / (length(job_id::text) - 36) AS launches,"
        " launched_at, tasks, message_id, queued_at, options, actor FROM import_worker.kept"
    )
    queues.send({"jobId": str(job_id)})
    queues.send("{")
    stop = threading.Event()
    thread = threading.Thread(target=_dispatcher(queues, database_url, stop).run)
    thread.start()
    try:
        wait_for(lambda: queues.left() == 0, "the queue is empty", 90)
    finally:
        stop.set()
        thread.join(30)
    assert sorted(reason for reason, _, _ in queues.dead_letters()) == ["not_json", "unexpected"]


def test_what_does_not_answer_at_the_start_is_waited_for_for_a_while(queues: Queues, database_url: str) -> None:
    nobody = urlsplit(database_url)._replace(query="host=/nowhere").geturl()
    with pytest.raises(DatabaseUnavailable, match="does not answer"):
        _dispatcher(queues, nobody, threading.Event(), start_seconds=1.5).run()
