"""cancel, rollback, retry and reap, through the command line, while workers run and after they died."""

import signal
from uuid import UUID

import pytest

from import_worker.local.sample import FORM, registry
from tests.support.audit_chain import broken_links
from tests.support.cli import Cli
from tests.support.host import Host
from tests.support.pause import paused

FILE = b"".join(registry(4_300, bad_share=0.1))
AT_CHUNK_5 = "NEW.number = 5"


@pytest.fixture
def job_id(host: Host) -> UUID:
    return host.job(FILE, form_id=host.form(FORM))


def submissions(host: Host, job_id: UUID) -> tuple[int, int]:
    """How many submissions the job has, and how many versions there are in all."""
    return (
        host.value("SELECT count(*) FROM form_submissions WHERE import_job_id = %s", job_id),
        host.value("SELECT count(*) FROM form_submission_versions"),
    )


def test_a_job_that_nobody_runs_is_cancelled(cli: Cli, host: Host, job_id: UUID) -> None:
    result = cli("cancel", job_id)
    assert result.code == 0, result.err
    assert "is cancelled; 0 rows are in" in result.out
    assert host.events(job_id) == ["cancelled"]
    assert host.value("SELECT action FROM audit_logs") == "IMPORT_JOB_CANCELLED"
    assert cli("run", "--job-id", job_id).code == 5
    assert cli("cancel", job_id).code == 0
    assert host.events(job_id) == ["cancelled"]


def test_a_running_job_is_cancelled_between_chunks(cli: Cli, host: Host, job_id: UUID, database_url: str) -> None:
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when=AT_CHUNK_5) as pause,
        cli.start("run", "--job-id", job_id, SIN_IMPORT_CONNECTIONS="1") as worker,
    ):
        pause.wait_until_reached()
        with cli.start("cancel", job_id, "--json") as cancel:
            pause.wait_for_request()
            pause.release()
            out, err = cancel.communicate(timeout=60)
            assert cancel.returncode == 0, err
        _, err = worker.communicate(timeout=60)
        assert worker.returncode == 5
        assert "cancelled" in err
    done = host.query("SELECT sum(rows_succeeded) AS rows FROM import_worker.chunks WHERE state = 'done'")[0]["rows"]
    assert submissions(host, job_id) == (done, done)
    assert host.job_row(job_id)["stats"]["rows_succeeded"] == done
    assert 0 < host.value("SELECT count(*) FROM import_worker.chunks WHERE state = 'done'") < 10
    assert host.events(job_id)[-1] == "cancelled"
    assert '"status": "cancelled"' in out


def test_a_job_is_cancelled_while_it_is_planned(cli: Cli, host: Host, job_id: UUID, database_url: str) -> None:
    with (
        paused(database_url, "import_worker.chunks", "INSERT") as pause,
        cli.start("run", "--job-id", job_id) as worker,
    ):
        pause.wait_until_reached()
        with cli.start("cancel", job_id) as cancel:
            pause.wait_for_request()
            pause.release()
            assert cancel.wait(60) == 0
        assert worker.wait(60) == 5
    assert host.job_row(job_id)["status"] == "cancelled"
    assert submissions(host, job_id)[0] == host.job_row(job_id)["stats"].get("rows_succeeded", 0)


def test_a_cancel_whose_caller_died_is_carried_out_by_the_next_who_comes(
    cli: Cli, host: Host, job_id: UUID, database_url: str
) -> None:
    with (
        paused(database_url, "import_jobs", "UPDATE", when="NEW.status = 'cancelled'") as pause,
        cli.start("cancel", job_id) as cancel,
    ):
        pause.wait_until_reached()
        cancel.send_signal(signal.SIGKILL)
        cancel.wait(10)
    result = cli("run", "--job-id", job_id)
    assert result.code == 5, result.err
    assert host.job_row(job_id)["status"] == "cancelled"
    assert submissions(host, job_id) == (0, 0)


