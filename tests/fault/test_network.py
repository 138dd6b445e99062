"""Connections that break off, stall or crawl at chosen bytes, to PostgreSQL and to the object store."""

from collections.abc import Iterator
from contextlib import closing
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from import_worker.local.sample import FORM
from import_worker.objects import ObjectStore
from tests.fault.conftest import FILE, seeds
from tests.support.aws import aws, make_bucket
from tests.support.cli import Cli
from tests.support.end_state import end_state, finished_chunks
from tests.support.host import Host
from tests.support.pause import paused
from tests.support.proxy import Break, Proxy, proxy_to, tcp_socket, unix_socket

DATABASE_BYTES = 2_500_000
"""About what an undisturbed run of FILE sends to PostgreSQL."""
STORE_BYTES = 1_500_000
"""About what it gets from the object store."""


@pytest.fixture
def database(database_url: str) -> Iterator[tuple[Proxy, str]]:
    """A proxy before PostgreSQL, and the URL that goes through it."""
    parts = urlsplit(database_url)
    folder = parse_qs(parts.query)["host"][0]
    with proxy_to(unix_socket(f"{folder}/.s.PGSQL.5432")) as proxy:
        yield proxy, f"postgresql://postgres@127.0.0.1:{proxy.port}{parts.path}"


@pytest.fixture
def store() -> Iterator[tuple[Proxy, dict[str, str]]]:
    """A proxy before S3, and the environment that goes through it."""
    with aws() as environment:
        make_bucket("artifacts")
        address = urlsplit(environment["AWS_ENDPOINT_URL"])
        assert address.hostname is not None
        assert address.port is not None
        with proxy_to(tcp_socket(address.hostname, address.port)) as proxy:
            through = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{proxy.port}", "SIN_ARTIFACTS_BUCKET": "artifacts"}
            yield proxy, environment | through


def run_until_done(cli: Cli, host: Host, job_id: UUID, **environment: str) -> int:
    """Runs the job, again after every passing failure; returns how often. No chunk is ever done twice."""
    before: dict[int, tuple[int, object]] = {}
    for times in range(1, 6):
        result = cli("run", "--job-id", job_id, **environment)
        assert result.code in (0, 1), (result.code, result.err)
        assert "Traceback" not in result.err
        now = finished_chunks(host, job_id)
        assert {number: now.get(number) for number in before} == before
        before = now
        if result.code == 0:
            return times
    raise AssertionError("the job did not come through")


@pytest.mark.parametrize("seed", seeds(12))
def test_the_connection_to_the_database_is_cut(
    seed: int, survived: None, undisturbed: dict[str, Any], cli: Cli, host: Host, database: tuple[Proxy, str]
) -> None:
    proxy, url = database
    random = Random(seed)
    proxy.add(*(Break("cut", random.choice(["up", "up", "down"]), random.randrange(DATABASE_BYTES)) for _ in range(3)))
    job_id = host.job(FILE, form_id=host.form(FORM))
    run_until_done(cli, host, job_id, DatabaseUrl=url)
    assert end_state(host, job_id) == undisturbed


def test_the_answer_to_a_commit_is_lost(
    survived: None, undisturbed: dict[str, Any], cli: Cli, host: Host, database: tuple[Proxy, str], database_url: str
) -> None:
    """The commit happens, and the worker cannot know. It must look, and neither repeat the chunk nor lose it."""
    proxy, url = database
    job_id = host.job(FILE, form_id=host.form(FORM))
    at_chunk = "NEW.number = 5"
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when=at_chunk, in_commit=True) as pause,
        cli.start("run", "--job-id", job_id, DatabaseUrl=url, SIN_IMPORT_CONNECTIONS="1") as worker,
    ):
        pause.wait_until_reached()
        proxy.cut_all()
        pause.release()
        _, err = worker.communicate(timeout=60)
        assert worker.returncode == 0, err
    assert end_state(host, job_id) == undisturbed
    assert host.value("SELECT count(*) FROM import_worker.attempts") == 1


@pytest.mark.parametrize("seed", seeds(4))
def test_the_database_is_slow_to_answer(
    seed: int, survived: None, undisturbed: dict[str, Any], cli: Cli, host: Host, database: tuple[Proxy, str]
) -> None:
    proxy, url = database
    random = Random(seed)
    proxy.add(*(Break("delay", random.choice(["up", "down"]), random.randrange(DATABASE_BYTES // 4)) for _ in range(6)))
    job_id = host.job(FILE, form_id=host.form(FORM))
    assert run_until_done(cli, host, job_id, DatabaseUrl=url) == 1
    assert end_state(host, job_id) == undisturbed


@pytest.mark.parametrize("seed", seeds(8))
def test_the_connection_to_the_object_store_is_cut(
    seed: int,
    survived: None,
    undisturbed: dict[str, Any],
    cli: Cli,
    database_url: str,
    store: tuple[Proxy, dict[str, str]],
) -> None:
    """In the middle of ranged reads (a short body) and of the upload of the reports."""
    proxy, environment = store
    random = Random(seed)
    with closing(Host(database_url, ObjectStore.open("s3://artifacts"))) as host:
        job_id = host.job(FILE, form_id=host.form(FORM))
        proxy.add(
            *(Break("cut", "down", random.randrange(STORE_BYTES)) for _ in range(2)),
            Break("cut", "up", random.randrange(60_000)),
        )
        run_until_done(cli, host, job_id, **environment)
        assert end_state(host, job_id) == undisturbed


def test_a_read_from_the_object_store_stalls(
    survived: None, undisturbed: dict[str, Any], cli: Cli, database_url: str, store: tuple[Proxy, dict[str, str]]
) -> None:
    proxy, environment = store
    with closing(Host(database_url, ObjectStore.open("s3://artifacts"))) as host:
        job_id = host.job(FILE, form_id=host.form(FORM))
        proxy.add(Break("stall", "down", 900_000))
        assert run_until_done(cli, host, job_id, **environment) == 1
        assert end_state(host, job_id) == undisturbed
