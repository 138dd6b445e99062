"""What a cell may hold that errors must not show, whoever may see the rest of it."""

import re
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Secret:
    """``pattern``: a regular expression, for Python and Polars alike. ``shown``: what stands for it."""

    pattern: str
    shown: str

    def hidden_in(self, text: str) -> str:
        return re.sub(self.pattern, self.shown, text)

    def hidden_in_cells(self, cells: pl.Series) -> pl.Series:
        return cells.str.replace_all(self.pattern, self.shown)
