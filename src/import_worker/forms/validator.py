"""Whole frames of cells, judged by a form: good rows become payloads, bad ones errors."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from import_worker.forms.bounded import Overruns
from import_worker.forms.columns import Column, read
from import_worker.forms.definition import FormDefinition
from import_worker.forms.failures import Failure, error_frame
from import_worker.forms.import_validation import UniqueScope, lookup_of, unique_scope
from import_worker.forms.judgement import FieldJudge
from import_worker.forms.known import Known, duplicate_failures, lookup_failures
from import_worker.forms.mapping import Binding
from import_worker.forms.payload import payloads
from import_worker.forms.reading import Reading


@dataclass(frozen=True)
class Validated:
    """What became of a frame.

    ``payloads``: row Int64, payload String (JSON text); the good rows, in the frame's order.
    ``errors``: row Int64, field_key, error_type, error_message, raw_value String, column String (null where the
    field is not mapped); by row in the frame's order, then by the field's place in the form, then by rule.
    """

    payloads: pl.DataFrame
    errors: pl.DataFrame


class Validator:
    """A form and its bindings, compiled. May be used by several threads at once."""

    def __init__(self, form: FormDefinition, bindings: Sequence[Binding]) -> None:
        """Raises ``JobFailed`` (invalid_form_definition) for a rule or a lookup that cannot be used."""
        by_key = {b.field.key: Column(f"f{number}", b) for number, b in enumerate(bindings)}
        self._columns = tuple(by_key[field.key] for field in form.fields if field.key in by_key)
        self._judges = tuple(FieldJudge.of(field, form, by_key.get(field.key)) for field in form.fields)
        self.columns = tuple(sorted({binding.column for binding in bindings}))
        self.sensitive = any(binding.field.sensitive for binding in bindings)
        self.unique: Mapping[str, UniqueScope] = {
            column.key: scope for column in self._columns if (scope := unique_scope(column.binding.field))
        }
        """The mapped fields whose values must not come twice."""
        self.lookups = {column.key: lookup for column in self._columns if (lookup := lookup_of(column.binding.field))}
        """The mapped fields whose values are looked up."""

    def columns_of(self, keys: Collection[str]) -> tuple[int, ...]:
        """Those of ``columns`` that feed these fields."""
        return tuple(sorted({column.binding.column for column in self._columns if column.key in keys}))

    def stored(self, frame: pl.DataFrame, keys: Collection[str]) -> dict[str, pl.Series]:
        """The stored values (String, null where missing or not accepted) of some mapped fields by key. ``frame`` needs
        only their columns."""
        readings = read(frame, [column for column in self._columns if column.key in keys])
        return {key: reading.stored for key, reading in readings.items()}

    def validate(self, frame: pl.DataFrame, known: Known | None = None) -> Validated:
        """Judge ``frame``: ``row`` Int64, and for each of ``columns`` a String column ``c{i}`` without nulls.

        ``known`` is needed where the form has ``unique`` fields or ``lookups``.

        Raises ``JobFailed`` (invalid_form_definition) when a pattern takes too long too often, which no retry helps,
        and ``TransientError`` when the helper process for such patterns cannot do its work.
        """
        overruns, height = Overruns(), len(frame)
        readings = read(frame, self._columns)
        failures = [
            failure
            for judge in self._judges
            for failure in (
                *judge.failures(readings, height, overruns),
                *self._beyond_the_row(judge.column, frame["row"], readings, known or Known()),
            )
            if not failure.positions.is_empty()
        ]
        good = _untouched(failures, height)
        rows = frame.select("row").filter(good)
        stored = pl.DataFrame({column.name: readings[column.key].stored for column in self._columns})
        stored = stored.filter(good) if self._columns else stored
        texts = payloads(stored, self._columns, len(rows))
        return Validated(rows.with_columns(texts.alias("payload")), error_frame(frame, failures))

    def _beyond_the_row(
        self, column: Column | None, rows: pl.Series, readings: Mapping[str, Reading], known: Known
    ) -> Iterator[Failure]:
        if column is not None and column.key in self.unique:
            yield from duplicate_failures(column, rows, known)
        if column is not None and (lookup := self.lookups.get(column.key)):
            yield from lookup_failures(column, lookup, readings[column.key], known)


def _untouched(failures: Sequence[Failure], height: int) -> pl.Series:
    untouched = pl.Series([True]).new_from_index(0, height)
    for failure in failures:
        untouched = untouched.scatter(failure.positions, values=False)
    return untouched
