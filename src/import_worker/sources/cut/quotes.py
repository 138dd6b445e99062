"""Finds which quotes open and close cells, and which are stray. Pure.

A stray quote would make one cell of everything up to the next quote, which in most files is hundreds of good records
away. So a quoted cell that contains line ends must look like one. Its opening quote counts as stray if

- nothing closes the cell within MAX_RECORD_BYTES, or before the text ends;
- the closing quote is followed by neither a delimiter nor a line end: then that quote was meant to open a cell, and the
  one before it was stray; or
- most of the whole lines inside the cell, at least MIN_TELLING_LINES, have as many delimiters as a record of the file,
  and no blanks behind them as in prose.

The record with the stray quote then ends at the end of its line and will be rejected, and reading continues with the
next line. All three conditions depend on nothing outside the cell, so a chunk is read exactly as it was planned.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.limits import MAX_RECORD_BYTES

Offsets = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

MIN_TELLING_WIDTH, MIN_TELLING_LINES = 3, 3
"""Prose often has lines with one comma; several lines in a row with two commas or more are a table."""

MAX_BLANKS = 64
"""How many blanks may stand between a delimiter and an opening quote."""

_LF, _CR, _BLANK = 10, 13, 32


@dataclass(frozen=True)
class QuotedText:
    """The quotes of one part of a text, which begins with a record. Offsets count from the whole buffer's beginning.

    ``structural`` are the quotes that open and close cells, in turn; ``stray`` is the first stray one. ``ends`` are the
    line ends outside quoted cells; behind a stray quote they mean nothing.
    """

    structural: Offsets
    stray: int | None
    ends: Offsets


@dataclass(frozen=True)
class Quotes:
    """All quotes of a buffer that are not escaped by a backslash: ``at`` are their offsets, ``begin`` says whether each
    is the first character of its cell."""

    at: Offsets
    begin: npt.NDArray[np.bool_]

    def between(self, start: int, end: int) -> "Quotes":
        first, last = np.searchsorted(self.at, start), np.searchsorted(self.at, end)
        return Quotes(self.at[first:last], self.begin[first:last])


def find_quotes(data: bytes, array: Bytes, dialect: Dialect, escaped: Offsets) -> Quotes:
    """Finds all quotes. ``escaped`` are the offsets of characters behind backslashes."""
    at = np.zeros(0, np.int64)
    if dialect.quote is not None and dialect.quote.encode() in data:
        at = np.flatnonzero(array == ord(dialect.quote))
    if len(escaped):
        at = at[~np.isin(at, escaped)]
    before = at - 1
    for _ in range(MAX_BLANKS if dialect.spaced else 0):
        blank = (before >= 0) & (array[np.maximum(before, 0)] == _BLANK)
        if not blank.any():
            break
        before -= blank
    previous = array[before]  # an arbitrary byte for a quote at offset 0, which can only be the first one
    separated = (previous == ord(dialect.delimiter)) | (previous == _LF) | (previous == _CR)
    if len(escaped):
        separated &= ~np.isin(before, escaped)
    if len(before) and before[0] < 0:
        separated[0] = True
    return Quotes(at, separated)


def read_quotes(
    array: Bytes, quotes: Quotes, newlines: Offsets, end: int, dialect: Dialect, *, final: bool
) -> QuotedText:
    """Reads the quotes of a part that ends at ``end``. ``quotes`` and ``newlines`` are those in the part."""
    structural = _structural(quotes)
    opening, closing, left_open = _cells(structural)
    inside = np.searchsorted(structural, newlines) % 2 == 1
    stray = None
    if dialect.lines == "physical":  # the text of a sheet was written by this program, and has no stray quotes
        stray = _first_stray(array, opening, closing, newlines[inside], end, dialect)
    if stray is None and left_open is not None and (final or end - left_open > MAX_RECORD_BYTES):
        stray = left_open
    return QuotedText(structural, stray, newlines[~inside])


def without_blanks(data: bytes, openings: Offsets) -> bytes:
    """The text without the blanks before those opening quotes. No line is lost: the blanks are on the quotes' lines."""
    array = np.frombuffer(data, np.uint8)
    keep = np.ones(len(array), np.bool_)
    blank = openings - 1
    blank = blank[(blank >= 0) & (array[np.maximum(blank, 0)] == _BLANK)]
    while len(blank):
        keep[blank] = False
        blank = blank[blank > 0] - 1
        blank = blank[array[blank] == _BLANK]
    return array[keep].tobytes()


