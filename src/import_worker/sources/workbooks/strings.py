"""The shared strings of a workbook, packed: a Python string takes about 80 bytes for 20 bytes of text."""

from array import array

from import_worker.sources.workbooks.cells import Cell
from import_worker.sources.workbooks.refusals import damaged


class Strings:
    """Cells in the order in which they were added. Each takes its length plus four bytes."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._ends = array("I", [0])

    def add(self, cell: bytes) -> None:
        self._text += cell
        self._ends.append(len(self._text))

    def __getitem__(self, index: int) -> Cell:
        """The cell with that index (from 0). Raises ``JobFailed`` (unreadable_file) if there is none."""
        if not 0 <= index < len(self._ends) - 1:
            raise damaged("a cell refers to a text that is missing")
        return self._text[self._ends[index] : self._ends[index + 1]]
