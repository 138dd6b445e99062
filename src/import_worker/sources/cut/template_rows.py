"""Finds template rows: rows of the host's templates that explain the columns and are no data. Pure.

A template of the host has, besides its header, rows that describe the columns and give examples. People fill the
template in and leave these rows in the file.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.cut.quotes import MAX_BLANKS, Bytes, Offsets
from import_worker.sources.cut.sample_cells import Cell, Quoting, Sample

WORD = "solstice-import-template"
"""A file that contains this word was made from a template; in any other file, a row that begins with a mark is data."""
MARKS = ("# description", "# example", "__meta__")
"""The first cell of a template row begins with one of these; the case matters."""

_BLANK = 32


def is_template_row(first_cell: str) -> bool:
    return first_cell.startswith(MARKS)


def find_template_rows(array: Bytes, starts: Offsets, dialect: Dialect) -> npt.NDArray[np.bool_]:
    """Which of the records that begin at the offsets ``starts`` are template rows. ``array`` is the text."""
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


def without_template_rows(sampled: Sample) -> Sample:
    """The sample with template rows replaced by empty lines, so that the other records keep their numbers."""
    blank = [Cell("", Quoting.NONE)]
    return Sample([blank if _is_marked(record) else record for record in sampled.records], sampled.newlines)


def _is_marked(record: Sequence[Cell]) -> bool:
    return bool(record) and is_template_row(record[0].text)
