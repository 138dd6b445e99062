"""The main path through a real PgBouncer in transaction mode: what comes out is what comes out without it.

Several clients share four connections to the server, so that a transaction hardly ever gets the one that its worker had
before: whatever a session kept would be missing, or would be found by somebody else.
"""

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from import_worker.local.sample import FORM, registry
from import_worker.objects import ObjectStore
from tests.support.audit_chain import broken_links
from tests.support.cli import Cli
from tests.support.end_state import end_state, finished_chunks
from tests.support.host import Host
from tests.support.pause import paused
from tests.support.pgbouncer import POOL_SIZE, PgBouncer, find, pgbouncer
from tests.support.postgres import Server

ROWS = 4_300
FILE = b"".join(registry(ROWS, bad_share=0.1))
MISSING = find()

pytestmark = pytest.mark.skipif(isinstance(MISSING, str), reason=str(MISSING).strip())


@pytest.fixture(scope="module")
def pool(postgres: Server) -> Iterator[PgBouncer]:
    with pgbouncer(postgres.url) as started:
        yield started


@pytest.fixture(scope="module")
def direct(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The end state of the same import without PgBouncer."""
    artifacts = (tmp_path_factory.mktemp("direct") / "artifacts").as_uri()
    with postgres.fresh_database() as url, closing(Host(url, ObjectStore.open(artifacts))) as host:
        job_id = host.job(FILE, form_id=host.form(FORM))
        cli = Cli({"DatabaseUrl": url, "SIN_ARTIFACTS_BUCKET": artifacts, "SIN_IMPORT_CHUNK_BYTES": "65536"})
        assert cli("run", "--job-id", job_id).code == 0
        return end_state(host, job_id)


@pytest.fixture
def pooled(cli: Cli, pool: PgBouncer, database_url: str) -> Cli:
    """The command line, for which there is nothing but PgBouncer."""
    cli.environment |= {"DatabaseUrl": pool.url(database_url), "SIN_IMPORT_CONNECTIONS": "4"}
    return cli


@pytest.fixture
def job_id(host: Host) -> UUID:
    return host.job(FILE, form_id=host.form(FORM))


def test_a_database_is_set_up_and_a_file_submitted(
    pool: PgBouncer, pooled: Cli, postgres: Server, tmp_path: Path, artifacts: str, direct: dict[str, Any]
) -> None:
    (tmp_path / "members.csv").write_bytes(FILE)
    (tmp_path / "form.json").write_text(json.dumps(FORM))
    with postgres.fresh_database(empty=True) as url, closing(Host(url, ObjectStore.open(artifacts))) as host:
        pooled.environment["DatabaseUrl"] = pool.url(url)
        for applied in ("applied 0001", "up to date"):
            result = pooled("init", "--standalone")
            assert result.code == 0, result.err
            assert applied in result.out
        result = pooled("submit", tmp_path / "members.csv", "--form", tmp_path / "form.json", "--run", "--json")
        assert result.code == 0, result.err
        job_id = UUID(result.json["jobId"])
        assert end_state(host, job_id) == direct
        status = pooled("status", job_id, "--json")
        assert status.json["stats"]["rows_total"] == ROWS
        assert pooled("errors", job_id, "--json").json["summary"]
        assert str(job_id) in pooled("list").out


def test_several_workers_with_several_connections_each(
    pool: PgBouncer, pooled: Cli, host: Host, job_id: UUID, direct: dict[str, Any], database_url: str
) -> None:
    with ExitStack() as stack:
        workers = [stack.enter_context(pooled.start("run", "--job-id", job_id)) for _ in range(3)]
        for worker in workers:
            _, err = worker.communicate(timeout=100)
            assert worker.returncode == 0, err
    assert end_state(host, job_id) == direct
    assert not broken_links(host)
    name = database_url.partition("?")[0].rpartition("/")[2]
    (statistics,) = [row for row in pool.console("SHOW STATS_TOTALS") if row["database"] == name]
    assert statistics["xact_count"] > 50, "the workers did not go through PgBouncer"
    assert {row["pool_mode"] for row in pool.console("SHOW POOLS") if row["database"] == name} == {"transaction"}


def test_the_pool_is_shared_by_more_clients_than_it_has_connections(
    pool: PgBouncer, pooled: Cli, host: Host, job_id: UUID, direct: dict[str, Any], database_url: str
) -> None:
    """Two workers with nine connections in all stand still in the middle, and somebody else still gets through."""
    at = "NEW.payload->>'member_number' = 'M-0001500'"
    with (
        paused(database_url, "form_submissions", "INSERT", when=at) as pause,
        pooled.start("run", "--job-id", job_id) as first,
        pooled.start("run", "--job-id", job_id, SIN_IMPORT_CONNECTIONS="2") as second,
    ):
        pause.wait_until_reached()
        assert pooled("status", job_id, "--json").json["status"] == "importing"
        own = host.value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND application_name = 'solstice-import-worker'"
        )
        assert 0 < own <= POOL_SIZE
        pause.release()
        for worker in (first, second):
            _, err = worker.communicate(timeout=100)
            assert worker.returncode == 0, err
    assert end_state(host, job_id) == direct


@pytest.mark.parametrize("chunks_done", [0, 3, 6])
def test_a_worker_killed_and_the_job_run_on(
    chunks_done: int, pooled: Cli, host: Host, job_id: UUID, direct: dict[str, Any], database_url: str
) -> None:
    """The transaction of the dead is rolled back although its connection to the server lives on in the pool."""
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when=f"NEW.number = {chunks_done + 1}") as pause,
        pooled.start("run", "--job-id", job_id, SIN_IMPORT_CONNECTIONS="1") as worker,
    ):
        pause.wait_until_reached()
        before = finished_chunks(host, job_id)
        assert len(before) == chunks_done
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
    result = pooled("run", "--job-id", job_id)
    assert result.code == 0, result.err
    assert end_state(host, job_id) == direct
    after = finished_chunks(host, job_id)
    assert {number: after[number] for number in before} == before


def test_a_worker_that_hangs_in_a_statement_is_stopped(
    pooled: Cli, host: Host, job_id: UUID, database_url: str
) -> None:
    """The request to break a statement off goes through PgBouncer, too."""
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 2") as pause,
        pooled.start("run", "--job-id", job_id, SIN_IMPORT_CONNECTIONS="2") as worker,
    ):
        pause.wait_until_reached()
        worker.send_signal(signal.SIGTERM)
        worker.wait(15)
        assert worker.returncode == 4
        assert pause.waiting() == 0, "the statement goes on without its worker"
    assert host.events(job_id)[-1] == "interrupted"
    assert pooled("run", "--job-id", job_id).code == 0


def test_a_running_job_is_cancelled_and_rolled_back(pooled: Cli, host: Host, job_id: UUID, database_url: str) -> None:
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 5") as pause,
        pooled.start("run", "--job-id", job_id, SIN_IMPORT_CONNECTIONS="1") as worker,
    ):
        pause.wait_until_reached()
        with pooled.start("cancel", job_id) as cancel:
            pause.wait_for_request()
            pause.release()
            _, err = cancel.communicate(timeout=60)
            assert cancel.returncode == 0, err
        assert worker.wait(60) == 5
    rows = host.value("SELECT count(*) FROM form_submissions")
    assert rows == host.job_row(job_id)["stats"]["rows_succeeded"] > 0
    result = pooled("rollback", job_id)
    assert result.code == 0, result.err
    assert host.value("SELECT count(*) FROM form_submissions") == 0
    assert host.value("SELECT count(*) FROM form_submission_versions") == 0
    assert host.job_row(job_id)["status"] == "rolled_back"
    assert not broken_links(host)


def test_nothing_is_left_behind_in_a_session(pool: PgBouncer, pooled: Cli, host: Host, job_id: UUID) -> None:
    """Settings, locks, prepared statements and cursors of a server's session would meet its next user."""
    assert pooled("run", "--job-id", job_id).code == 0
    left = host.query(
        "SELECT l.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
        " WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND l.locktype = 'advisory'"
    )
    assert left == []
    kept = """SELECT pg_backend_pid() AS pid, (SELECT count(*) FROM pg_prepared_statements) AS prepared,
        (SELECT count(*) FROM pg_cursors WHERE is_holdable) AS cursors,
        current_setting('session_replication_role') || ' ' || current_setting('synchronous_commit')
        || ' ' || current_setting('enable_seqscan')
        || ' ' || current_setting('idle_in_transaction_session_timeout') AS set"""
    with ExitStack() as stack:
        visitors = [
            stack.enter_context(
                psycopg.connect(pool.url(host.database_url), prepare_threshold=None, row_factory=dict_row)
            )
            for _ in range(POOL_SIZE)
        ]
        # Each in a transaction of its own at the same time, so that they have all the server's sessions.
        sessions = [visitor.execute(kept).fetchone() for visitor in visitors]
    assert len({session["pid"] for session in sessions if session}) == POOL_SIZE
    assert {(session["prepared"], session["cursors"], session["set"]) for session in sessions if session} == {
        (0, 0, "origin on on 0")
    }


def test_doctor_sees_the_pooler(pooled: Cli, cli: Cli) -> None:
    result = pooled("doctor", "--json")
    assert result.code == 0, result.err
    (found,) = [check["found"] for check in result.json["checks"] if check["name"] == "database: pooler"]
    assert "PgBouncer" in found
