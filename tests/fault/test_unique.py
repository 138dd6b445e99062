"""Killed while it looks for values that come twice, or afterwards: the same rows keep their values."""

import signal
import time
from contextlib import closing
from random import Random
from typing import Any

import pytest

from import_worker.local.sample import FORM, registry
from import_worker.objects import ObjectStore
from tests.fault.conftest import seeds
from tests.fault.test_kill import Point
from tests.support.cli import Cli
from tests.support.end_state import end_state
from tests.support.host import Host
from tests.support.pause import paused
from tests.support.postgres import Server

UNIQUE = {"type": "unique_in_import"}
FIELDS = [{**field, "importValidation": UNIQUE} if field["key"] == "fee" else field for field in FORM["fields"]]
FILE = b"".join(registry(4_300, bad_share=0.1))
POINTS = [
    Point("while the losers are stored", "import_worker.duplicates", "INSERT", "NEW.row_number % 100 = 7"),
    Point("in the commit of the plan", "import_worker.jobs", "UPDATE", "NEW.plan IS NOT NULL", in_commit=True),
    Point("after errors were copied", "import_worker.errors", "INSERT", "NEW.row_number > 1500"),
    Point("in the commit of a chunk", "import_worker.chunks", "UPDATE", "NEW.number = 5", in_commit=True),
]


@pytest.fixture(scope="module")
def undisturbed(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The end of a run by one connection that nothing disturbed."""
    artifacts = (tmp_path_factory.mktemp("undisturbed") / "artifacts").as_uri()
    with postgres.fresh_database() as url, closing(Host(url, ObjectStore.open(artifacts))) as host:
        job_id = host.job(FILE, form_id=host.form({"fields": FIELDS}))
        cli = Cli({"DatabaseUrl": url, "SIN_ARTIFACTS_BUCKET": artifacts, "SIN_IMPORT_CHUNK_BYTES": "65536"})
        result = cli("run", "--job-id", job_id, SIN_IMPORT_CONNECTIONS="1")
        assert result.code == 0, result.err
        state = end_state(host, job_id)
    assert state["error_summary"]["byType"]["duplicate"] > 100
    return state


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.name)
def test_a_worker_killed_at(
    point: Point, survived: None, undisturbed: dict[str, Any], cli: Cli, host: Host, database_url: str
) -> None:
    job_id = host.job(FILE, form_id=host.form({"fields": FIELDS}))
    with (
        paused(database_url, point.table, point.event, when=point.when, in_commit=point.in_commit) as pause,
        cli.start("run", "--job-id", job_id) as worker,
    ):
        pause.wait_until_reached()
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(10) == -signal.SIGKILL
    result = cli("run", "--job-id", job_id, SIN_IMPORT_CONNECTIONS="3")
    assert result.code == 0, result.err
    assert end_state(host, job_id) == undisturbed


@pytest.mark.parametrize("seed", seeds(3))
def test_a_worker_killed_at_a_random_time(
    seed: int, survived: None, undisturbed: dict[str, Any], cli: Cli, host: Host
) -> None:
    job_id, random = host.job(FILE, form_id=host.form({"fields": FIELDS})), Random(seed)
    for _ in range(2):
        with cli.start("run", "--job-id", job_id) as worker:
            time.sleep(random.uniform(0.9, 2.0))
            worker.kill()
            worker.wait(10)
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    assert end_state(host, job_id) == undisturbed
