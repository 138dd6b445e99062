"""The cells of mapped columns, read as their fields' types."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from import_worker.forms.cells import case_of, prepared, titled
from import_worker.forms.fields import reader_of
from import_worker.forms.file_place import FilePlace
from import_worker.forms.mapping import Binding
from import_worker.forms.reading import Reader, Reading, unproblematic
from import_worker.forms.series import place
from import_worker.forms.target import Case


@dataclass(frozen=True)
class Column:
    """A bound field with its reader. ``name`` is what its cells and values are called in frames; ``place`` where files
    lie."""

    name: str
    binding: Binding
    place: FilePlace | None = None
    reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reader", reader_of(self.binding, self.place))

    @property
    def key(self) -> str:
        return self.binding.field.key

    def prepared(self) -> pl.Expr:
        cell = pl.col(f"c{self.binding.column}")
        return prepared(cell, self.binding, trims=self.reader.trims).alias(self.name)

    def quick(self) -> pl.Expr:
        return self.reader.quick(pl.col(self.name)).alias(self.name)

    def finish(self, cells: pl.Series, quick: pl.Series) -> Reading:
        """Read carefully what was not read quickly."""
        unread = quick.is_null() & cells.is_not_null()
        if not unread.any():
            return unproblematic(quick)
        few = self.reader.careful(cells.filter(unread))
        if len(few.stored) == len(cells):
            return few
        stored, problem = place(few.stored, unread, quick), place(few.problem, unread, unproblematic(quick).problem)
        return Reading(stored, problem, details=few.details)


def read(frame: pl.DataFrame, columns: Sequence[Column]) -> dict[str, Reading]:
    """Each column's reading by its field's key."""
    cells = frame.select(column.prepared() for column in columns)
    title = [column.name for column in columns if case_of(column.binding) is Case.TITLE]
    cells = cells.with_columns(titled(cells[name]) for name in title)
    quick = cells.with_columns(column.quick() for column in columns)
    return {column.key: column.finish(cells[column.name], quick[column.name]) for column in columns}
