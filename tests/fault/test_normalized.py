"""Files that cannot be cut as they are: a worker killed while it makes one text of them, or later."""

import csv
import gzip
import io
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest

from import_worker.local.sample import FORM
from import_worker.objects import ObjectStore
from tests.corpus.row_limit import write_row_limit
from tests.corpus.workbooks import write_workbook
from tests.fault.conftest import FILE
from tests.support.cli import Cli
from tests.support.end_state import end_state, finished_chunks
from tests.support.host import Host
from tests.support.pause import paused
from tests.support.postgres import Server

HELPER = "import_worker.sources.workbooks.process"
WAIT_SECONDS = 20
POINTS = [
    ("while the plan is stored", "import_worker.chunks", "INSERT", "NEW.number = 3", 2),
    ("at the checkpoint", "import_worker.chunks", "UPDATE", "NEW.number = 5", 1),
    ("at the change of status", "import_jobs", "UPDATE", "NEW.status = 'completed'", 1),
]
"""Where, and how many attempts make a text."""


def _gzip(folder: Path) -> bytes:
    return gzip.compress(FILE, mtime=0)


def _workbook(folder: Path) -> bytes:
    rows = list(csv.reader(io.StringIO(FILE.decode(), newline="")))
    return write_workbook("xlsx", rows, folder / "file.xlsx").read_bytes()


@pytest.fixture(scope="module", params=[_gzip, _workbook], ids=["gzip", "xlsx"])
def source(
    request: pytest.FixtureRequest, postgres: Server, tmp_path_factory: pytest.TempPathFactory
) -> tuple[bytes, dict[str, Any]]:
    """A file, and the end state of a run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("normalized")
    data: bytes = request.param(folder)
    artifacts = (folder / "artifacts").as_uri()
    with postgres.fresh_database() as url, closing(Host(url, ObjectStore.open(artifacts))) as host:
        job_id = host.job(data, form_id=host.form(FORM))
        cli = Cli({"DatabaseUrl": url, "SIN_ARTIFACTS_BUCKET": artifacts, "SIN_IMPORT_CHUNK_BYTES": "65536"})
        result = cli("run", "--job-id", job_id)
        assert result.code == 0, result.err
        return data, end_state(host, job_id)


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point[0])
def test_a_worker_killed(
    point: tuple[str, str, str, str, int],
    survived: None,
    source: tuple[bytes, dict[str, Any]],
    cli: Cli,
    host: Host,
    database_url: str,
) -> None:
    data, undisturbed = source
    _, table, event, when, texts = point
    job_id = host.job(data, form_id=host.form(FORM))
    with (
        paused(database_url, table, event, when=when) as pause,
        cli.start("run", "--job-id", job_id) as worker,
    ):
        pause.wait_until_reached()
        before = finished_chunks(host, job_id)
        worker.kill()
        worker.wait(10)

    result = cli("run", "--job-id", job_id)

    assert result.code == 0, result.err
    assert end_state(host, job_id) == undisturbed
    assert before.items() <= finished_chunks(host, job_id).items()
    assert _pinned(host, job_id) == f"imports/{job_id}/normalized-{texts}.csv"


def test_a_killed_worker_leaves_no_helper_behind(
    survived: None, cli: Cli, host: Host, tmp_path: Path, database_url: str
) -> None:
    job_id = host.job(write_row_limit(tmp_path / "large.xlsx", 200_000).read_bytes(), form_id=host.form(FORM))
    with cli.start("run", "--job-id", job_id) as worker:
        helper = _wait_for_helper(worker.pid)
        worker.kill()
        worker.wait(10)
        psutil.wait_procs([helper], timeout=WAIT_SECONDS)
        assert not helper.is_running() or helper.status() == psutil.STATUS_ZOMBIE
    assert not list((tmp_path / "artifacts").rglob("normalized-*.csv"))


def _wait_for_helper(worker: int) -> psutil.Process:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        for child in psutil.Process(worker).children(recursive=True):
            if HELPER in child.cmdline():
                return child
        time.sleep(0.05)
    raise AssertionError("the worker has started no helper process for the workbook")


def _pinned(host: Host, job_id: UUID) -> object:
    return host.value("SELECT plan->'normalized'->>'key' FROM import_worker.jobs WHERE job_id = %s", job_id)
