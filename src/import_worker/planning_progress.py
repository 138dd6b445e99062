"""How far the first reading of a source file is."""

from collections.abc import Callable, Iterable, Iterator


class PlanningProgress:
    """Told by the thread that plans, read by others.

    A workbook's bytes are all read before its first row is; both numbers together show that something moves.
    """

    def __init__(self, on_change: Callable[["PlanningProgress"], None] = lambda _: None) -> None:
        self.active = False
        self.bytes = 0
        self.bytes_total = 0
        self.rows = 0
        self._on_change = on_change

    def start(self, bytes_total: int) -> None:
        self.active, self.bytes, self.bytes_total, self.rows = True, 0, bytes_total, 0
        self._on_change(self)

    def over(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The same blocks, counted from the beginning."""
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

    def to_json(self) -> dict[str, int] | None:
        if not self.active:
            return None
        return {"bytes": self.bytes, "bytesTotal": self.bytes_total, "rows": self.rows}
