"""Where records end: a quote-aware scan of raw bytes with vector operations. Pure.

The scan knows nothing of cells. It finds record ends by the parity of the quotes before each newline, which is right as
long as every opening quote stands at the beginning of a cell; where one does not (``5" pipe``), that block is settled
quote by quote instead. Its reading of quotes is Dialect's, so that chunk borders are record ends for the parser, too.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from import_worker.sources.dialect import Dialect

Offsets = npt.NDArray[np.int64]

_LF, _CR = 10, 13


@dataclass(frozen=True)
class Records:
    """Records of one buffer. Offsets count bytes from the buffer's beginning; wholly empty lines are left out.

    ``starts[i]`` to ``ends[i]`` (exclusive, newline included) is record i. ``newlines`` are all physical line ends,
    those inside quotes too. ``consumed`` is where the last whole line ended. ``open_quote`` is the offset of a quote
    that is still open at the end of the buffer, else None.
    """

    starts: Offsets
    ends: Offsets
    newlines: Offsets
    consumed: int
    open_quote: int | None

    def __len__(self) -> int:
        return len(self.starts)

    def lines_before(self, offset: int) -> int:
        """How many physical lines end before that offset of the buffer."""
        return int(np.searchsorted(self.newlines, offset))

    def longest(self) -> int:
        """Bytes of the longest record; 0 when there is none."""
        return int(np.max(self.ends - self.starts)) if len(self.starts) else 0


def scan(data: bytes, dialect: Dialect, *, final: bool) -> Records:
    """Finds the records of ``data``, which begins at the beginning of a record.

    With ``final`` the end of the data ends the last record; without, what follows the last newline is left for the next
    call (so is a last CR, which may be half of a CRLF).
    """
    array = np.frombuffer(data, dtype=np.uint8)
    newlines = _newlines(data, array, final=final)
    quotes = _quotes(data, array, dialect)
    outside = newlines
    open_quote = None
    if len(quotes):
        before = np.searchsorted(quotes, newlines)
        outside = newlines[before % 2 == 0]
        if len(quotes) % 2:
            open_quote = int(quotes[-1])
    ends = outside + 1
    if final and open_quote is None and len(data) and (not len(ends) or ends[-1] != len(data)):
        ends = np.append(ends, len(data))
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if len(ends) else ends
    consumed = int(ends[-1]) if len(ends) else 0
    content = ~_is_empty(array, starts, ends)
    return Records(
        starts=starts[content],
        ends=ends[content],
        newlines=newlines,
        consumed=consumed,
        open_quote=open_quote,
    )


def _newlines(data: bytes, array: npt.NDArray[np.uint8], *, final: bool) -> Offsets:
    """Offset of the last byte of every LF, CRLF and CR."""
    feeds = np.flatnonzero(array == _LF)
    if b"\r" not in data:
        return feeds
    returns = np.flatnonzero(array == _CR)
    if not final and len(returns) and returns[-1] == len(data) - 1:
        returns = returns[:-1]
    followed = np.minimum(returns + 1, len(data) - 1)
    alone = returns[array[followed] != _LF]
    return np.sort(np.concatenate([feeds, alone])) if len(alone) else feeds


def _is_empty(array: npt.NDArray[np.uint8], starts: Offsets, ends: Offsets) -> npt.NDArray[np.bool_]:
    """Lines that hold nothing but their newline."""
    length = ends - starts
    if not len(length):
        return np.zeros(0, np.bool_)
    first = array[starts]
    single = (length == 1) & ((first == _LF) | (first == _CR))
    double = (length == 2) & (first == _CR) & (array[ends - 1] == _LF)
    result: npt.NDArray[np.bool_] = single | double
    return result


def _quotes(data: bytes, array: npt.NDArray[np.uint8], dialect: Dialect) -> Offsets:
    """Offsets of the quotes that open or close, in turn; literal ones are left out."""
    if dialect.quote is None or dialect.quote.encode() not in data:
        return np.zeros(0, np.int64)
    quote = ord(dialect.quote)
    positions = np.flatnonzero(array == quote)
    previous = array[np.maximum(positions - 1, 0)]
    at_start = (previous == ord(dialect.delimiter)) | (previous == _LF) | (previous == _CR) | (positions == 0)
    adjacent = np.zeros(len(positions), np.bool_)
    adjacent[1:] = np.diff(positions) == 1
    # In an undisturbed file the 1st, 3rd, 5th ... quote opens a cell, or is the second of a doubled quote.
    if bool(np.all((at_start | adjacent)[::2])):
        return positions
    return positions[_structural(at_start.tolist(), adjacent.tolist())]


def _structural(at_start: list[bool], adjacent: list[bool]) -> list[int]:
    """The same, quote by quote, for a block with a literal quote in it.

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
