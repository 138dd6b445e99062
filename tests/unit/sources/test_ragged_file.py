"""Records of too few cells amid many good ones: exactly those are rejected, each with its row, line and text."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pytest

from import_worker.importing.checking import ChunkChecker
from import_worker.importing.stopwatch import Stopwatch
from import_worker.options import JobOptions
from import_worker.sources.plan import plan_source
from tests.support.attempts import make_unstored_job

WIDTH, RAGGED_WIDTH = 49, 40
GOOD, RAGGED = 9_400, 250
FORM = {"fields": [{"key": f"f{index}", "type": "number" if index % 7 == 0 else "text"} for index in range(WIDTH)]}


@dataclass(frozen=True)
class File:
    """``ragged`` are row, line and text of each ragged record; ``good`` the rows of the others with their second
    cells."""

    data: bytes
    ragged: list[tuple[int, int, str]]
    good: list[tuple[int, str]]


@pytest.fixture(scope="module")
def file() -> File:
    rng = random.Random(49)
    kinds = [True, True, *rng.sample([True] * (RAGGED - 3) + [False] * GOOD, GOOD + RAGGED - 3), True]
    text = ",".join(f"f{index}" for index in range(WIDTH)) + "\n"
    line = 2
    ragged, good = [], []
    for row, is_ragged in enumerate(kinds, 1):
        if rng.random() < 0.01:
            text += "\n"
            line += 1
        second = rng.choice(["plain", "with, comma", 'with "quotes"', "two\nlines"])
        written = second if second == "plain" else '"' + second.replace('"', '""') + '"'
        width = RAGGED_WIDTH if is_ragged else WIDTH
        record = ",".join([str(row), written, *(str(rng.randrange(1_000)) for _ in range(width - 2))])
        if is_ragged:
            ragged.append((row, line, record))
        else:
            good.append((row, second))
        text += record + "\n"
        line += 1 + record.count("\n")
    return File(text.encode(), ragged, good)


@pytest.mark.parametrize("chunk_bytes", [30_000, 1 << 24])
def test_exactly_the_ragged_records_are_rejected(file: File, chunk_bytes: int) -> None:
    blocks = [file.data[start : start + 10_000] for start in range(0, len(file.data), 10_000)]
    source = plan_source(
        lambda: iter(blocks), JobOptions(), chunk_bytes, count_expected=lambda _: 0, open_normalized=_never
    )
    assert source.row_count == GOOD + RAGGED
    checker = ChunkChecker(make_unstored_job(FORM, source.header, source.dialect))
    rejected, rows, seconds = [], [], []
    for chunk in source.chunks:
        for checked in checker.check(file.data[chunk.first_byte : chunk.end_byte], chunk, Stopwatch()):
            rows += checked.rows["row"].to_list()
            seconds += checked.rows["payload"].str.json_path_match("$.f1").to_list()
            rejected += checked.errors.rows(named=True)
    assert [(error["row"], error["line"], error["raw_value"]) for error in rejected] == file.ragged
    assert {error["error_type"] for error in rejected} == {"malformed_row"}
    assert {error["error_message"] for error in rejected} == {"Has 40 cells where the header has 49"}
    assert list(zip(rows, seconds, strict=True)) == file.good


def _never() -> AbstractContextManager[Callable[[bytes], object]]:
    raise AssertionError("such a file is cut as it is")