def test_a_rollback_takes_out_the_job_and_nothing_else(cli: Cli, host: Host, job_id: UUID) -> None:
    other = host.job(b"name,age\nAda,36\nBea,37\n")
    assert cli("run", "--job-id", job_id).code == 0
    assert cli("run", "--job-id", other).code == 0
    in_all = submissions(host, job_id)[0]
    result = cli("rollback", job_id, "--reason", "wrong season")
    assert result.code == 0, result.err
    assert f"{in_all:,} rows taken out" in result.out
    assert submissions(host, job_id) == (0, 2)
    assert submissions(host, other) == (2, 2)
    job = host.job_row(job_id)
    assert (job["status"], job["error_summary"]["rollbackReason"]) == ("rolled_back", "wrong season")
    assert host.events(job_id)[-1] == "rolled_back"
    assert host.value("SELECT count(*) FROM audit_logs WHERE action = 'IMPORT_JOB_ROLLBACK'") == 1
    assert broken_links(host) == []
    assert cli("rollback", job_id).code == 0
    assert host.events(job_id).count("rolled_back") == 1
    assert cli("run", "--job-id", job_id).code == 5


@pytest.mark.parametrize(
    ("change", "says"),
    [("can_rollback = false", "can_rollback is false"), ("rollback_before = now() - interval '1 s'", "that is past")],
)
def test_a_rollback_is_refused_when_the_host_says_so(change: str, says: str, cli: Cli, host: Host) -> None:
    job_id = host.job()
    assert cli("run", "--job-id", job_id).code == 0
    host.query(f"UPDATE import_jobs SET {change} WHERE id = %s", job_id)
    result = cli("rollback", job_id)
    assert result.code == 5
    assert says in result.err
    assert submissions(host, job_id) == (1, 1)


def test_a_rollback_of_a_running_job_cancels_it_first(cli: Cli, host: Host, job_id: UUID, database_url: str) -> None:
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when=AT_CHUNK_5) as pause,
        cli.start("run", "--job-id", job_id) as worker,
    ):
        pause.wait_until_reached()
        with cli.start("rollback", job_id) as rollback:
            pause.wait_for_request()
            pause.release()
            _, err = rollback.communicate(timeout=60)
            assert rollback.returncode == 0, err
        assert worker.wait(60) == 5
    assert submissions(host, job_id) == (0, 0)
    assert host.events(job_id)[-2:] == ["cancelled", "rolled_back"]


def test_a_rollback_killed_in_its_middle_goes_on_when_called_again(
    cli: Cli, host: Host, job_id: UUID, database_url: str
) -> None:
    assert cli("run", "--job-id", job_id).code == 0
    with (
        paused(database_url, "form_submissions", "DELETE") as pause,
        cli.start("rollback", job_id) as rollback,
    ):
        pause.wait_until_reached()
        rollback.send_signal(signal.SIGKILL)
        rollback.wait(10)
    assert host.job_row(job_id)["status"] == "completed"
    assert cli("rollback", job_id).code == 0
    assert submissions(host, job_id) == (0, 0)
    assert host.events(job_id).count("rolled_back") == 1


def test_a_failed_job_is_run_on_by_retry(cli: Cli, host: Host) -> None:
    form_id = host.form(status="draft")
    job_id = host.job(form_id=form_id)
    assert cli("run", "--job-id", job_id).code == 3
    host.query("UPDATE forms SET status = 'published' WHERE id = %s", form_id)
    assert cli("retry", job_id).code == 0
    assert submissions(host, job_id) == (1, 1)


