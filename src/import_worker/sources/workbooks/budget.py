"""How much a workbook may become, and the sign that it still becomes more."""

from collections.abc import Callable

from import_worker.sources.limits import MAX_RATIO, RATIO_FREE_BYTES
from import_worker.sources.workbooks.refusals import limit

STEP_BYTES = 1 << 20


class Budget:
    """Counts bytes that were really made of a file, whatever its directory declares.

    Two counts with the same limit, because either can explode alone: what was unpacked, and the CSV that
    was written (a shared string may be long and used a million times). ``progress`` is called after each MiB.
    """

    def __init__(self, file_bytes: int, progress: Callable[[], None]) -> None:
        self._limit = max(RATIO_FREE_BYTES, MAX_RATIO * file_bytes)
        self._unpacked = self._written = self._since = 0
        self._progress = progress

    def unpacked(self, count: int) -> None:
        """Raises ``JobFailed`` (limit_exceeded) beyond the limit."""
        self._unpacked += count
        self._step(count)
        if self._unpacked > self._limit:
            raise limit(
                f"The workbook unpacks to more than {MAX_RATIO} times its size (beyond {RATIO_FREE_BYTES >> 20} MiB), "
                "as only decompression bombs do; save the sheet as CSV and upload that."
            )

    def written(self, count: int) -> None:
        """Raises ``JobFailed`` (limit_exceeded) beyond the limit."""
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
