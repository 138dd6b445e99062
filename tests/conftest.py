"""Fixtures: a real PostgreSQL, a folder or a moto server as object store, the host's side, and the command line."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from import_worker.objects import ObjectStore
from tests.support.cli import Cli
from tests.support.host import Host
from tests.support.postgres import Server, server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with server() as started:
        yield started


@pytest.fixture
def database_url(postgres: Server) -> Iterator[str]:
    """A database of its own with the host's tables, the worker's schema and a local organisation."""
    with postgres.fresh_database() as url:
        yield url


@pytest.fixture
def artifacts(tmp_path: Path) -> str:
    """URL of a folder as object store."""
    return (tmp_path / "artifacts").as_uri()


@pytest.fixture
def host(database_url: str, artifacts: str) -> Iterator[Host]:
    host = Host(database_url, ObjectStore.open(artifacts))
    yield host
    host.close()


@pytest.fixture
def cli(database_url: str, artifacts: str, tmp_path: Path) -> Cli:
    """The command line, pointed at the test's database and object store."""
    return Cli(
        {
            "DatabaseUrl": database_url,
            "SIN_ARTIFACTS_BUCKET": artifacts,
            "SIN_IMPORT_HOME": str(tmp_path / "home"),
            "SIN_IMPORT_CHUNK_BYTES": "65536",
            "SIN_IMPORT_CONNECTIONS": "2",
        }
    )


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Prints the figures that tests have measured, and how many faults of each kind were survived."""
    properties = [pair for report in terminalreporter.getreports("passed") for pair in report.user_properties]
    if figures := [value for name, value in properties if name == "figure"]:
        terminalreporter.section("figures")
        for figure in figures:
            terminalreporter.write_line(figure)
    kinds = Counter(value for name, value in properties if name == "fault")
    if kinds:
        terminalreporter.section("faults survived")
        for kind, count in sorted(kinds.items()):
            terminalreporter.write_line(f"{count:5}  {kind}")
        terminalreporter.write_line(f"{kinds.total():5}  in all")