def test_reap_finds_a_dead_job_and_it_completes(cli: Cli, host: Host, job_id: UUID, database_url: str) -> None:
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when=AT_CHUNK_5) as pause,
        cli.start("run", "--job-id", job_id) as worker,
    ):
        pause.wait_until_reached()
        assert cli("reap", "--json").json == {"jobs": []}
        worker.kill()
        worker.wait(10)
    assert cli("reap", "--json").json == {"jobs": []}
    host.query(
        "UPDATE import_worker.attempts SET heartbeat_at = now() - interval '31 s', started_at = now() - interval '1 h'"
    )
    result = cli("reap", "--json")
    assert result.code == 0, result.err
    assert [(job["jobId"], job["result"]) for job in result.json["jobs"]] == [(str(job_id), "completed")]
    outcomes = [row["outcome"] for row in host.query("SELECT outcome FROM import_worker.attempts ORDER BY attempt")]
    assert outcomes == ["lost", "completed"]


@pytest.mark.parametrize("command", ["retry", "reap"])
def test_a_retry_or_reap_killed_in_its_middle_goes_on_when_called_again(
    command: str, cli: Cli, host: Host, job_id: UUID, database_url: str
) -> None:
    arguments = ["retry", job_id] if command == "retry" else ["reap"]
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 3") as pause,
        cli.start("run", "--job-id", job_id, SIN_IMPORT_DEADLINE_SECONDS="3" if command == "retry" else "") as worker,
    ):
        pause.wait_until_reached()
        if command == "reap":
            worker.kill()
        worker.wait(20)
    if command == "retry":
        assert host.job_row(job_id)["status"] == "failed"
    _let_time_pass(host)
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 9 OR NEW.number = 3") as pause,
        cli.start(*arguments) as again,
    ):
        pause.wait_until_reached()
        again.kill()
        again.wait(10)
    assert host.job_row(job_id)["status"] == "importing"
    _let_time_pass(host)
    result = cli(*arguments)
    assert result.code == 0, result.err
    assert host.job_row(job_id)["status"] == "completed"
    assert host.job_row(job_id)["stats"]["rows_processed"] == 4_300
    assert host.events(job_id).count("completed") == 1


def test_a_halted_job_says_so_and_goes_on_when_the_halt_is_stale(
    cli: Cli, host: Host, job_id: UUID, database_url: str
) -> None:
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when=AT_CHUNK_5) as pause,
        cli.start("run", "--job-id", job_id, SIN_IMPORT_CONNECTIONS="1") as worker,
    ):
        pause.wait_until_reached()
        worker.kill()
        worker.wait(10)
    host.query("INSERT INTO import_worker.requests (job_id, kind) VALUES (%s, 'halt')", job_id)
    halted = cli("run", "--job-id", job_id)
    assert halted.code == 1
    assert "with 6 chunks to go; run the job again" in halted.err
    host.query("UPDATE import_worker.requests SET requested_at = now() - interval '11 s'")
    assert cli("run", "--job-id", job_id).code == 0
    assert host.job_row(job_id)["stats"]["rows_processed"] == 4_300


def _let_time_pass(host: Host) -> None:
    """Half a minute and more without a sign of life from anybody."""
    host.query(
        "UPDATE import_worker.attempts SET heartbeat_at = heartbeat_at - interval '31 s',"
        " ended_at = ended_at - interval '31 s'"
    )


def test_attempts_that_get_nowhere_are_limited(cli: Cli, host: Host) -> None:
    job_id = host.job(b"name\nAda\n")
    nowhere = {
        "SIN_ARTIFACTS_BUCKET": "artifacts",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    for _ in range(2):
        assert cli("run", "--job-id", job_id, SIN_IMPORT_MAX_ATTEMPTS="2", **nowhere).code == 1
    result = cli("run", "--job-id", job_id, SIN_IMPORT_MAX_ATTEMPTS="2")
    assert result.code == 3
    assert host.job_row(job_id)["error_summary"]["reason"] == "attempts_exhausted"
    messages = host.query("SELECT message FROM import_worker.attempts ORDER BY attempt LIMIT 2")
    assert all("did not answer" in row["message"] for row in messages)
    assert cli("retry", job_id).code == 0
