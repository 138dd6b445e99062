"""The part of a cell that errors must not show, even to those who may see the rest of it."""

import re
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Secret:
    """``pattern``: a regular expression for Python and Polars. ``shown``: the text that replaces what it finds."""

    pattern: str
    shown: str

    def hide_in(self, text: str) -> str:
        return re.sub(self.pattern, self.shown, text)

    def hide_in_cells(self, cells: pl.Series) -> pl.Series:
        return cells.str.replace_all(self.pattern, self.shown)
