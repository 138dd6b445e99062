"""SIGTERM, SIGINT and the deadline: no new chunk, an event, exit code 4, all within ten seconds."""

import signal
import time
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from import_worker.local.sample import FORM, registry
from tests.fault.conftest import FILE, seeds
from tests.support.cli import Cli
from tests.support.end_state import end_state, finished_chunks
from tests.support.host import Host
from tests.support.pause import paused
from tests.support.proxy import Break, proxy_to, unix_socket

LIMIT_SECONDS = 10.0
LONG_FILE = b"".join(registry(30_000))


@pytest.mark.parametrize("seed", seeds(20))
def test_sigterm_with_chunks_in_flight(seed: int, survived: None, cli: Cli, host: Host) -> None:
    random = Random(seed)
    job_id = host.job(LONG_FILE, form_id=host.form(FORM))
    wanted = random.randrange(1, 20)
    with cli.start("run", "--job-id", job_id) as worker:
        while len(finished_chunks(host, job_id)) < wanted:
            assert worker.poll() is None
            time.sleep(0.02)
        sent = time.monotonic()
        worker.send_signal(random.choice([signal.SIGTERM, signal.SIGINT]))
        _, err = worker.communicate(timeout=LIMIT_SECONDS)
        assert time.monotonic() - sent < LIMIT_SECONDS
        assert worker.returncode == 4, err
    assert "run the job again" in err
    before = finished_chunks(host, job_id)
    assert host.events(job_id)[-1] == "interrupted"
    assert host.job_row(job_id)["status"] == "importing"
    assert cli("run", "--job-id", job_id).code == 0
    after = finished_chunks(host, job_id)
    assert {number: after[number] for number in before} == before
    assert host.job_row(job_id)["stats"]["rows_processed"] == 30_000
    outcomes = [row["outcome"] for row in host.query("SELECT outcome FROM import_worker.attempts ORDER BY attempt")]
    assert outcomes == ["interrupted", "completed"]


def test_a_chunk_that_does_not_end_is_rolled_back(
    survived: None, undisturbed: dict[str, Any], cli: Cli, host: Host, database_url: str
) -> None:
    job_id = host.job(FILE, form_id=host.form(FORM))
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 5") as pause,
        cli.start("run", "--job-id", job_id) as worker,
    ):
        while len(finished_chunks(host, job_id)) < 9:
            time.sleep(0.02)
        sent = time.monotonic()
        worker.terminate()
        _, err = worker.communicate(timeout=LIMIT_SECONDS)
        assert time.monotonic() - sent < LIMIT_SECONDS
        assert worker.returncode == 4, err
        # The chunk is free for others at once, although whatever held it up still does.
        assert pause.waiting() == 0
    assert cli("run", "--job-id", job_id).code == 0
    assert end_state(host, job_id) == undisturbed


def test_a_database_that_has_gone_silent_does_not_hold_it_up(
    survived: None, undisturbed: dict[str, Any], cli: Cli, host: Host, database_url: str
) -> None:
    """A network that swallows everything: nothing can be finished or recorded, and nothing is lost."""
    parts = urlsplit(database_url)
    job_id = host.job(FILE, form_id=host.form(FORM))
    with proxy_to(unix_socket(parse_qs(parts.query)["host"][0] + "/.s.PGSQL.5432")) as proxy:
        url = f"postgresql://postgres@127.0.0.1:{proxy.port}{parts.path}"
        with cli.start("run", "--job-id", job_id, DatabaseUrl=url) as worker:
            while len(finished_chunks(host, job_id)) < 2:
                time.sleep(0.02)
            proxy.add(*(Break("stall", "up", 0) for _ in range(20)))
            time.sleep(1)
            sent = time.monotonic()
            worker.terminate()
            worker.communicate(timeout=LIMIT_SECONDS)
            assert time.monotonic() - sent < LIMIT_SECONDS
            assert worker.returncode == 4
    assert cli("run", "--job-id", job_id).code == 0
    assert end_state(host, job_id) == undisturbed


def test_a_second_signal_stops_at_once(
    survived: None, undisturbed: dict[str, Any], cli: Cli, host: Host, database_url: str
) -> None:
    job_id = host.job(FILE, form_id=host.form(FORM))
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 5") as pause,
        cli.start("run", "--job-id", job_id) as worker,
    ):
        pause.wait_until_reached()
        worker.terminate()
        time.sleep(0.5)
        assert worker.poll() is None
        worker.terminate()
        assert worker.wait(2) == -signal.SIGTERM
    assert cli("run", "--job-id", job_id).code == 0
    assert end_state(host, job_id) == undisturbed


def test_the_deadline_stops_the_job_and_retry_goes_on(
    survived: None, undisturbed: dict[str, Any], cli: Cli, host: Host, database_url: str
) -> None:
    job_id = host.job(FILE, form_id=host.form(FORM))
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 5") as pause,
        cli.start("run", "--job-id", job_id, SIN_IMPORT_DEADLINE_SECONDS="3") as worker,
    ):
        pause.wait_until_reached()
        _, err = worker.communicate(timeout=20)
        assert worker.returncode == 3, err
    job = host.job_row(job_id)
    assert (job["status"], job["error_summary"]["reason"]) == ("failed", "deadline_exceeded")
    before = finished_chunks(host, job_id)
    assert len(before) >= 4
    assert cli("retry", job_id).code == 0
    after = finished_chunks(host, job_id)
    assert {number: after[number] for number in before} == before
    assert end_state(host, job_id) == undisturbed
