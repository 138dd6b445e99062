"""While a file is read for the first time, people can see that something moves."""

import time
from collections.abc import Iterator

import pytest

from import_worker.database import attempts, import_jobs
from import_worker.database.connection import connect, transaction
from import_worker.importing import heartbeat
from import_worker.importing.heartbeat import Heartbeat
from import_worker.importing.planning_progress import PlanningProgress
from import_worker.jobs.status import get_status
from tests.support.attempts import make_attempt
from tests.support.cli import Cli
from tests.support.host import Host

WAIT_SECONDS = 20


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.0)
    monkeypatch.setattr(heartbeat, "LISTEN_SECONDS", 0.05)


def _blocks(progress: PlanningProgress) -> Iterator[bytes]:
    yield from progress.count_blocks([b"x" * 300, b"x" * 100, b"x" * 600])


def test_what_the_planning_thread_tells_is_in_the_status(host: Host, database_url: str, cli: Cli) -> None:
    job_id = host.job()
    progress = PlanningProgress()
    with connect(database_url) as connection:
        with transaction(connection):
            import_jobs.ensure_worker_job(connection, job_id, {})
            number = attempts.start_attempt(connection, job_id, "a worker")
        with Heartbeat(make_attempt(host, job_id, number, progress)):
            progress.start(1_000)
            blocks = _blocks(progress)
            for _ in range(3):
                next(blocks)
            progress.count_rows(7_000)
            expected = {"bytes": 400, "bytesTotal": 1_000, "rows": 7_000, "step": "reading"}
            deadline = time.monotonic() + WAIT_SECONDS
            while get_status(connection, job_id).planning != expected and time.monotonic() < deadline:
                time.sleep(0.05)
            assert get_status(connection, job_id).planning == expected
            assert "40% of the file read, 7,000 rows so far" in cli("status", job_id).out
            progress.end()
            deadline = time.monotonic() + WAIT_SECONDS
            while get_status(connection, job_id).planning is not None and time.monotonic() < deadline:
                time.sleep(0.05)
            assert get_status(connection, job_id).planning is None


def test_a_second_pass_counts_from_the_beginning() -> None:
    seen: list[int] = []
    progress = PlanningProgress(lambda told: seen.append(told.bytes))
    progress.start(1_000)
    for _ in range(2):
        list(_blocks(progress))
    assert seen == [0, 300, 400, 1_000, 300, 400, 1_000]


def test_the_second_reading_for_unique_fields_begins_anew_and_says_what_it_is_for() -> None:
    progress = PlanningProgress()
    progress.start(10)
    progress.count(10, 3)
    progress.compare(20)
    progress.count(5, 1)
    assert progress.to_json() == {"bytes": 5, "bytesTotal": 20, "rows": 1, "step": "comparing"}
