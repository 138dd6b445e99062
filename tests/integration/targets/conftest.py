"""Each test runs against every implementation in ``CASES``."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from import_worker.chunk import Chunk
from import_worker.database.connection import Connection, connect
from tests.integration.targets.case import Case
from tests.integration.targets.submission_case import SubmissionCase
from tests.support.host import Host

CASES = (SubmissionCase,)

Make = Callable[[Sequence[int]], Case]
"""Makes a planned job with chunks of so many rows each."""


def _chunks(row_counts: Sequence[int]) -> list[Chunk]:
    chunks, first = list[Chunk](), 1
    for number, rows in enumerate(row_counts):
        chunks.append(Chunk(number, first * 10, (first + rows) * 10, first, rows, first + 1))
        first += rows
    return chunks


@pytest.fixture(params=CASES, ids=lambda case: case.__name__)
def make(request: pytest.FixtureRequest, host: Host) -> Make:
    implementation = request.param
    return lambda row_counts: implementation.make(host, _chunks(row_counts))


@pytest.fixture
def case(make: Make) -> Case:
    """A job of twelve rows in one chunk and eight in another."""
    return make([12, 8])


@pytest.fixture
def connection(host: Host) -> Iterator[Connection]:
    with connect(host.database_url) as connection:
        yield connection
