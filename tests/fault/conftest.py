"""What every fault test compares with, and how many faults there are: dozens in a test run, hundreds in a soak."""

import os
from contextlib import closing
from typing import Any

import pytest

from import_worker.local.sample import FORM, registry
from import_worker.objects import ObjectStore
from tests.support.cli import Cli
from tests.support.end_state import end_state
from tests.support.host import Host
from tests.support.postgres import Server

ROWS = 4_300
CHUNKS = 10
FILE = b"".join(registry(ROWS, bad_share=0.1))
SCALE = int(os.environ.get("FAULT_SCALE", "1"))
"""How many times as many random faults as in `make test`."""


def seeds(count: int) -> range:
    """Seeds of random faults of one kind."""
    return range(count * SCALE)


@pytest.fixture(scope="session")
def undisturbed(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The end state of a run that nothing disturbed."""
    artifacts = (tmp_path_factory.mktemp("undisturbed") / "artifacts").as_uri()
    with postgres.fresh_database() as url, closing(Host(url, ObjectStore.open(artifacts))) as host:
        job_id = host.job(FILE, form_id=host.form(FORM))
        cli = Cli({"DatabaseUrl": url, "SIN_ARTIFACTS_BUCKET": artifacts, "SIN_IMPORT_CHUNK_BYTES": "65536"})
        result = cli("run", "--job-id", job_id)
        assert result.code == 0, result.err
        state = end_state(host, job_id)
    assert state["stats"]["chunks_total"] == CHUNKS
    assert state["stats"]["rows_failed"] > 200
    return state


@pytest.fixture
def survived(request: pytest.FixtureRequest) -> None:
    """Counts the test, if it passes, among the faults survived (printed at the end of the run)."""
    kind = getattr(request.node, "originalname", request.node.name).removeprefix("test_").replace("_", " ")
    request.node.user_properties.append(("fault", kind))
