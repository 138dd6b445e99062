"""Finds which of the first records of a sample is the header. Pure.

Titles, notes, comments and empty lines may precede the header: records of other widths, or with most cells empty. So
the header is the first record that is as wide as the table and mostly filled. A later record is the header only if it
has headers that the import expects, or if an empty line separates a short block from the table.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from import_worker.sources.detect.text_format import Sureness

SEARCHED_RECORDS = 60
"""How many records are searched: a preamble is not longer than a screen."""
MAX_PREAMBLE_BLOCK = 10
"""How many records before an empty line may be a preamble, even if they are as wide as the table."""
MAX_NAME = 120
"""A cell with more characters is no header."""

_TYPED = re.compile(
    r"[-+(]?[$€£¥]? ?\d[\d.,'\u00a0\u202f ]*\)? ?(?:%|[€$£¥])?(?:[eE][-+]?\d+)?"  # numbers, money
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\.?(?:[T ]\d{1,2}:\d\d.*)?"  # days, times
    r"|\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?"
    r"|true|false|yes|no|null|n/a|nan"
    r"|[0-9a-f]{8}-[0-9a-f-]{27}|https?://\S+|[^@\s]+@[^@\s]+\.\w+",
    re.IGNORECASE,
)

Row = Sequence[str]
HeaderCounter = Callable[[Sequence[str]], int]
"""Counts the cells of a record that are headers which the import expects."""


@dataclass(frozen=True)
class Header:
    """``index`` counts records from 0. ``known`` is the number of cells that the import expects."""

    index: int
    known: int
    sure: Sureness


def is_typed(text: str) -> bool:
    """Whether the text is a number, a day, a time or an address, which are common in rows and rare in headers."""
    return _TYPED.fullmatch(text) is not None


def find_header(rows: Sequence[Row], count_expected: HeaderCounter, *, first: int = 0) -> Header | None:
    """Finds the header; None if all rows are blank. ``rows`` are the records' cells as they are in the file, ``first``
    is the record (from 0) with which the search begins."""
    lines = [_Line(row) for row in rows]
    filled = [index for index in range(first, len(lines)) if lines[index].names]
    if not filled:
        return None
    width = table_width([lines[index].cells for index in filled])
    searched = [index for index in filled if index < first + SEARCHED_RECORDS]
    index = _by_shape(lines, searched, width)
    named = looks_like_names(lines[index].cells)
    known = [count_expected(lines[candidate].cells) for candidate in searched]
    best = max(known)
    if best:
        expected = searched[known.index(best)]
        if best > 1 or 2 * best >= len(lines[expected].cells) or expected <= index or not named:
            return Header(expected, best, Sureness.LIKELY)
    return Header(index, 0, Sureness.LIKELY if named else Sureness.GUESS)


class _Line:
    """A record: its stripped ``cells``, the number of ``names`` (cells that are not empty), and whether it is
    ``prose``, which has blanks behind every delimiter."""

    def __init__(self, row: Row) -> None:
        self.cells = [cell.strip() for cell in row]
        self.names = sum(map(bool, self.cells))
        self.prose = len(row) > 1 and all(cell.startswith(" ") for cell in row[1:])


def table_width(rows: Sequence[Row]) -> int:
    """The width whose records have the most cells in all, if possible one that occurs more than once: a few wide
    records outweigh many narrow ones above them."""
    counts = Counter(len(row) for row in rows)
    return max(counts, key=lambda width: (counts[width] > 1, counts[width] * (width - 1), width))


def looks_like_names(row: Row) -> bool:
    """Whether most cells are filled with different texts, none of which is a number or a day."""
    names = [cell for cell in row if cell]
    return (
        2 * len(names) > len(row)
        and not any(is_typed(name) or len(name) > MAX_NAME for name in names)
        and len({name.casefold() for name in names}) == len(names)
    )


def _by_shape(lines: Sequence[_Line], searched: list[int], width: int) -> int:
    fitting = [
        index for place, index in enumerate(searched) if _could_be_header(lines, index, searched[place + 1 :], width)
    ]
    if not fitting or (fitting[0] == searched[-1] and len(searched) > 1):
        # Hardly any two records have the same width: take the first one that looks like a header.
        usual = [index for index in searched if len(lines[index].cells) > 1 and looks_like_names(lines[index].cells)]
        return (usual or fitting or [index for index in searched if len(lines[index].cells) >= width] or searched)[0]
    uncommented = [index for index in fitting if not _is_comment(lines[index])]
    if uncommented and uncommented[0] != fitting[0]:
        comments = [index for index in fitting if index < uncommented[0]]
        if looks_like_names(lines[uncommented[0]].cells) or not looks_like_names(lines[comments[-1]].cells):
            fitting = uncommented
        else:
            fitting = fitting[len(comments) - 1 :]
    return _after_blank_line(lines, fitting, width)


def _could_be_header(lines: Sequence[_Line], index: int, following: list[int], width: int) -> bool:
    line = lines[index]
    cells = line.cells
    below = lines[following[0]] if following else None
    if below is not None and line.prose and not below.prose:
        return False
    if len(cells) != width:
        # A header may have one cell fewer than the rows, or more if most rows leave out empty cells at their end.
        near = len(cells) > width > 1 or (width >= 3 and len(cells) == width - 1)
        alike = below is not None and len(below.cells) == width
        return near and alike and line.names == len(cells) and looks_like_names(cells)
    if 2 * line.names == width:
        # A title with a note beside it fills the first cells; in a header, any cells may be empty.
        return not all(cells[: line.names])
    return 2 * line.names > width


def _is_comment(line: _Line) -> bool:
    return len(line.cells[0]) > 1 and line.cells[0].startswith(("#", "//", "--"))


def _after_blank_line(lines: Sequence[_Line], fitting: list[int], width: int) -> int:
    """The first of ``fitting`` or, if an empty line separates a short block from the table, the first one behind it."""
    start = fitting[0]
    for index in fitting[1:]:
        if index - start > MAX_PREAMBLE_BLOCK:
            break
        if lines[index - 1].names or not looks_like_names(lines[index].cells):
            continue
        block = [line.cells for line in lines[start:index] if line.names]
        behind = [line.cells for line in lines[index + 1 :] if line.names][:50]
        if len(behind) < len(block) - 1:
            break
        if all(cells[0].endswith(":") for cells in block):
            return index
        ahead = block[1:] if looks_like_names(block[0]) else []
        if _typed_columns(behind, width) - _typed_columns(ahead, width):
            return index
    return start


def _typed_columns(rows: Sequence[Row], width: int) -> set[int]:
    columns = set()
    for column in range(width):
        cells = [row[column] for row in rows if column < len(row) and row[column]]
        if cells and sum(map(is_typed, cells)) * 3 >= len(cells) * 2:
            columns.add(column)
    return columns
