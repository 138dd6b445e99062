"""Converts the rows of a sheet to blocks of CSV, one record for each row."""

from collections.abc import Iterable, Iterator

from import_worker.sources.limits import MAX_RECORD_BYTES
from import_worker.sources.workbooks.budget import Budget
from import_worker.sources.workbooks.cells import Row
from import_worker.sources.workbooks.refusals import limit

BLOCK_BYTES = 1 << 20
_LOOK_ROWS = 1_000
_LOOK_BYTES = 8 << 20


def blocks(rows: Iterable[Row], budget: Budget) -> Iterator[bytes]:
    """Yields CSV in UTF-8 with commas, quotes where needed, and LF. The n-th record is row n of the sheet; a row
    without a value is an empty line.

    A row of a sheet cannot have too few cells, so short rows are padded with empty cells to the width that ``_width``
    finds in the first thousand rows with values. A longer row stays longer. Rows behind the last one with a value, and
    empty cells beyond the width, are only formatting and are left out. Raises ``JobFailed``.
    """
    rows = _with_values(rows)
    head: list[Row] = []
    held = 0
    for row in rows:
        head.append(row)
        held += sum(map(len, row[1])) + len(row[1])
        if len(head) == _LOOK_ROWS or held > _LOOK_BYTES:
            break
    width = _width([cells for _, cells in head])
    yield from _joined(_lines(head, rows, width), budget)


def _lines(head: Iterable[Row], rest: Iterable[Row], width: int) -> Iterator[bytes]:
    """Yields lines; each consists of one or several records (empty ones first). An empty line ends the present
    block."""
    next_number = 1
    for part in (head, rest):
        for number, cells in part:
            line = b",".join(cells)
            if len(line) > MAX_RECORD_BYTES:
                raise limit(
                    f"Row {number} of the sheet holds more than {MAX_RECORD_BYTES >> 20} MiB; shorten its cells."
                )
            yield b"%s%s%s\n" % (b"\n" * (number - next_number), line, b"," * (width - len(cells)))
            next_number = number + 1
        yield b""


def _joined(lines: Iterable[bytes], budget: Budget) -> Iterator[bytes]:
    block: list[bytes] = []
    size = 0
    for line in lines:
        block.append(line)
        size += len(line)
        if size >= BLOCK_BYTES or (not line and size):
            budget.count_written(size)
            yield b"".join(block)
            block, size = [], 0


def _with_values(rows: Iterable[Row]) -> Iterator[Row]:
    """Yields the rows that have a value, each cut behind its last value."""
    for number, cells in rows:
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, cells


def _width(rows: list[list[bytes | bytearray]]) -> int:
    """The widest row of which at least half the cells have values, or the width that half of the rows have, if more.

    So a header counts in full, and so does a table that begins far to the right; but a note far to the right of the
    table does not widen every row.
    """
    if not rows:
        return 0
    solid = max((len(cells) for cells in rows if 2 * sum(map(bool, cells)) >= len(cells)), default=0)
    return max(solid, sorted(len(cells) for cells in rows)[(len(rows) - 1) // 2])
