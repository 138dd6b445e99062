"""The dispatcher's loop from within: its search for the dead, and what becomes of a message that comes too late."""

import os
import threading
from collections.abc import Iterator

import pytest

from import_worker.dispatching import Dispatcher, retry_seconds
from import_worker.queues import Queue
from import_worker.starters.processes import Processes
from tests.support.aws import aws
from tests.support.host import Host
from tests.support.http_proxy import aws_proxy
from tests.support.queues import Queues, make_queues


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
            queue = Queue(queues.launch, "SIN_IMPORT_QUEUE_URL")
        dispatcher = Dispatcher(
            database_url,
            queue,
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
