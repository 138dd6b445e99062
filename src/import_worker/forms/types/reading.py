"""What it means to read a column of cells as a field's type."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

import polars as pl

from import_worker.row_errors.sentence import Problem


@dataclass(frozen=True)
class Reading:
    """One field's cells, read. All series are as long as its columns.

    ``stored``: String, null where the field is missing. Numbers, booleans and arrays are their JSON text,
    everything else is the text itself. ``problem``: UInt8 or UInt16, which of the problems the cell has, or null.
    ``source``: UInt16, which of the field's columns counts, null where none does; None where it has one column only.
    ``details``: what a file field's cells say, in columns (``file.FILE_SCHEMA``), a row for each that is not empty;
    None for other types, where no cell is filled, and where the reading is made of several columns.
    """

    stored: pl.Series
    problem: pl.Series
    source: pl.Series | None = None
    details: pl.DataFrame | None = None


class JsonForm(Enum):
    """How a stored value becomes JSON text."""

    AS_IS = auto()
    """It already is JSON."""
    STRING = auto()
    PLAIN_STRING = auto()
    """A string without any character that JSON escapes."""


class Reader(Protocol):
    """Reads cells as one field's type. Cells come prepared: null where empty, and trimmed if ``trims``."""

    @property
    def problems(self) -> Sequence[Problem]: ...

    @property
    def trims(self) -> bool: ...

    @property
    def json_form(self) -> JsonForm | Callable[[pl.Expr], pl.Expr]: ...

    def quick(self, cells: pl.Expr) -> pl.Expr:
        """The stored values, null where ``careful`` must look, and where the cell is null."""

    def careful(self, cells: pl.Series) -> Reading:
        """Read cells that ``quick`` left null; none of ``cells`` is null."""


def refused(cells: pl.Series) -> Reading:
    """Every cell has the first problem."""
    return judged(pl.Series(cells.name, [None], dtype=pl.String).new_from_index(0, len(cells)))


def judged(stored: pl.Series) -> Reading:
    """A cell has the first problem where nothing is stored."""
    return Reading(stored, pl.select(pl.when(stored.is_null()).then(pl.lit(0, pl.UInt8))).to_series())


_NO_PROBLEM = pl.Series([None], dtype=pl.UInt8)


def unproblematic(stored: pl.Series) -> Reading:
    """Nothing is wrong, also where nothing is stored."""
    return Reading(stored, _NO_PROBLEM.new_from_index(0, len(stored)))
