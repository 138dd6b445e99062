"""A database that an earlier version made, with jobs in every state, goes on after `init`.

``schema_0007.sql.gz`` is a dump of one whose newest migration is 0007: standalone tables of that version, and jobs that
it left behind. Their files are made again here, so the plans' ETags follow them.
"""

import gzip
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from import_worker.local.embedded import psql_path
from import_worker.objects import ObjectStore
from tests.support.audit_chain import broken_links
from tests.support.cli import Cli
from tests.support.host import Host
from tests.support.postgres import Server

DUMP = Path(__file__).parents[1] / "support" / "databases" / "schema_0007.sql.gz"
JOBS = {
    "completed": UUID("8ebe4332-1a70-42c5-bf3b-3dca41999f86"),
    "pending": UUID("31840998-d215-4ef2-a4ec-c6cba32bb040"),
    "validated": UUID("6b990384-b782-4d84-b78f-9feba6f304c5"),
    "failed": UUID("a7091879-1f5c-4627-97df-36e89f207c96"),
    "cancelled": UUID("9684d67a-d804-466c-99ba-580e764aebd8"),
    "rolled_back": UUID("bef49c15-101c-4c0c-b6f0-4b4a2e041281"),
    "half": UUID("09fc1132-d49c-45be-8614-84c32c45cfb3"),
}
SMALL = b"name,age,email\nAda,36,ada@example.org\nBea,x,\nCai,7,\n"
BIG = b"name,age\n" + b"".join(b"%s%d,%d\n" % (b"A long name " * 200, n, n % 90) for n in range(1, 90))


@pytest.fixture(scope="module")
def upgraded(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cli, Host]]:
    """The database after `init --standalone`, with its files."""
    artifacts = (tmp_path_factory.mktemp("upgrade") / "artifacts").as_uri()
    with postgres.fresh_database(empty=True) as url:
        text = gzip.decompress(DUMP.read_bytes())
        subprocess.run([psql_path(), "-X", "-q", "-v", "ON_ERROR_STOP=1", url], input=text, check=True)
        cli = Cli({"DatabaseUrl": url, "SIN_ARTIFACTS_BUCKET": artifacts, "SIN_IMPORT_CHUNK_BYTES": "65536"})
        result = cli("init", "--standalone")
        assert result.code == 0, result.err
        with closing(Host(url, ObjectStore.open(artifacts))) as host:
            for name, job_id in JOBS.items():
                key = host.job_row(job_id)["source_file_key"]
                host.put(BIG if name == "half" else SMALL, key)
                host.query(
                    "UPDATE import_worker.jobs SET plan = plan || jsonb_build_object('etag', %s::text)"
                    " WHERE job_id = %s AND plan IS NOT NULL",
                    host.store.head(key).etag,
                    job_id,
                )
            yield cli, host


def _rows(host: Host, job_id: UUID) -> int:
    count = host.value("SELECT count(*) FROM form_submissions WHERE import_job_id = %s", job_id)
    assert isinstance(count, int)
    return count


@pytest.mark.parametrize(
    ("name", "command", "status", "rows"),
    [
        ("completed", ("run", "--job-id"), "completed", 2),
        ("pending", ("run", "--job-id"), "completed", 2),
        ("validated", ("run", "--job-id"), "completed", 2),
        ("failed", ("run", "--job-id"), "completed", 2),
        ("cancelled", ("retry",), "completed", 2),
        ("half", ("run", "--job-id"), "completed", 89),
    ],
)
def test_a_job_goes_on(name: str, command: tuple[str, ...], status: str, rows: int, upgraded: tuple[Cli, Host]) -> None:
    cli, host = upgraded
    done = host.query(
        "SELECT number, attempt, done_at FROM import_worker.chunks WHERE job_id = %s AND state = 'done'", JOBS["half"]
    )
    result = cli(*command, JOBS[name])
    assert result.code == 0, result.err
    assert host.job_row(JOBS[name])["status"] == status
    assert _rows(host, JOBS[name]) == rows
    again = host.query(
        "SELECT number, attempt, done_at FROM import_worker.chunks WHERE job_id = %s AND number = ANY(%s)",
        JOBS["half"],
        [row["number"] for row in done],
    )
    assert again == done, "a finished chunk was done again"


@pytest.mark.parametrize("name", ["completed", "half"])
def test_a_job_is_rolled_back(name: str, upgraded: tuple[Cli, Host]) -> None:
    """Part of the rows of `half` are of the version before, part of this one."""
    cli, host = upgraded
    (edited,) = host.query(
        "UPDATE form_submissions SET payload = '{}', updated_at = now() WHERE id ="
        " (SELECT id FROM form_submissions WHERE import_job_id = %s ORDER BY id LIMIT 1) RETURNING id",
        JOBS[name],
    )
    rows = _rows(host, JOBS[name])
    result = cli("rollback", JOBS[name])
    assert result.code == 0, result.err
    assert f": {rows - 1} row{'s' * (rows > 2)} taken out, 1 kept" in result.out
    left = host.query("SELECT id FROM form_submissions WHERE import_job_id = %s", JOBS[name])
    assert left == [edited]


def test_what_was_rolled_back_before_stays_so(upgraded: tuple[Cli, Host]) -> None:
    cli, _ = upgraded
    assert cli("rollback", JOBS["rolled_back"]).code == 0
    assert cli("run", "--job-id", JOBS["rolled_back"]).code == 5
    assert cli("status", JOBS["rolled_back"]).code == 0
    assert cli("list").code == 0


def test_doctor_is_content_and_the_new_entries_of_the_audit_chain_follow_the_old(upgraded: tuple[Cli, Host]) -> None:
    cli, host = upgraded
    result = cli("doctor")
    assert result.code == 0, result.out
    assert broken_links(host) == []
