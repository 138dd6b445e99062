"""Status events in a real queue: complete, in order, at least once, and never in the import's way."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from import_worker.local.sample import FORM, registry
from tests.support.aws import aws
from tests.support.cli import Cli
from tests.support.host import Host
from tests.support.pause import paused
from tests.support.status_queues import make_queue, permission_denied, silent_server, take_messages

STAYS = "status events stay in the outbox"
WHOLE_JOB = ["started", "planned", "completed"]


@pytest.fixture
def sqs() -> Iterator[dict[str, str]]:
    with aws() as environment:
        yield environment


@pytest.fixture(params=["status", "status.fifo"])
def queue(request: pytest.FixtureRequest, sqs: dict[str, str], cli: Cli) -> str:
    url = make_queue(request.param)
    cli.environment |= sqs | {"SIN_IMPORT_STATUS_QUEUE_URL": url}
    return url


def _types(events: list[dict[str, Any]]) -> list[str]:
    """Without progress, of which there is as much as time allows."""
    names = [event["type"].removeprefix("solstice.import.") for event in events]
    return [name for name in names if name != "progress"]


def _unsent(host: Host) -> list[str]:
    rows = host.query(
        "SELECT type FROM import_worker.events WHERE sent_at IS NULL AND skipped_at IS NULL"
        " AND type <> 'solstice.import.progress' ORDER BY id"
    )
    return [row["type"].removeprefix("solstice.import.") for row in rows]


def test_the_events_of_a_job_arrive_complete_and_in_order(queue: str, cli: Cli, host: Host) -> None:
    job_id = host.job(b"".join(registry(12_000, bad_share=0.1)), form_id=host.form(FORM))
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    assert result.err == ""
    events = take_messages(queue)
    assert _types(events) == WHOLE_JOB
    recorded = host.query("SELECT * FROM import_worker.events WHERE sent_at IS NOT NULL ORDER BY id")
    assert [event["data"] for event in events] == [row["data"] for row in recorded]
    assert [event["time"] for event in events] == [
        row["created_at"].isoformat().replace("+00:00", "Z") for row in recorded
    ]
    for event in events:
        assert event["specversion"] == "1.0"
        assert event["source"] == "/solstice/import-worker"
        assert event["datacontenttype"] == "application/json"
        assert event["subject"] == event["data"]["jobId"] == str(job_id)
    assert len({event["id"] for event in events}) == len(events)
    assert sorted(events, key=lambda event: event["sequence"]) == events
    last, job = events[-1]["data"], host.job_row(job_id)
    assert last["status"] == "completed"
    assert last["stats"] == job["stats"]
    assert last["errorReportKey"] == job["error_report_key"] is not None
    assert last["errorSummary"] == job["error_summary"]
    assert last["attempt"] == 1


def test_a_failed_job_and_what_is_done_to_jobs_by_hand_are_told_too(queue: str, cli: Cli, host: Host) -> None:
    failed = host.job(b"nothing,known\n1,2\n")
    assert cli("run", "--job-id", failed).code == 3
    events = take_messages(queue)
    assert _types(events) == ["started", "failed"]
    assert events[-1]["data"]["errorSummary"]["reason"] == "mapped_header_missing"

    job_id = host.job()
    assert cli("cancel", job_id).code == 0
    assert _types(take_messages(queue)) == ["cancelled"]
    assert cli("rollback", job_id).code == 0
    assert _types(take_messages(queue)) == ["rolled_back"]


def test_an_interrupted_worker_tells_before_it_goes(queue: str, cli: Cli, host: Host, database_url: str) -> None:
    job_id = host.job(b"".join(registry(4_300)), form_id=host.form(FORM))
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 5") as pause,
        cli.start("run", "--job-id", job_id) as worker,
    ):
        pause.wait_until_reached()
        worker.terminate()
        time.sleep(0.5)
        pause.release()
        _, err = worker.communicate(timeout=20)
        assert worker.returncode == 4, err
    assert _types(take_messages(queue))[-1] == "interrupted"
    assert cli("run", "--job-id", job_id).code == 0
    assert _types(take_messages(queue)) == ["completed"]


def test_a_kill_between_commit_and_sending_loses_nothing(queue: str, cli: Cli, host: Host) -> None:
    job_id = host.job()
    with silent_server() as nowhere, cli.start("run", "--job-id", job_id, AWS_ENDPOINT_URL=nowhere) as worker:
        _wait_for(host, job_id, "completed")
        worker.kill()
        worker.wait(10)
    assert take_messages(queue) == []
    assert _unsent(host) == WHOLE_JOB
    result = cli("run", "--job-id", job_id)
    assert "completed already" in result.out
    assert _types(take_messages(queue)) == WHOLE_JOB
    assert _unsent(host) == []


def test_a_kill_between_sending_and_marking_sends_the_same_id_again(
    queue: str, cli: Cli, host: Host, database_url: str
) -> None:
    job_id = host.job()
    with (
        paused(database_url, "import_worker.events", "UPDATE", when="NEW.sent_at IS NOT NULL") as pause,
        cli.start("run", "--job-id", job_id) as worker,
    ):
        pause.wait_until_reached()
        worker.kill()
        worker.wait(10)
    assert cli("run", "--job-id", job_id).code == 0
    events = take_messages(queue)
    if queue.endswith(".fifo"):
        assert _types(events) == WHOLE_JOB
    else:
        assert _types(events) == ["started", *WHOLE_JOB]
        assert events[0] == events[1]


def _wait_for(host: Host, job_id: UUID, status: str) -> None:
    deadline = time.monotonic() + 60
    while host.job_row(job_id)["status"] != status:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _ran_without_queue(result: Any, host: Host, job_id: UUID) -> None:
    """The import is complete, its events wait in the outbox, and somebody has been told."""
    assert result.code == 0, result.err
    assert host.job_row(job_id)["status"] == "completed"
    assert _unsent(host) == WHOLE_JOB
    assert STAYS in result.err
    assert "unexpected" not in result.err


def test_a_queue_that_does_not_exist(sqs: dict[str, str], cli: Cli, host: Host) -> None:
    job_id = host.job()
    url = make_queue("status").replace("/status", "/other")
    result = cli("run", "--job-id", job_id, SIN_IMPORT_STATUS_QUEUE_URL=url, **sqs)
    _ran_without_queue(result, host, job_id)
    assert "NonExistentQueue" in result.err
    assert url in result.err


def test_a_queue_that_is_forbidden(queue: str, cli: Cli, host: Host) -> None:
    job_id = host.job()
    with permission_denied():
        result = cli("run", "--job-id", job_id)
    _ran_without_queue(result, host, job_id)
    assert "takes no messages (403)" in result.err  # moto answers in XML, so botocore finds no code
    assert "testing" not in result.err
    other = host.job()
    assert cli("run", "--job-id", other).code == 0
    events = take_messages(queue)
    assert _types([event for event in events if event["subject"] == str(job_id)]) == WHOLE_JOB
    assert _types([event for event in events if event["subject"] == str(other)]) == WHOLE_JOB


@pytest.mark.parametrize("url", ["not a url", "http://127.0.0.1:9/000000000000/status"])
def test_a_queue_that_nobody_answers_for(url: str, sqs: dict[str, str], cli: Cli, host: Host) -> None:
    job_id = host.job()
    environment = sqs | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    result = cli("run", "--job-id", job_id, SIN_IMPORT_STATUS_QUEUE_URL=url, **environment)
    _ran_without_queue(result, host, job_id)


def test_a_queue_that_never_answers_holds_up_neither_the_import_nor_its_end(
    queue: str, cli: Cli, host: Host, database_url: str
) -> None:
    """The server holds every request open for good, so that whatever waited for an answer would never end."""
    job_id = host.job(b"".join(registry(4_300)), form_id=host.form(FORM))
    with silent_server() as nowhere:
        _ran_without_queue(cli("run", "--job-id", job_id, AWS_ENDPOINT_URL=nowhere), host, job_id)
    # Its connection is gone, so its claim is gone.
    assert cli("run", "--job-id", job_id).code == 0
    assert _types(take_messages(queue)) == WHOLE_JOB


def test_a_queue_that_never_answers_does_not_hold_up_a_worker_that_is_to_stop(
    queue: str, cli: Cli, host: Host, database_url: str
) -> None:
    job_id = host.job(b"".join(registry(4_300)), form_id=host.form(FORM))
    with (
        silent_server() as nowhere,
        paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 5") as pause,
        cli.start("run", "--job-id", job_id, AWS_ENDPOINT_URL=nowhere) as worker,
    ):
        pause.wait_until_reached()
        told = time.monotonic()
        worker.terminate()
        time.sleep(0.2)
        pause.release()
        _, err = worker.communicate(timeout=20)
        assert time.monotonic() - told < 10
        assert worker.returncode == 4, err
    assert _unsent(host) == ["started", "planned", "interrupted"]


def test_without_a_queue_events_are_recorded_and_not_sent(cli: Cli, host: Host) -> None:
    job_id = host.job()
    result = cli("run", "--job-id", job_id)
    assert result.code == 0
    assert [line for line in result.err.splitlines() if not line.startswith("notice: ")] == []
    assert _unsent(host) == WHOLE_JOB


def test_a_schema_of_an_older_version_keeps_the_import_going(queue: str, cli: Cli, host: Host) -> None:
    """New workers may start before `init` has run."""
    host.query("ALTER TABLE import_worker.events DROP COLUMN skipped_at CASCADE")
    result = cli("run", "--job-id", host.job())
    assert result.code == 0
    assert "import-worker init" in result.err
