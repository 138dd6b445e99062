"""Scores how much a sample looks like a table if it is split in one way. Pure.

The numbers are no probabilities. They only rank the ways to split one sample, and were chosen so that the ranking is
right for every file of the corpus in ``tests/corpus``; of equally good ways the more usual one wins.
"""

import re
from collections.abc import Sequence

from import_worker.sources.cut.sample_cells import Cell, CellSyntax, Quoting
from import_worker.sources.detect.header_search import Header, is_typed, looks_like_names

RARE_DELIMITERS = {"^": 0.7, ":": 0.65}
DELIMITERS = (",", ";", "\t", "|")

_QUOTES = ('"', "'")
_TIGHT = re.compile(r"[^\s\0][,;\t|^][^\s\0,;\t|^]")
"""A delimiter between texts without a blank, which does not occur in prose."""
_NUMBERS = re.compile(r"\d[;|]\d")

_SINGLE_COLUMN = 0.5
_HEADER_CUT = 0.03
"""The factor for a single column whose header contains delimiters."""
_UNUSUAL = 0.995
_BROKEN_QUOTING = -3.0
_LEFT_QUOTE = 0.1
"""The value of a cell with a quote that was not read as a quote, or that is stray."""
_SKIPPED_RECORD = 0.97
_SKIPPED_CELLS = 0.6
_ROWS_UNDER_TEXT = 0.6


def score(syntax: CellSyntax, records: Sequence[Sequence[Cell]], header: Header, first: int) -> float:
    """0 to 1 for the shape, plus 1 for every header that the import expects. ``first`` is the record (from 0) with
    which the search for the header began."""
    rows = [[cell.text for cell in record] for record in records]
    filled = [index for index in range(first, len(rows)) if any(map(str.strip, rows[index]))]
    table = [index for index in filled if index >= header.index]
    names = rows[header.index]
    width = len(names)
    stray = {index for index in table if records[index][-1].quoting is Quoting.STRAY}
    clean = [cell.text for index in table for cell in records[index] if cell.quoting is Quoting.CLEAN]
    # In a file that quotes cells, a few stray quotes are mistakes; in a file that does not, they are part of the text.
    needed = any(syntax.delimiter in text for text in clean)
    slips = stray if needed or len(clean) >= len(stray) else set()
    alike = sum(index in slips or _fits(rows[index], width) for index in table) / len(table)
    cells = whole = 0.0
    for index in table:
        for cell in records[index]:
            cells += 1
            whole += _LEFT_QUOTE if index in slips and cell.quoting is Quoting.STRAY else _wholeness(cell, syntax)
    result = alike**2 * max(whole / cells, 0.01) * _skipping(rows, filled, header.index)
    if width == 1:
        cut = records[header.index][0].quoting is Quoting.NONE and _TIGHT.search(names[0])
        result *= _HEADER_CUT if cut else _SINGLE_COLUMN
    else:
        result *= 1 - 0.5 / width
    result *= RARE_DELIMITERS.get(syntax.delimiter, 1)
    if syntax.delimiter == ":" and not looks_like_names([name.strip() for name in names]):
        result *= _ROWS_UNDER_TEXT
    for unusual in (syntax.quote != '"', syntax.backslash, syntax.spaced):
        result *= _UNUSUAL if unusual else 1
    return result + header.known


def _skipping(rows: Sequence[Sequence[str]], filled: Sequence[int], header: int) -> float:
    """The factor for records above the header: near 1 if they are prose, and the header below them looks like one."""
    cost = 1.0
    for index in filled:
        if index < header:
            cost *= _SKIPPED_CELLS if _TIGHT.search("\0".join(rows[index])) else _SKIPPED_RECORD
    names = rows[header]
    spaced = len(names) > 1 and all(name.startswith(" ") for name in names[1:])
    if header - 1 in filled and (spaced or not looks_like_names([name.strip() for name in names])):
        cost *= _ROWS_UNDER_TEXT
    return cost


def _fits(row: Sequence[str], width: int) -> bool:
    """Whether the row is as wide as the header, or only empty cells make it wider."""
    return len(row) == width or (len(row) > width and not any(map(str.strip, row[width:])))


def _wholeness(cell: Cell, syntax: CellSyntax) -> float:
    """How much the cell looks as if it was split correctly, at most 1."""
    if cell.quoting is not Quoting.NONE:
        return 1.0 if cell.quoting is Quoting.CLEAN else _BROKEN_QUOTING
    text = cell.text
    if _quotes_are_left(text.strip(" ")) or ("\t" in text and syntax.delimiter != "\t"):
        return _LEFT_QUOTE
    if text[:1] == " ":
        return 0.6
    if is_typed(text) or not any(mark in text for mark in DELIMITERS):
        return 1.0
    if _NUMBERS.search(text):
        return 0.4
    return 0.8 if any(mark in text for mark in ";|" if mark != syntax.delimiter) else 0.85


def _quotes_are_left(text: str) -> bool:
    """Whether a cell that was not read as quoted looks as if it, or a part of it, was. A measure in inches ends with a
    quote, too."""
    if text[:1] not in _QUOTES and text[-1:] not in _QUOTES:
        return False
    return (len(text) > 1 and text[0] == text[-1]) or text[0] == '"' or (text[-1] == '"' and not text[-2:-1].isdigit())
