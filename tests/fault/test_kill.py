"""A worker is killed at a chosen point, and the job is run again: the end is that of an undisturbed run."""

import signal
import time
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

import pytest

from import_worker.local.sample import FORM
from tests.fault.conftest import FILE, seeds
from tests.support.cli import Cli
from tests.support.end_state import end_state, finished_chunks
from tests.support.host import Host
from tests.support.pause import paused


@dataclass(frozen=True)
class Point:
    """A moment in the life of an import, as something PostgreSQL sees."""

    name: str
    table: str
    event: str
    when: str = "true"
    in_commit: bool = False
    committed: bool = False
    """Whether the transaction in flight commits although its worker is dead."""


POINTS = [
    Point("while the plan is stored", "import_worker.chunks", "INSERT", "NEW.number = 3"),
    Point("in the commit of the plan", "import_worker.jobs", "UPDATE", "NEW.plan IS NOT NULL", in_commit=True),
    Point("in the middle of copying rows", "form_submissions", "INSERT", "NEW.payload->>'member_number' = 'M-0001500'"),
    Point("after errors were copied", "import_worker.errors", "INSERT", "NEW.row_number > 1500"),
    Point(
        "while versions are inserted",
        "form_submission_versions",
        "INSERT",
        "NEW.payload_snapshot->>'member_number' = 'M-0002002'",
    ),
    Point("at the checkpoint", "import_worker.chunks", "UPDATE", "NEW.number = 5"),
    Point("in the commit of a chunk", "import_worker.chunks", "UPDATE", "NEW.number = 5", in_commit=True),
    Point("in the commit of the last chunk", "import_worker.chunks", "UPDATE", "NEW.number = 10", in_commit=True),
    Point("after the reports were uploaded", "import_job_errors", "INSERT", "NEW.row_number > 50"),
    Point("at the change of status", "import_jobs", "UPDATE", "NEW.status = 'completed'"),
    Point("in the commit of the finish", "audit_logs", "INSERT", in_commit=True),
]


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.name)
def test_a_worker_killed_at(
    point: Point, survived: None, undisturbed: dict[str, Any], cli: Cli, host: Host, database_url: str
) -> None:
    job_id = host.job(FILE, form_id=host.form(FORM))
    with (
        paused(database_url, point.table, point.event, when=point.when, in_commit=point.in_commit) as pause,
        cli.start("run", "--job-id", job_id) as worker,
    ):
        pause.wait_until_reached()
        before = finished_chunks(host, job_id)
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(10) == -signal.SIGKILL
    assert host.job_row(job_id)["status"] in ("validating", "importing", "completed")

    result = cli("run", "--job-id", job_id)

    assert result.code == 0, result.err
    assert end_state(host, job_id) == undisturbed
    _assert_not_redone(before, finished_chunks(host, job_id))


@pytest.mark.parametrize("chunks_done", [1, 4, 8])
def test_a_worker_killed_when_so_many_chunks_are_done(
    chunks_done: int, survived: None, undisturbed: dict[str, Any], cli: Cli, host: Host, database_url: str
) -> None:
    """Again and again, until it is through: every attempt is killed a few chunks on."""
    job_id = host.job(FILE, form_id=host.form(FORM))
    before: dict[int, tuple[int, object]] = {}
    for _ in range(3):
        with (
            paused(
                database_url, "import_worker.chunks", "UPDATE", when=f"NEW.number > {len(before) + chunks_done}"
            ) as pause,
            cli.start("run", "--job-id", job_id) as worker,
        ):
            pause.wait_until_reached() if len(before) + chunks_done < 10 else None
            worker.kill()
            worker.wait(10)
        _assert_not_redone(before, finished_chunks(host, job_id))
        before = finished_chunks(host, job_id)

    assert cli("run", "--job-id", job_id).code == 0
    assert end_state(host, job_id) == undisturbed
    _assert_not_redone(before, finished_chunks(host, job_id))


