"""Limits how large a workbook may become when it is read, and signals progress."""

from collections.abc import Callable

from import_worker.sources.limits import MAX_RATIO, RATIO_FREE_BYTES
from import_worker.sources.workbooks.refusals import limit

STEP_BYTES = 1 << 20


class Budget:
    """Counts the bytes that a file really becomes, whatever its directory declares.

    There are two counts with the same limit, because either can grow without the other: the bytes unpacked, and the
    bytes of CSV written (a shared string may be long and used a million times). ``progress`` is called after each MiB.
    """

    def __init__(self, file_bytes: int, progress: Callable[[], None]) -> None:
        self._limit = max(RATIO_FREE_BYTES, MAX_RATIO * file_bytes)
        self._unpacked = self._written = self._since = 0
        self._progress = progress

    def count_unpacked(self, count: int) -> None:
        """Adds unpacked bytes. Raises ``JobFailed`` (limit_exceeded) beyond the limit."""
        self._unpacked += count
        self._step(count)
        if self._unpacked > self._limit:
            raise limit(
                f"The workbook unpacks to more than {MAX_RATIO} times its size (beyond {RATIO_FREE_BYTES >> 20} MiB), "
                "as only decompression bombs do; save the sheet as CSV and upload that."
            )

    def count_written(self, count: int) -> None:
        """Adds bytes of CSV. Raises ``JobFailed`` (limit_exceeded) beyond the limit."""
        self._written += count
        self._step(count)
        if self._written > self._limit:
            raise limit(
                f"The sheet's cells repeat themselves to more than {MAX_RATIO} times the size of the workbook (beyond "
                f"{RATIO_FREE_BYTES >> 20} MiB); save the sheet as CSV and upload that."
            )

    def _step(self, count: int) -> None:
        self._since += count
        if self._since >= STEP_BYTES:
            self._since = 0
            self._progress()
