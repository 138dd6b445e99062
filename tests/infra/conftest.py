"""The template, deployed once for each module that looks at it, and the image, built once for each process."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.aws import aws, make_bucket
from tests.support.image import Image, build_image
from tests.support.proxy import proxy_to, unix_socket
from tests.support.stack import Stack, deploy


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with aws():
        yield deploy(AlarmEmail="alarms@example.org")


@pytest.fixture(scope="session")
def image() -> Iterator[Image]:
    with build_image() as made:
        yield made


def _task_settings() -> tuple[list[str], dict[str, str]]:
    """Command and environment of the deployed worker task."""
    (container,) = deploy().resolver.properties("WorkerTaskDefinition")["ContainerDefinitions"]
    return container["Command"], {entry["Name"]: entry["Value"] for entry in container["Environment"]}


@pytest.fixture(scope="module")
def task() -> Iterator[tuple[list[str], dict[str, str]]]:
    """What ECS would give the container, with S3 and SQS on loopback."""
    with aws() as environment:
        make_bucket("artifacts")
        command, settings = _task_settings()
        yield command, environment | settings


@pytest.fixture
def over_tcp(database_url: str) -> Iterator[str]:
    """The database over TCP, as another user reaches it, too."""
    parts = urlsplit(database_url)
    with proxy_to(unix_socket(parse_qs(parts.query)["host"][0] + "/.s.PGSQL.5432")) as proxy:
        yield f"postgresql://postgres@127.0.0.1:{proxy.port}{parts.path}"
