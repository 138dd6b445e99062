"""The dispatcher's loop from within: what it calls once a minute, and what becomes of a message that comes too late."""

import threading
from collections.abc import Iterator

import pytest

from import_worker.dispatching import Dispatcher, retry_seconds
from import_worker.errors import TransientError
from import_worker.queues import Queue
from import_worker.starters.processes import Processes
from tests.support.aws import aws
from tests.support.host import Host
from tests.support.queues import Queues, make_queues


@pytest.fixture
def queues() -> Iterator[Queues]:
    with aws():
        yield make_queues()


def test_ticks_go_on_after_one_that_failed_and_tell_of_the_reaped(
    queues: Queues, host: Host, database_url: str
) -> None:
    job_id = host.job()
    host.query("UPDATE import_jobs SET status = 'importing'")
    host.query("INSERT INTO import_worker.jobs (job_id) VALUES (%s)", job_id)
    host.query(
        "INSERT INTO import_worker.attempts (job_id, attempt, worker, heartbeat_at)"
        " VALUES (%s, 1, 'host:1', now() - interval '31 s')",
        job_id,
    )
    stop = threading.Event()
    ticks: list[int] = []
    reaped: list[int] = []

    def tick() -> None:
        ticks.append(len(ticks))
        if len(ticks) == 1:
            raise TransientError("Nobody listens.")
        stop.set()

    dispatcher = Dispatcher(
        database_url,
        Queue(queues.launch, "SIN_IMPORT_QUEUE_URL"),
        Processes(1),
        artifacts_url="s3://artifacts",
        stop=stop,
        on_tick=tick,
        on_reaped=reaped.append,
        tick_seconds=0.0,
    )
    assert dispatcher.run() == 0
    assert ticks == [0, 1]
    assert reaped == [1]
    assert queues.visible() == 1
    assert host.value("SELECT count(*) FROM import_worker.attempts") == 1


def test_a_message_comes_back_ever_later_up_to_five_minutes() -> None:
    assert [retry_seconds(receives) for receives in (1, 2, 3, 8, 9, 1_000)] == [2, 4, 8, 256, 300, 300]
