"""Digests spilled and sorted in parts say what a dictionary says."""

import tempfile
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from import_worker.errors import TransientError
from import_worker.importing.uniqueness.runs import Runs, find_losers

WORD = st.integers(0, 3).map(lambda number: number * 0x5555_5555_5555_5555)
"""In different parts, and often alike in one half."""
VALUES = st.lists(st.tuples(WORD, WORD), max_size=60)


def add(runs: Runs, values: list[tuple[int, int]], first_row: int | None) -> None:
    high, low = (np.array([value[half] for value in values], np.uint64) for half in (0, 1))
    runs.add(high, low, 0 if first_row is None else np.arange(first_row, first_row + len(values)))


def found(file: Runs, form: Runs | None) -> dict[int, int]:
    lost: dict[int, int] = {}
    for part in range(file.parts()):
        rows, first_rows = find_losers(file, form, part)
        lost |= dict(zip(rows.tolist(), first_rows.tolist(), strict=True))
    return lost


def expected(values: list[tuple[int, int]], existing: list[tuple[int, int]]) -> dict[int, int]:
    firsts = dict.fromkeys(existing, 0)
    return {row: first for row, value in enumerate(values, 1) if (first := firsts.setdefault(value, row)) != row}


@given(VALUES, VALUES | st.none(), st.integers(1, 20), st.integers(1, 7), st.integers(1, 9))
@settings(max_examples=300, deadline=None)
def test_they_find_what_a_dictionary_finds(
    values: list[tuple[int, int]], existing: list[tuple[int, int]] | None, at_a_time: int, batch: int, part: int
) -> None:
    with ExitStack() as stack:
        file, form = (
            stack.enter_context(closing(Runs(len(values), batch_entries=batch, part_entries=part))) for _ in range(2)
        )
        for first in range(0, len(values), at_a_time):
            add(file, values[first : first + at_a_time], first + 1)
        if existing is not None:
            add(form, existing, None)
        assert found(file, None if existing is None else form) == expected(values, existing or [])


def test_many_entries_are_cut_into_parts_of_about_one_size() -> None:
    parts = []
    for entries in (0, 1, 1 << 18, (1 << 18) + 1, 5_000_000):
        with closing(Runs(entries)) as runs:
            parts.append(runs.parts())
    assert parts == [1, 1, 1, 2, 32]


def test_where_there_is_no_room_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Path("/dev/full").open("r+b", buffering=0))  # noqa: SIM115
    with (
        closing(Runs(1, batch_entries=1)) as runs,
        pytest.raises(TransientError, match=r"do not go into a temporary file \(No space left.*TMPDIR"),
    ):
        add(runs, [(1, 1)], 1)
    monkeypatch.undo()
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    with pytest.raises(TransientError, match="TMPDIR"):
        Runs(1)
