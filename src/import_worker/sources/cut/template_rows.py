"""Rows that are no data: those with which the host's own templates explain their columns. Pure.

A template that the host hands out has, beside its header, rows that describe the columns and give examples. People
fill the template in and leave them there.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.cut.quotes import MAX_BLANKS, Bytes, Offsets
from import_worker.sources.cut.sample_cells import Cell, Quoting, Sampled

WORD = "solstice-import-template"
"""A file that carries it was made from a template; in others a row that begins so is a row like any other."""
MARKS = ("# description", "# example", "__meta__")
"""What the first cell of such a row begins with, to the letter."""

_BLANK = 32


def is_template_row(first_cell: str) -> bool:
    return first_cell.startswith(MARKS)


def find_template_rows(array: Bytes, starts: Offsets, dialect: Dialect) -> npt.NDArray[np.bool_]:
    """Which of the records that begin at those bytes are such rows. ``array`` is a text of that dialect."""
    if not len(starts):
        return np.zeros(0, np.bool_)
    last = len(array) - 1
    cells = starts.copy()
    if dialect.quote is not None:
        opening = starts.copy()
        for _ in range(MAX_BLANKS if dialect.spaced else 0):
            opening += array[np.minimum(opening, last)] == _BLANK
        quoted = array[np.minimum(opening, last)] == ord(dialect.quote)
        cells = np.where(quoted, opening + 1, cells)
    found = np.zeros(len(starts), np.bool_)
    for mark in MARKS:
        begins = cells + len(mark) <= len(array)
        for place, byte in enumerate(mark.encode()):
            begins &= array[np.minimum(cells + place, last)] == byte
        found |= begins
    return found


def without_template_rows(sampled: Sampled) -> Sampled:
    """The sample with such rows made empty lines, so that the other records keep their numbers."""
    blank = [Cell("", Quoting.NONE)]
    return Sampled([blank if _is_marked(record) else record for record in sampled.records], sampled.newlines)


def _is_marked(record: Sequence[Cell]) -> bool:
    return bool(record) and is_template_row(record[0].text)
