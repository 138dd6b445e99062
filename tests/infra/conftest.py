"""The template, deployed once for each module that looks at it."""

from collections.abc import Iterator

import pytest

from tests.support.aws import aws
from tests.support.stack import Stack, deploy


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with aws():
        yield deploy(AlarmEmail="alarms@example.org")
