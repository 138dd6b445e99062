"""Reading a column of cells as a field's type: the reader's interface, and what it returns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

import polars as pl

from import_worker.row_errors.sentence import Problem


@dataclass(frozen=True)
class Reading:
    """The result of reading one field's cells. All series are as long as its columns.

    ``stored``: String, null where the field is missing. Numbers, booleans and arrays are stored as their JSON text,
    everything else as the text itself. ``problem``: UInt8 or UInt16, the number of the cell's problem, or null.
    ``source``: UInt16, the number of the field's column that counts, null where none does; None if the field has only
    one column. ``details``: the files that a file field's cells describe (``file.FILE_SCHEMA``), a row for each cell
    that is not empty; None for other types, if no cell is filled, and if the reading joins several columns.
    """

    stored: pl.Series
    problem: pl.Series
    source: pl.Series | None = None
    details: pl.DataFrame | None = None


class JsonForm(Enum):
    """How a stored value becomes JSON text."""

    AS_IS = auto()
    """The stored value is JSON already."""
    STRING = auto()
    PLAIN_STRING = auto()
    """A string without any character that JSON escapes."""


class Reader(Protocol):
    """Reads cells as one field's type. The cells are prepared: null where empty, and trimmed if ``trims``."""

    @property
    def problems(self) -> Sequence[Problem]: ...

    @property
    def trims(self) -> bool: ...

    @property
    def json_form(self) -> JsonForm | Callable[[pl.Expr], pl.Expr]: ...

    def quick(self, cells: pl.Expr) -> pl.Expr:
        """The stored values; null where ``careful`` must decide, and where the cell is null."""

    def careful(self, cells: pl.Series) -> Reading:
        """Reads the cells that ``quick`` left null; none of ``cells`` is null."""


def refuse_all(cells: pl.Series) -> Reading:
    """A reading in which every cell has the first problem."""
    return refuse_nulls(pl.Series(cells.name, [None], dtype=pl.String).new_from_index(0, len(cells)))


def refuse_nulls(stored: pl.Series) -> Reading:
    """A reading in which a cell has the first problem if its stored value is null."""
    return Reading(stored, pl.select(pl.when(stored.is_null()).then(pl.lit(0, pl.UInt8))).to_series())


_NO_PROBLEM = pl.Series([None], dtype=pl.UInt8)


def accept_all(stored: pl.Series) -> Reading:
    """A reading without problems, whether a stored value is null or not."""
    return Reading(stored, _NO_PROBLEM.new_from_index(0, len(stored)))
