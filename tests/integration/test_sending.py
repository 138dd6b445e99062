"""The outbox and its senders against a real PostgreSQL and a queue over HTTP."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from import_worker.aws.queues import QueueUnavailable
from import_worker.database.connection import Connection, connect
from import_worker.database.events import record_event
from import_worker.database.import_jobs import require_job
from import_worker.database.outbox import claim_events
from import_worker.event import EventType
from import_worker.events.queue import QueueMessage, StatusQueue
from import_worker.events.sender import EventSender, send_pending
from import_worker.job import Status
from tests.support.aws import aws
from tests.support.host import Host
from tests.support.status_queues import make_queue, silent_server, take_messages


@pytest.fixture
def queue() -> Iterator[str]:
    with aws():
        yield make_queue("status.fifo")


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as connection:
        yield connection


def _record(host: Host, job_id: UUID, *types: str, age: str = "0 s", data: str = "{}") -> None:
    for name in types:
        host.connection.execute(
            "INSERT INTO import_worker.events (job_id, type, data, created_at)"
            " VALUES (%s, %s, %s, now() - %s::interval)",
            [job_id, f"solstice.import.{name}", data, age],
        )


def _sent(url: str) -> list[tuple[UUID, str]]:
    return [(UUID(event["subject"]), event["type"].split(".")[-1]) for event in take_messages(url)]


def test_everything_is_sent_once_and_each_job_in_order(host: Host, connection: Connection, queue: str) -> None:
    jobs = [uuid4() for _ in range(23)]
    for name in ("started", "planned", "completed"):
        for job_id in jobs:
            _record(host, job_id, name)
    assert send_pending(connection, StatusQueue(queue)).count == 69
    assert send_pending(connection, StatusQueue(queue)).count == 0
    by_job = defaultdict(list)
    for job_id, name in _sent(queue):
        by_job[job_id].append(name)
    assert by_job == {job_id: ["started", "planned", "completed"] for job_id in jobs}


def test_two_senders_share_the_work_and_keep_the_order(host: Host, database_url: str, queue: str) -> None:
    """Recorded while both send, in transactions of their own, as workers do it."""
    standard = make_queue("status")  # a FIFO queue would hide a second sending
    jobs = [uuid4() for _ in range(40)]
    names = [f"{number:02}" for number in range(6)]
    finished = threading.Event()
    counts: list[int] = []

    def send() -> None:
        with connect(database_url) as own:
            own_queue, count = StatusQueue(standard), 0
            while not finished.is_set():
                count += send_pending(own, own_queue).count
            counts.append(count + send_pending(own, own_queue).count)

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for name in names:
        for job_id in jobs:
            _record(host, job_id, name)
    time.sleep(0.2)
    finished.set()
    for thread in threads:
        thread.join()
    assert sum(counts) == len(jobs) * len(names)
    by_job = defaultdict(list)
    for job_id, name in _sent(standard):
        by_job[job_id].append(name)
    assert {job_id: sorted(by_job[job_id]) for job_id in jobs} == dict.fromkeys(jobs, names)
    order = host.query("SELECT job_id, type FROM import_worker.events ORDER BY sent_at")
    for job_id in jobs:
        assert [row["type"][-2:] for row in order if row["job_id"] == job_id] == names


def test_while_a_sender_has_a_jobs_first_event_its_later_ones_wait(
    host: Host, connection: Connection, database_url: str, queue: str
) -> None:
    slow, other = uuid4(), uuid4()
    _record(host, slow, "started", "planned")
    with connect(database_url) as first, first.transaction():
        assert [event.job_id for event in claim_events(first, 10, [])] == [slow]
        _record(host, other, "started")
        assert send_pending(connection, StatusQueue(queue)).count == 1
        assert _sent(queue) == [(other, "started")]
    # The first sender is gone without having sent anything.
    assert send_pending(connection, StatusQueue(queue)).count == 2
    assert _sent(queue) == [(slow, "started"), (slow, "planned")]


def test_overtaken_progress_is_not_sent(host: Host, connection: Connection, queue: str) -> None:
    ended, running = uuid4(), uuid4()
    _record(host, ended, "started", "progress", "progress", "completed")
    _record(host, running, "started", "progress", "progress")
    send_pending(connection, StatusQueue(queue))
    assert sorted(_sent(queue), key=str) == sorted(
        [(ended, "started"), (ended, "completed"), (running, "started"), (running, "progress")], key=str
    )
    rows = host.query("SELECT sent_at IS NULL AS unsent, skipped_at IS NULL AS kept FROM import_worker.events")
    assert all(row["unsent"] != row["kept"] for row in rows)


def test_a_new_queue_does_not_hear_of_years_ago(host: Host, connection: Connection, queue: str) -> None:
    for _ in range(3):
        host.query(
            "INSERT INTO import_worker.events (job_id, type, data, created_at)"
            " SELECT gen_random_uuid(), 'solstice.import.started', '{}', now() - interval '15 days'"
            " FROM generate_series(1, 700)"
        )
    recent = uuid4()
    _record(host, recent, "completed", age="13 days")
    assert send_pending(connection, StatusQueue(queue)).count == 1
    assert _sent(queue) == [(recent, "completed")]
    assert host.value("SELECT count(*) FROM import_worker.events WHERE skipped_at IS NOT NULL") == 2100


def test_large_events_are_cut_and_many_of_them_go_in_several_requests(
    host: Host, connection: Connection, queue: str
) -> None:
    fields = ", ".join(f'"field_{number}": {number}' for number in range(2_000))
    large = f'{{"errorSummary": {{"errorCount": 7, "byField": {{{fields}}}, "message": "{"é" * 90_000}"}}}}'
    fitting = f'{{"errorSummary": {{"message": "{"x" * 150_000}"}}}}'
    jobs = [uuid4() for _ in range(6)]
    for job_id in jobs[:3]:
        _record(host, job_id, "completed", data=large)
    for job_id in jobs[3:]:
        _record(host, job_id, "failed", data=fitting)
    assert send_pending(connection, StatusQueue(queue)).count == 6
    events = {UUID(event["subject"]): event["data"]["errorSummary"] for event in take_messages(queue)}
    assert set(events) == set(jobs)
    summary = events[jobs[0]]
    assert (summary["errorCount"], summary["truncated"]) == (7, True)
    assert summary["message"] == "é" * 1_000
    assert len(summary["byField"]) == 100
    assert summary["byField"]["field_1999"] == 1999
    assert events[jobs[3]] == {"message": "x" * 150_000}


def test_an_event_that_the_queue_refuses_keeps_only_its_own_job_waiting(
    host: Host, connection: Connection, queue: str
) -> None:
    bad, good = uuid4(), uuid4()
    _record(host, bad, "started", "planned")
    _record(host, good, "started", "planned")

    class Picky(StatusQueue):
        """moto takes whatever fits, AWS may not: the real queue, but for the messages of one job."""

        def send(self, messages: Any) -> dict[str, str]:
            super().send([message for message in messages if message.group != str(bad)] or [_other()])
            return {message.id: "InvalidMessageContents" for message in messages if message.group == str(bad)}

    sent = send_pending(connection, Picky(queue))
    assert sent.count == 2
    assert list(sent.refused.values()) == ["InvalidMessageContents"]
    assert [pair for pair in _sent(queue) if pair[0] != UUID(int=0)] == [(good, "started"), (good, "planned")]
    assert send_pending(connection, StatusQueue(queue)).count == 2
    assert _sent(queue) == [(bad, "started"), (bad, "planned")]


def _other() -> QueueMessage:
    return QueueMessage("other", "other", f'{{"subject": "{UUID(int=0)}", "type": "other"}}')


def test_a_silent_queue_is_given_up_and_its_claim_with_it(
    host: Host, database_url: str, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = uuid4()
    _record(host, job_id, "started")
    with silent_server() as nowhere, connect(database_url) as first:
        with monkeypatch.context() as changed:
            changed.setattr("import_worker.events.queue.READ_TIMEOUT_SECONDS", 0.2)
            changed.setenv("AWS_ENDPOINT_URL", nowhere)
            silent = StatusQueue(queue)
            silent.open()
        with pytest.raises(QueueUnavailable, match=r"takes no messages \(ReadTimeoutError\)"):
            send_pending(first, silent)
        with connect(database_url) as second:
            assert send_pending(second, StatusQueue(queue)).count == 1


def test_a_sender_that_is_told_to_stop_sends_what_is_there(host: Host, database_url: str, queue: str) -> None:
    """The last events of a run are recorded just before its end, between two looks of the sender."""
    job_id = uuid4()
    with EventSender(database_url, StatusQueue(queue)):
        _record(host, job_id, "started")
        _wait_until_sent(host, 1)
        _record(host, job_id, "planned", "completed")
    assert _sent(queue) == [(job_id, "started"), (job_id, "planned"), (job_id, "completed")]


def test_the_end_waits_for_a_queue_so_long_and_no_longer(
    host: Host, database_url: str, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue answers only after the sender's context has ended."""
    asked, answer = threading.Event(), threading.Event()

    class Slow(StatusQueue):
        def send(self, messages: Any) -> dict[str, str]:
            asked.set()
            answer.wait()
            return super().send(messages)

    job_id = uuid4()
    _record(host, job_id, "started")
    monkeypatch.setattr("import_worker.events.sender.FLUSH_SECONDS", 0.1)
    with EventSender(database_url, Slow(queue)):
        assert asked.wait(30)
    assert host.value("SELECT count(*) FROM import_worker.events WHERE sent_at IS NULL") == 1
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "event-sender"]
    answer.set()
    thread.join(30)
    assert _sent(queue) == [(job_id, "started")]


