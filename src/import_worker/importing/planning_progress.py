"""How far the first reading of a source file is."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any


class PlanningStep(StrEnum):
    READING = "reading"
    COMPARING = "comparing"
    """Reading once more, to find repeated values of unique fields."""


class PlanningProgress:
    """Updated by the thread that plans, read by others.

    A workbook's bytes are all read before its first row is; both numbers together show that something moves.
    """

    def __init__(self, on_change: Callable[["PlanningProgress"], None] = lambda _: None) -> None:
        self.active = False
        self.bytes = 0
        self.bytes_total = 0
        self.rows = 0
        self.step = PlanningStep.READING
        self._on_change = on_change

    def start(self, bytes_total: int) -> None:
        self.active, self.bytes, self.bytes_total, self.rows = True, 0, bytes_total, 0
        self.step = PlanningStep.READING
        self._on_change(self)

    def compare(self, bytes_total: int) -> None:
        """Begins the step ``comparing``, which reads the file once more: ``bytes`` and ``rows`` begin at 0 again."""
        self.start(bytes_total)
        self.step = PlanningStep.COMPARING

    def count(self, size_bytes: int, rows: int) -> None:
        """Adds bytes and rows that were read."""
        self.bytes += size_bytes
        self.rows += rows
        self._on_change(self)

    def count_blocks(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Yields the same blocks, and counts their bytes from 0."""
        self.bytes = 0
        for block in blocks:
            yield block
            self.bytes += len(block)
            self._on_change(self)

    def count_rows(self, rows: int) -> None:
        self.rows = rows
        self._on_change(self)

    def end(self) -> None:
        self.active = False

    def to_json(self) -> dict[str, Any] | None:
        if not self.active:
            return None
        return {"bytes": self.bytes, "bytesTotal": self.bytes_total, "rows": self.rows, "step": str(self.step)}