def _structural(quotes: Quotes) -> Offsets:
    """The quotes that open and close cells, in turn, without literal quotes."""
    adjacent = np.zeros(len(quotes.at), np.bool_)
    adjacent[1:] = np.diff(quotes.at) == 1
    # In an undisturbed file the 1st, 3rd, 5th ... quote opens a cell, or is the second of a doubled quote.
    if bool(np.all((quotes.begin | adjacent)[::2])):
        return quotes.at
    return quotes.at[_one_by_one(quotes.begin.tolist(), adjacent.tolist())]


def _one_by_one(at_start: list[bool], adjacent: list[bool]) -> list[int]:
    """The indexes of the structural quotes, found one by one, for a text with literal quotes.

    A quote that follows a closing one directly turns the pair into a doubled quote, which reopens the cell.
    """
    kept: list[int] = []
    inside = False
    closed_last = False
    for index, starts_cell in enumerate(at_start):
        if inside:
            inside, closed_last = False, True
        elif (closed_last and adjacent[index]) or starts_cell:
            inside, closed_last = True, False
        else:
            closed_last = False
            continue
        kept.append(index)
    return kept


def _cells(structural: Offsets) -> tuple[Offsets, Offsets, int | None]:
    """The opening and the closing quotes of cells, without the doubled ones inside, and the opening quote of a cell
    that is still open, if there is one."""
    reopens = np.zeros(len(structural), np.bool_)
    reopens[2::2] = np.diff(structural)[1::2] == 1
    opening = structural[::2][~reopens[::2]]
    closes = np.ones(len(structural), np.bool_)
    closes[:-1] = ~reopens[1:]
    closing = structural[1::2][closes[1::2]]
    if len(opening) > len(closing):
        return opening[:-1], closing, int(opening[-1])
    return opening, closing, None


def _first_stray(
    array: Bytes, opening: Offsets, closing: Offsets, inside: Offsets, end: int, dialect: Dialect
) -> int | None:
    """The first opening quote whose text ends, but cannot be a cell. ``inside`` are the line ends inside quotes."""
    if not len(closing) or not len(inside):
        return None
    # Few cells have several lines, so it is quickest to find them by the line ends in them.
    owners = np.searchsorted(opening, inside) - 1
    ended = inside < closing[np.minimum(owners, len(closing) - 1)]
    several, first_end, count = np.unique(owners[ended], return_index=True, return_counts=True)
    if not len(several):
        return None
    inside = inside[ended]
    opening, closing = opening[several], closing[several]
    stray = ~_ends_cell(array, closing, end, dialect) | (closing - opening > MAX_RECORD_BYTES)
    if dialect.width is not None and dialect.width >= MIN_TELLING_WIDTH:
        for index in np.flatnonzero(~stray & (count > MIN_TELLING_LINES)).tolist():
            ends = inside[first_end[index] : first_end[index] + count[index]]
            stray[index] = _holds_records(array, ends, dialect)
    found = np.flatnonzero(stray)
    return int(opening[found[0]]) if len(found) else None


def _ends_cell(array: Bytes, closing: Offsets, end: int, dialect: Dialect) -> npt.NDArray[np.bool_]:
    following = array[np.minimum(closing + 1, end - 1)]
    result: npt.NDArray[np.bool_] = (
        (closing + 1 >= end) | (following == ord(dialect.delimiter)) | (following == _LF) | (following == _CR)
    )
    return result


def _holds_records(array: Bytes, ends: Offsets, dialect: Dialect) -> bool:
    """Whether most of the lines between those line ends look like records of the file."""
    assert dialect.width is not None
    inside = array[int(ends[0]) : int(ends[-1]) + 1]
    delimiters = np.flatnonzero(inside == ord(dialect.delimiter)) + int(ends[0])
    per_line = np.diff(np.searchsorted(delimiters, ends))
    if 2 * np.count_nonzero(per_line == dialect.width - 1) <= len(per_line):
        return False
    blanks = np.count_nonzero(array[delimiters + 1] == _BLANK)  # the last line end is behind all delimiters
    return bool(2 * blanks <= len(delimiters))