def test_a_sender_whose_connection_breaks_goes_on_with_a_new_one(host: Host, database_url: str, queue: str) -> None:
    job_id = uuid4()
    with EventSender(database_url, StatusQueue(queue)):
        _record(host, job_id, "started")
        _wait_until_sent(host, 1)
        host.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'solstice-import-worker' AND datname = current_database()"
        )
        _record(host, job_id, "completed")
        _wait_until_sent(host, 2)
    assert _sent(queue) == [(job_id, "started"), (job_id, "completed")]


def _wait_until_sent(host: Host, count: int) -> None:
    deadline = time.monotonic() + 30
    while host.value("SELECT count(*) FROM import_worker.events WHERE sent_at IS NOT NULL") < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_events_of_a_job_have_their_ids_in_order_of_their_commits(host: Host, database_url: str) -> None:
    job_id = host.job()
    with connect(database_url) as first, connect(database_url) as second:
        job = require_job(first, job_id)
        waiting = threading.Thread(
            target=lambda: record_event(second, EventType.STARTED, job, attempt=2, stats={}), daemon=True
        )
        with first.transaction():
            record_event(first, EventType.INTERRUPTED, job, attempt=1, stats={})
            waiting.start()
            deadline = time.monotonic() + 30
            while not host.value("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                assert time.monotonic() < deadline
                assert waiting.is_alive(), "it did not wait"
                time.sleep(0.02)
        waiting.join(10)
    assert host.events(job_id) == ["interrupted", "started"]


def test_progress_of_a_job_that_has_ended_meanwhile_is_not_told(host: Host, connection: Connection) -> None:
    job_id = host.job()
    seen = require_job(connection, job_id)
    assert seen.status is Status.PENDING
    host.query("UPDATE import_jobs SET status = 'completed' WHERE id = %s", job_id)
    record_event(connection, EventType.PROGRESS, seen, attempt=1, stats={})
    assert host.value("SELECT count(*) FROM import_worker.events") == 0


def test_events_are_on_disk_before_they_can_be_seen(host: Host, connection: Connection) -> None:
    """Also where the role commits asynchronously: a crash must not take back what was sent."""
    job = require_job(connection, host.job())
    connection.execute("SET synchronous_commit = off")
    with connection.transaction():
        record_event(connection, EventType.STARTED, job, attempt=1, stats={})
        assert _setting(connection) == "on"
    assert _setting(connection) == "off"
    connection.execute("SET synchronous_commit = local")
    with connection.transaction():
        record_event(connection, EventType.INTERRUPTED, job, attempt=1, stats={})
        assert _setting(connection) == "local"


def _setting(connection: Connection) -> Any:
    row = connection.execute("SHOW synchronous_commit").fetchone()
    return row and row[0]


def test_a_frozen_sender_lets_go(host: Host, database_url: str, connection: Connection, queue: str) -> None:
    job_id = uuid4()
    _record(host, job_id, "started")
    with suppress(psycopg.Error), connect(database_url) as frozen, frozen.transaction():
        assert claim_events(frozen, 10, [])
        row = frozen.execute("SHOW idle_in_transaction_session_timeout").fetchone()
        assert row == ("1min",)
        frozen.execute("SET LOCAL idle_in_transaction_session_timeout = '100ms'")
        time.sleep(0.5)
        assert send_pending(connection, StatusQueue(queue)).count == 1