@pytest.mark.parametrize("seed", seeds(14))
def test_a_worker_killed_at_a_random_time(
    seed: int, survived: None, undisturbed: dict[str, Any], cli: Cli, host: Host
) -> None:
    """Three kills in a row, each somewhere between the start of the program and what should be its end."""
    random = Random(seed)
    job_id = host.job(FILE, form_id=host.form(FORM))
    before: dict[int, tuple[int, object]] = {}
    for _ in range(3):
        with cli.start("run", "--job-id", job_id) as worker:
            time.sleep(random.uniform(0.7, 2.5))
            worker.kill()
            worker.wait(10)
        now = finished_chunks(host, job_id)
        _assert_not_redone(before, now)
        before = now
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    assert end_state(host, job_id) == undisturbed
    _assert_not_redone(before, finished_chunks(host, job_id))


def test_two_workers_at_once_share_the_chunks(
    survived: None, undisturbed: dict[str, Any], cli: Cli, host: Host, database_url: str
) -> None:
    job_id = host.job(FILE, form_id=host.form(FORM))
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 1") as pause,
        cli.start("run", "--job-id", job_id, "--json", SIN_IMPORT_CONNECTIONS="1") as first,
    ):
        # The first worker is held in its first chunk, so the second one must take others, and then wait for it.
        pause.wait_until_reached()
        with cli.start("run", "--job-id", job_id, "--json", SIN_IMPORT_CONNECTIONS="1") as second:
            _wait_for_chunks(host, job_id, undisturbed["stats"]["chunks_total"] - 1)
            pause.release()
            outputs = [worker.communicate(timeout=60) for worker in (first, second)]
            assert (first.returncode, second.returncode) == (0, 0), outputs
    assert end_state(host, job_id) == undisturbed
    attempts = {attempt for attempt, _ in finished_chunks(host, job_id).values()}
    assert attempts == {1, 2}


def test_two_workers_at_the_finish_finish_once(
    survived: None, undisturbed: dict[str, Any], cli: Cli, host: Host, database_url: str
) -> None:
    job_id = host.job(FILE, form_id=host.form(FORM))
    with (
        paused(database_url, "import_job_errors", "INSERT", when="NEW.row_number > 50") as pause,
        cli.start("run", "--job-id", job_id) as first,
    ):
        pause.wait_until_reached()
        with cli.start("run", "--job-id", job_id) as second:
            _wait_for_attempts(host, 2)
            time.sleep(1.5)  # for the second worker to come to the finish, too
            assert pause.waiting() == 1
            pause.release()
            outputs = [worker.communicate(timeout=60) for worker in (first, second)]
            assert (first.returncode, second.returncode) == (0, 0), outputs
    assert end_state(host, job_id) == undisturbed


def test_a_worker_killed_while_it_fails_the_job(
    survived: None, undisturbed: dict[str, Any], cli: Cli, host: Host, database_url: str
) -> None:
    """It has halted the other workers and dies before it can say why. The halt must not outlive it for long."""
    job_id = host.job(FILE, form_id=host.form(FORM))
    host.query("INSERT INTO import_worker.jobs (job_id, options) VALUES (%s, '{\"max_rejected_rows\": 0}')", job_id)
    with (
        paused(database_url, "import_jobs", "UPDATE", when="NEW.status = 'failed'") as pause,
        cli.start("run", "--job-id", job_id) as worker,
    ):
        pause.wait_until_reached()
        worker.kill()
        worker.wait(10)
    assert host.query("SELECT kind FROM import_worker.requests") == [{"kind": "halt"}]
    host.query("UPDATE import_worker.jobs SET plan = plan || '{\"options\": {}}'")
    host.query("UPDATE import_worker.requests SET requested_at = now() - interval '11 s'")
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    assert end_state(host, job_id) == undisturbed


def _wait_for_attempts(host: Host, count: int) -> None:
    deadline = time.monotonic() + 60
    while host.value("SELECT count(*) FROM import_worker.attempts") < count:
        assert time.monotonic() < deadline, "the second worker did not begin"
        time.sleep(0.05)


def _wait_for_chunks(host: Host, job_id: UUID, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(finished_chunks(host, job_id)) < count:
        assert time.monotonic() < deadline, "the second worker did not take the other chunks"
        time.sleep(0.05)


def _assert_not_redone(before: dict[int, tuple[int, object]], after: dict[int, tuple[int, object]]) -> None:
    assert {number: after.get(number) for number in before} == before
