"""Digests of values with their row numbers, kept in a temporary file and sorted a part at a time.

A digest's first bits say which part it belongs to. What comes in is gathered into batches; each is sorted by part and
written as one run, so that writing is sequential, and a part is read as one slice of every run.
"""

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from import_worker.errors import TransientError

Digests = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]
Entries = npt.NDArray[np.void]
"""An array of ENTRY."""

ENTRY = np.dtype([("high", np.uint64), ("low", np.uint64), ("row", np.int64)])
BATCH_ENTRIES = 1 << 18
"""6 MiB."""
PART_ENTRIES = 1 << 18
"""About how many are sorted at a time."""


class Runs:
    """Entries of one field. ``expected``: about how many there will be; more than that only cost memory."""

    def __init__(self, expected: int, *, batch_entries: int = BATCH_ENTRIES, part_entries: int = PART_ENTRIES) -> None:
        self.part_bits = max(0, (max(expected, 1) - 1) // part_entries).bit_length()
        self._batch_entries = batch_entries
        self._waiting: list[Entries] = []
        self._waiting_entries = 0
        self._written = 0
        self._borders: list[Rows] = []
        """Of each run, where its parts begin, and where it ends; entries counted over the whole file from 0."""
        with _spilling():
            # Unbuffered: a buffer that the disk does not take would fail once more when the file is closed.
            self._file = tempfile.TemporaryFile(prefix="import-worker-", buffering=0)  # noqa: SIM115  (closed by close)

    def close(self) -> None:
        """Deletes the temporary file."""
        self._file.close()

    def add(self, high: Digests, low: Digests, rows: Rows | int) -> None:
        """Appends entries. Raises TransientError when the temporary file does not take them."""
        entries = np.empty(len(high), ENTRY)
        entries["high"], entries["low"], entries["row"] = high, low, rows
        self._waiting.append(entries)
        self._waiting_entries += len(entries)
        if self._waiting_entries >= self._batch_entries:
            self._write()

    def parts(self) -> int:
        return 1 << self.part_bits

    def slices(self, part: int) -> Iterator[Entries]:
        """The part's entries, in the order in which they came, at most a batch at a time."""
        if self._waiting:
            self._write()
        for borders in self._borders:
            first, last = int(borders[part]), int(borders[part + 1])
            if first < last:
                with _spilling():
                    entries = np.empty(last - first, ENTRY)
                    self._file.seek(first * ENTRY.itemsize)
                    if self._file.readinto(entries.view(np.uint8).data) != entries.nbytes:
                        raise OSError(errno.EIO, "the file is shorter than what was written")
                yield entries

    def _write(self) -> None:
        entries = np.concatenate(self._waiting)
        self._waiting, self._waiting_entries = [], 0
        parts = _part_of(entries["high"], self.part_bits)
        order = np.argsort(parts, kind="stable")
        borders = np.searchsorted(parts[order], np.arange(self.parts() + 1)).astype(np.int64)
        with _spilling():
            self._file.seek(self._written * ENTRY.itemsize)
            left = entries[order].view(np.uint8).data
            while left:
                left = left[self._file.write(left) :]
        self._borders.append(borders + self._written)
        self._written += len(entries)


def find_losers(file: Runs, form: Runs | None, part: int) -> tuple[Rows, Rows]:
    """The rows of a part that lose, and the first row with the value of each (0: the form has it).

    ``file``: the file's values, in order of rows; ``form``: those that the form has already, in as many parts.
    """
    slices = list(file.slices(part))
    if not slices:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    entries = np.concatenate(slices)
    entries = entries[np.lexsort((entries["low"], entries["high"]))]  # stable: equal ones stay in order of rows
    high, low, rows = entries["high"], entries["low"], entries["row"]
    begins = np.ones(len(entries), np.bool_)
    begins[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
    firsts = np.flatnonzero(begins)
    group = np.cumsum(begins) - 1
    first_rows = rows[firsts]
    lost = ~begins
    if form is not None:
        known = np.zeros(len(firsts), np.bool_)
        for existing in form.slices(part):
            known[_find_places(high[firsts], low[firsts], existing["high"], existing["low"])] = True
        first_rows = np.where(known, 0, first_rows)
        lost |= known[group]
    return rows[lost], first_rows[group[lost]]


def _find_places(high: Digests, low: Digests, wanted_high: Digests, wanted_low: Digests) -> Rows:
    """Positions in (high, low), which are sorted and distinct, of those wanted digests that are among them."""
    places = np.searchsorted(high, wanted_high)
    while True:
        inside = places < len(high)
        places, wanted_high, wanted_low = places[inside], wanted_high[inside], wanted_low[inside]
        passed = (high[places] == wanted_high) & (low[places] != wanted_low)
        if not passed.any():
            found: Rows = places[high[places] == wanted_high]
            return found
        places = places + passed  # the high halves are equal: the low ones decide


def _part_of(high: Digests, bits: int) -> npt.NDArray[np.uint64]:
    return high >> np.uint64(64 - bits) if bits else np.zeros(len(high), np.uint64)


@contextmanager
def _spilling() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TransientError(
            f"The values of a unique field do not go into a temporary file ({error.strerror}); free some space, or name"
            " another folder with TMPDIR."
        ) from error
