"""A sample's records cell by cell, with what the quotes around each cell were like. Pure.

It reads as Dialect says, tells what a reader of whole files need not know, and stops early: detection tries many
dialects.
"""

import itertools
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

MAX_CELLS = 6_000
"""So many cells per dialect tried keep detection far below a second; they are hundreds of records of a usual table."""

LONG_CELL = 8 * 1024
"""Characters; a cell this long that nothing closes is not one that the end of the sample cuts."""

_NEWLINE = re.compile(r"\r\n|\r|\n")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Quoting(IntEnum):
    NONE = 0
    CLEAN = 1
    BROKEN = 2
    """Never closed, or with text between the closing quote and the delimiter."""
    STRAY = 3
    """Broken, and over several lines: the first of them, as ``import_worker.sources.cut.quotes`` reads it."""


class Cell(NamedTuple):
    """``text`` is what is meant: without quotes, escapes undone."""

    text: str
    quoting: Quoting


@dataclass(frozen=True)
class Written:
    """One way to write a table: the part of TextFormat that says where cells end."""

    delimiter: str
    quote: str | None
    backslash: bool = False
    spaced: bool = False


@dataclass(frozen=True)
class Sampled:
    """``records[i]`` is record i + 1 of the file; an empty line is a record of one empty cell. ``newlines`` are the
    kinds of line ends outside quotes."""

    records: list[list[Cell]]
    newlines: set[str]


def split_cells(text: str, written: Written, *, complete: bool) -> Sampled:
    """The first records, about MAX_CELLS cells at most; a first record of more cells is cut there.

    With ``complete`` false, the text ends anywhere, and its last record is left out unless it is the only one.
    """
    records: list[list[Cell]] = []
    newlines: set[str] = set()
    record: list[Cell] = []
    pattern, start, at = _pattern(written), 0, 0
    whole = complete
    for count in itertools.count():
        match = pattern.match(text, at)
        assert match is not None  # it takes anything, even nothing
        body, close, tail, plain, end = match.groups()
        at = match.end()
        if body is None:
            record.append(Cell(plain, Quoting.NONE))
        elif (line := _first_line(match, complete=complete)) is not None:
            record.append(Cell(text[match.start(1) - 1 : line.start()], Quoting.STRAY))
            end, at = line[0], line.end()
        else:
            unescaped = _unescaped(body, written)
            clean = close and not tail
            record.append(Cell(unescaped, Quoting.CLEAN) if clean else Cell(unescaped + tail, Quoting.BROKEN))
        if end == written.delimiter:
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
            return Sampled(records, newlines)
    if record and (not records or (whole and start < len(text))):
        records.append(record)
    return Sampled(records, newlines)


def _first_line(match: re.Match[str], *, complete: bool) -> re.Match[str] | None:
    """The end of the first line of a quoted cell that goes over several and ends as no cell does: its quote is stray,
    and the reader goes on with the next line."""
    _, close, tail, _, _ = match.groups()
    if close and not tail:
        return None
    newline = _NEWLINE.search(match.string, match.start(1), match.end(1))
    # Without a closing quote in sight, the cell may only be cut by the end of the sample.
    if newline is None or (not close and not complete and match.end(1) - match.start(1) < LONG_CELL):
        return None
    return newline


def _unescaped(body: str, written: Written) -> str:
    if written.backslash:
        return _ESCAPED.sub(r"\1", body) if "\\" in body else body
    return body.replace(f"{written.quote}{written.quote}", written.quote or "")


def _pattern(written: Written) -> re.Pattern[str]:
    """One cell and what ends it. Every repetition is possessive, so that no text makes it search twice."""
    delimiter = re.escape(written.delimiter)
    plain = rf"([^{delimiter}\r\n]*+)"
    end = rf"({delimiter}|\r\n|\r|\n|\Z)"
    if written.quote is None:
        return re.compile(rf"(?:(?!)()()()|{plain}){end}")
    quote = re.escape(written.quote)
    escaped = rf"[^{quote}\\]++|\\(?:.|\Z)" if written.backslash else rf"[^{quote}]++|{quote}{quote}"
    blanks = "[ ]*+" if written.spaced else ""
    return re.compile(rf"(?:{blanks}{quote}((?:{escaped})*+)({quote}|\Z){plain}|{plain}){end}", re.DOTALL)
