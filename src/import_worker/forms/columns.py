"""The cells of mapped columns, read as their fields' types."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import polars as pl

from import_worker.forms.binding import Binding
from import_worker.forms.field import Field
from import_worker.forms.mapped_cells import case_of, convert_to_title_case, is_filled, prepare_cell
from import_worker.forms.mapping_entry import Case
from import_worker.forms.series import replace_at
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.types.reading import JsonForm, Reader, Reading, accept_all
from import_worker.row_errors.sentence import Problem


@dataclass(frozen=True)
class Column:
    """A binding with its reader. ``name`` is the name of its cells in frames; ``place`` says where files are stored.

    ``prepared`` computes the cells from the file's columns, ``quick`` the stored values from the cells; both results
    are named ``name``. The expressions are built once, because building them takes longer than evaluating them for some
    thousand rows.
    """

    name: str
    binding: Binding
    place: FilePlace | None = None
    reader: Reader = field(init=False)
    prepared: pl.Expr = field(init=False, compare=False, repr=False)
    quick: pl.Expr = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        bound = self.binding.field
        reader = bound.type.reader(bound, self.binding.entry, self.place)
        object.__setattr__(self, "reader", reader)
        object.__setattr__(self, "prepared", prepare_cell(self.binding, trims=reader.trims).alias(self.name))
        object.__setattr__(self, "quick", reader.quick(pl.col(self.name)).alias(self.name))

    def finish(self, cells: pl.Series, quick: pl.Series) -> Reading:
        """Reads carefully the cells that the quick expression could not read."""
        if quick.null_count() == cells.null_count():
            return accept_all(quick)
        unread = quick.is_null() & cells.is_not_null()
        few = self.reader.careful(cells.filter(unread))
        if len(few.stored) == len(cells):
            return few
        stored, problem = (
            replace_at(few.stored, unread, quick),
            replace_at(few.problem, unread, accept_all(quick).problem),
        )
        return Reading(stored, problem, details=few.details)


@dataclass(frozen=True)
class FieldColumns:
    """All columns that feed one field, at least one; in each row, the last one that is not empty counts.

    ``name`` is the name of the field's values in frames. ``problems`` lists the problems of all columns, each with the
    number of its column; a reading's problems are positions in this list, and its ``source`` is the number of the
    column that counts.
    """

    name: str
    columns: tuple[Column, ...]

    @classmethod
    def of(cls, name: str, bindings: Sequence[Binding], place: FilePlace | None = None) -> "FieldColumns":
        """All ``bindings`` must feed the same field; ``place`` says where files are stored."""
        return cls(name, tuple(Column(f"{name}.{number}", binding, place) for number, binding in enumerate(bindings)))

    @property
    def field(self) -> Field:
        return self.columns[0].binding.field

    @property
    def key(self) -> str:
        return self.field.key

    @property
    def problems(self) -> list[tuple[int, Problem]]:
        return [(number, problem) for number, column in enumerate(self.columns) for problem in column.reader.problems]

    @property
    def json_form(self) -> JsonForm | Callable[[pl.Expr], pl.Expr]:
        # The columns' forms differ at most in whether some text may need escapes.
        forms = [column.reader.json_form for column in self.columns]
        return JsonForm.STRING if JsonForm.STRING in forms else forms[0]

    def joined(self, frame: pl.DataFrame, cells: pl.DataFrame, readings: Sequence[Reading]) -> Reading:
        """Joins the columns' readings into one. ``frame`` is the file's frame, ``cells`` the prepared cells."""
        if len(readings) == 1:
            return readings[0]
        filled = frame.select(is_filled(column.binding).alias(column.name) for column in self.columns)
        # Where no cell is filled, a default may stand in.
        supplied = cells.select(pl.col(column.name).is_not_null() for column in self.columns)
        source = pl.select(pl.coalesce(_last(filled), _last(supplied))).to_series()
        stored: list[pl.Expr] = []
        problem: list[pl.Expr] = []
        first = 0
        for number, (column, reading) in enumerate(zip(self.columns, readings, strict=True)):
            here = pl.lit(source) == number
            stored.append(pl.when(here).then(pl.lit(reading.stored)))
            problem.append(pl.when(here).then(pl.lit(reading.problem).cast(pl.UInt16) + first))
            first += len(column.reader.problems)
        together = pl.select(stored=pl.coalesce(stored), problem=pl.coalesce(problem))
        return Reading(together["stored"], together["problem"], source)


def _last(columns: pl.DataFrame) -> pl.Expr:
    """The number of the last of the Boolean ``columns`` that is true; null where none is true."""
    numbers = range(columns.width - 1, -1, -1)
    return pl.coalesce(pl.when(pl.lit(columns.to_series(n))).then(pl.lit(n, pl.UInt16)) for n in numbers)


def field_columns(bindings: Sequence[Binding], place: FilePlace | None = None) -> tuple[FieldColumns, ...]:
    """Groups the bindings by field; the bindings of one field must be adjacent."""
    by_field = groupby(bindings, key=lambda binding: binding.field.key)
    return tuple(FieldColumns.of(f"f{number}", list(found), place) for number, (_, found) in enumerate(by_field))


def read(frame: pl.DataFrame, fields: Sequence[FieldColumns]) -> dict[str, Reading]:
    """Reads the frame as the fields' types; returns each field's reading by its key."""
    columns = [column for each in fields for column in each.columns]
    cells = frame.select(column.prepared for column in columns)
    title = [column.name for column in columns if case_of(column.binding) is Case.TITLE]
    cells = cells.with_columns(convert_to_title_case(cells[name]) for name in title)
    quick = cells.with_columns(column.quick for column in columns)
    read = {column.name: column.finish(cells[column.name], quick[column.name]) for column in columns}
    return {each.key: each.joined(frame, cells, [read[column.name] for column in each.columns]) for each in fields}
