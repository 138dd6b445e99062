"""The shared strings of a workbook, packed: a million Python strings would take 80 bytes each for 20 of text."""

from array import array

from import_worker.sources.workbooks.cells import Cell
from import_worker.sources.workbooks.refusals import damaged


class Strings:
    """Cells in the order they were added, at their length plus four bytes each."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._ends = array("I", [0])

    def add(self, cell: bytes) -> None:
        self._text += cell
        self._ends.append(len(self._text))

    def __getitem__(self, index: int) -> Cell:
        """``index`` counts from 0. Raises ``JobFailed`` (unreadable_file) for one that is not there."""
        if not 0 <= index < len(self._ends) - 1:
            raise damaged("a cell refers to a text that is missing")
        return self._text[self._ends[index] : self._ends[index + 1]]
