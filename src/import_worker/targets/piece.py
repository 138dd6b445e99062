"""One validated piece of a chunk, which a target loads. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from import_worker.sources.cut.quotes import Offsets


@dataclass(frozen=True)
class CheckedPiece:
    """Good rows and errors of one piece, each in order of rows.

    ``rows`` has ``row`` (Int64, from 1) and the columns that the target loads; for submissions that is ``payload``
    (JSON text). ``files`` are the files of the good rows (FILE_SCHEMA), ``errors`` all errors (ERROR_SCHEMA).
    ``lines_of`` maps row numbers to the physical lines on which the rows begin.
    """

    rows: pl.DataFrame
    errors: pl.DataFrame
    files: pl.DataFrame
    lines_of: Callable[[Offsets], Offsets]

    def part(self, start: int, count: int) -> "CheckedPiece":
        """The piece with only ``count`` good rows from position ``start`` (from 0), their files, and all errors."""
        rows = self.rows[start : start + count]
        if self.files.is_empty():
            return replace(self, rows=rows)
        files = self.files.join(rows.select("row"), on="row", how="semi", maintain_order="left")
        return replace(self, rows=rows, files=files)

    def without(self, rows: pl.Series) -> "CheckedPiece":
        """The piece without the good rows that have these numbers, and without their files; the errors stay."""
        stay = ~pl.col("row").is_in(rows.implode())
        return replace(self, rows=self.rows.filter(stay), files=self.files.filter(stay))
