"""AWS over HTTP, its queues, and a dispatcher: what the tests of this folder share."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from import_worker.objects import ObjectStore
from tests.support.aws import aws, make_bucket
from tests.support.cli import Cli
from tests.support.host import Host
from tests.support.queues import Queues, make_queues


@pytest.fixture
def cloud(database_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of every program: database, bucket and AWS. Workers have small chunks and take one at a time."""
    with aws() as environment:
        make_bucket("artifacts")
        yield environment | {
            "DatabaseUrl": database_url,
            "SIN_ARTIFACTS_BUCKET": "artifacts",
            "SIN_IMPORT_HOME": str(tmp_path / "home"),
            "SIN_IMPORT_CHUNK_BYTES": "65536",
            "SIN_IMPORT_CONNECTIONS": "1",
        }


@pytest.fixture
def host(cloud: dict[str, str]) -> Iterator[Host]:
    with closing(Host(cloud["DatabaseUrl"], ObjectStore.open("s3://artifacts"))) as host:
        yield host


@pytest.fixture
def queues(cloud: dict[str, str]) -> Queues:
    """Every event arrives twice."""
    return make_queues(times=2)


@pytest.fixture
def cli(cloud: dict[str, str], queues: Queues) -> Cli:
    return Cli(cloud | queues.settings())
