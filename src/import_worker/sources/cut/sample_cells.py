"""Splits a sample into records and cells, and says how each cell was quoted. Pure.

Cells are split as Dialect says. Unlike a reader of whole files it also returns each cell's quoting, and it stops early,
because detection tries many ways to split.
"""

import itertools
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

MAX_CELLS = 6_000
"""With so many cells for each syntax tried, detection takes far less than a second; a usual table has hundreds of
records in them."""

LONG_CELL = 8 * 1024
"""In characters. A shorter cell that is not closed may only be cut off by the end of the sample; a longer one is
not."""

_NEWLINE = re.compile(r"\r\n|\r|\n")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Quoting(IntEnum):
    NONE = 0
    CLEAN = 1
    BROKEN = 2
    """Never closed, or with text between the closing quote and the delimiter."""
    STRAY = 3
    """Broken, and over several lines; the cell is then its first line (``import_worker.sources.cut.quotes``)."""


class Cell(NamedTuple):
    """``text`` is the cell's value: without quotes, and unescaped."""

    text: str
    quoting: Quoting


@dataclass(frozen=True)
class CellSyntax:
    """One way to separate cells: the part of TextFormat that says where cells end."""

    delimiter: str
    quote: str | None
    backslash: bool = False
    spaced: bool = False


@dataclass(frozen=True)
class Sample:
    """``records[i]`` is record i + 1 of the file; an empty line is a record of one empty cell. ``newlines`` are the
    kinds of line ends outside quotes."""

    records: list[list[Cell]]
    newlines: set[str]


def split_cells(text: str, syntax: CellSyntax, *, complete: bool) -> Sample:
    """The first records, about MAX_CELLS cells at most; a first record of more cells is cut there.

    If ``complete`` is false, the text may end within a record, so its last record is left out unless it is the only
    one.
    """
    records: list[list[Cell]] = []
    newlines: set[str] = set()
    record: list[Cell] = []
    pattern, start, at = _pattern(syntax), 0, 0
    whole = complete
    for count in itertools.count():
        match = pattern.match(text, at)
        assert match is not None  # the pattern matches any text, even an empty one
        body, close, tail, plain, end = match.groups()
        at = match.end()
        if body is None:
            record.append(Cell(plain, Quoting.NONE))
        elif (line := _first_line(match, complete=complete)) is not None:
            record.append(Cell(text[match.start(1) - 1 : line.start()], Quoting.STRAY))
            end, at = line[0], line.end()
        else:
            unescaped = _unescaped(body, syntax)
            clean = close and not tail
            record.append(Cell(unescaped, Quoting.CLEAN) if clean else Cell(unescaped + tail, Quoting.BROKEN))
        if end == syntax.delimiter:
            if count > MAX_CELLS:
                whole = False
                break
            continue
        if not end:
            break
        # A CR at the very end may be half of a CRLF.
        if not (end == "\r" and at == len(text)):
            newlines.add(end)
        records.append(record)
        record, start = [], at
        if count > MAX_CELLS:
            return Sample(records, newlines)
    if record and (not records or (whole and start < len(text))):
        records.append(record)
    return Sample(records, newlines)


def _first_line(match: re.Match[str], *, complete: bool) -> re.Match[str] | None:
    """The end of the first line of a quoted cell, if the cell has several lines and does not end as a cell must: its
    quote is then stray, and reading continues with the next line. None otherwise."""
    _, close, tail, _, _ = match.groups()
    if close and not tail:
        return None
    newline = _NEWLINE.search(match.string, match.start(1), match.end(1))
    # A cell without a closing quote may only be cut off by the end of the sample.
    if newline is None or (not close and not complete and match.end(1) - match.start(1) < LONG_CELL):
        return None
    return newline


def _unescaped(body: str, syntax: CellSyntax) -> str:
    if syntax.backslash:
        return _ESCAPED.sub(r"\1", body) if "\\" in body else body
    return body.replace(f"{syntax.quote}{syntax.quote}", syntax.quote or "")


def _pattern(syntax: CellSyntax) -> re.Pattern[str]:
    """Matches one cell and what ends it. Every repetition is possessive, so that no text causes backtracking."""
    delimiter = re.escape(syntax.delimiter)
    plain = rf"([^{delimiter}\r\n]*+)"
    end = rf"({delimiter}|\r\n|\r|\n|\Z)"
    if syntax.quote is None:
        return re.compile(rf"(?:(?!)()()()|{plain}){end}")
    quote = re.escape(syntax.quote)
    escaped = rf"[^{quote}\\]++|\\(?:.|\Z)" if syntax.backslash else rf"[^{quote}]++|{quote}{quote}"
    blanks = "[ ]*+" if syntax.spaced else ""
    return re.compile(rf"(?:{blanks}{quote}((?:{escaped})*+)({quote}|\Z){plain}|{plain}){end}", re.DOTALL)
