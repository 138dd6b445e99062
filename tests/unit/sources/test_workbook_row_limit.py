"""A sheet of the maximal size is read in bounded memory, with its first rows long before the last."""

import os
import time
from pathlib import Path

import psutil
import pytest

from import_worker.sources.workbooks.workbook import open_sheet
from tests.corpus.row_limit import ROWS, write_row_limit

MAX_BYTES = 1_500 << 20
HELPER_BYTES = 300 << 20


@pytest.mark.soak
@pytest.mark.skipif("FAULT_SCALE" not in os.environ, reason="takes minutes; runs in a soak, where FAULT_SCALE is set")
@pytest.mark.timeout(900)
def test_a_sheet_of_the_maximal_size(tmp_path: Path) -> None:
    path = write_row_limit(tmp_path / "t")
    assert read(path) == ROWS


def test_a_sheet_of_a_fiftieth_of_that(tmp_path: Path) -> None:
    assert read(write_row_limit(tmp_path / "t", ROWS // 50)) == ROWS // 50


def read(path: Path) -> int:
    """Counts the rows and watches the memory of both processes."""
    process, peak, helper_peak, checks = psutil.Process(), 0, 0, 0

    def check() -> None:
        nonlocal peak, helper_peak, checks
        checks += 1
        children = sum(child.memory_info().rss for child in process.children())
        peak, helper_peak = max(peak, process.memory_info().rss + children), max(helper_peak, children)

    start, first, rows = time.monotonic(), 0.0, 0
    with open_sheet(path, None, checkpoint=check) as (_, blocks):
        for block in blocks:
            first = first or time.monotonic() - start
            rows += block.count(b"\n")
    took = time.monotonic() - start
    assert peak < MAX_BYTES
    assert helper_peak < HELPER_BYTES
    assert first < took / 2
    assert checks > took  # one a second even on a busy machine
    return rows
