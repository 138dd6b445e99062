"""Validates whole frames of cells against a form: good rows become payloads, bad rows become errors."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from import_worker.forms.binding import Binding
from import_worker.forms.columns import FieldColumns, field_columns, read
from import_worker.forms.definition import FormDefinition
from import_worker.forms.failures import Failure, error_frame
from import_worker.forms.field_validator import FieldValidator
from import_worker.forms.import_validation import UniqueScope, lookup_of, unique_scope
from import_worker.forms.known import KnownValues, duplicate_failures, lookup_failures
from import_worker.forms.payload import build_payloads
from import_worker.forms.rules.bounded_patterns import Overruns
from import_worker.forms.types.file import FILE_SCHEMA, files_of
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.types.reading import Reading

FILES_SCHEMA = {"row": pl.Int64, "field_key": pl.String, **FILE_SCHEMA}


@dataclass(frozen=True)
class Validated:
    """The result of validating a frame.

    ``payloads``: row Int64, payload String (JSON text); the good rows, in the frame's order.
    ``errors``: FOUND_SCHEMA; ordered by row, then by the field's position in the form, then by rule.
    ``files``: FILES_SCHEMA; the files of the good rows, field by field, those of a field in the frame's order.
    """

    payloads: pl.DataFrame
    errors: pl.DataFrame
    files: pl.DataFrame


class Validator:
    """A form and its bindings, compiled. May be used by several threads at once."""

    def __init__(self, form: FormDefinition, bindings: Sequence[Binding], place: FilePlace | None = None) -> None:
        """``bindings`` are as ``bind`` returns them. ``place``: where the form's files are stored; without it a
        validator with a bound file field compiles, but cannot validate.

        Raises ``JobFailed`` (invalid_form_definition) for a rule, a condition, a lookup or a ``fileConfig`` that
        matters and cannot be used.
        """
        self._fields = field_columns(bindings, place)
        by_key = {columns.key: columns for columns in self._fields}
        self._field_validators = tuple(FieldValidator.of(field, form, by_key.get(field.key)) for field in form.fields)
        self.columns = tuple(sorted({binding.column for binding in bindings if binding.column is not None}))
        self.sensitive = any(binding.field.sensitive for binding in bindings)
        self.unique: Mapping[str, UniqueScope] = {
            columns.key: scope for columns in self._fields if (scope := unique_scope(columns.field))
        }
        """The mapped fields whose values must be unique, by key."""
        self.lookups = {columns.key: lookup for columns in self._fields if (lookup := lookup_of(columns.field))}
        """The lookups of the mapped fields that have one, by key."""

    def columns_of(self, keys: Collection[str]) -> tuple[int, ...]:
        """The numbers of the file's columns that feed these fields, in order."""
        fed = (column.binding.column for each in self._fields if each.key in keys for column in each.columns)
        return tuple(sorted({column for column in fed if column is not None}))

    def stored(self, frame: pl.DataFrame, keys: Collection[str]) -> dict[str, pl.Series]:
        """The stored values (String, null if missing or not accepted) of some mapped fields, by key. ``frame`` needs
        only the columns of these fields."""
        readings = read(frame, [columns for columns in self._fields if columns.key in keys])
        return {key: reading.stored for key, reading in readings.items()}

    def validate(self, frame: pl.DataFrame, known: KnownValues | None = None) -> Validated:
        """Validates ``frame``: ``row`` Int64, and for each of ``columns`` a String column ``c{i}`` without nulls.

        ``known`` is needed if there are ``unique`` fields or ``lookups``.

        Raises ``JobFailed`` (invalid_form_definition) when a pattern takes too long too often (no retry helps), and
        ``TransientError`` when the helper process for such patterns cannot do its work (a retry may help). What
        ``place.present`` raises is passed on.
        """
        overruns, height, known = Overruns(), len(frame), known or KnownValues()
        readings = read(frame, self._fields)
        failures = [
            failure
            for validator in self._field_validators
            for failure in (
                *validator.failures(readings, height, overruns),
                *self._beyond_the_row(validator.columns, frame["row"], readings, known),
            )
            if not failure.positions.is_empty()
        ]
        good = _untouched(failures, height)
        rows = frame.select("row").filter(good)
        stored = pl.DataFrame({columns.name: readings[columns.key].stored for columns in self._fields})
        stored = stored.filter(good) if self._fields else stored
        texts = build_payloads(stored, self._fields, len(rows))
        whole = rows.with_columns(texts.alias("payload"))
        return Validated(whole, error_frame(frame, failures), self._files(frame["row"], good, readings))

    def _files(self, rows: pl.Series, good: pl.Series, readings: Mapping[str, Reading]) -> pl.DataFrame:
        """The files (FILES_SCHEMA) of the good rows. ``rows``: the row numbers of the whole frame."""
        found = [pl.DataFrame(schema=FILES_SCHEMA)]
        for columns in self._fields:
            if not columns.field.type.describes_file:
                continue
            reading = readings[columns.key]
            filled, files = reading.stored.is_not_null(), reading.details
            if files is None:
                files = files_of(reading.stored.filter(filled))
            else:
                filled |= reading.problem.is_not_null()
            own = files.select(rows.filter(filled), pl.lit(columns.key).alias("field_key"), *FILE_SCHEMA)
            found.append(own.filter(good.filter(filled)))
        return pl.concat(found)

    def _beyond_the_row(
        self, columns: FieldColumns | None, rows: pl.Series, readings: Mapping[str, Reading], known: KnownValues
    ) -> Iterator[Failure]:
        if columns is not None and columns.key in self.unique:
            yield from duplicate_failures(columns, rows, readings[columns.key], known)
        if columns is not None and (lookup := self.lookups.get(columns.key)):
            yield from lookup_failures(columns, lookup, readings[columns.key], known)


def _untouched(failures: Sequence[Failure], height: int) -> pl.Series:
    untouched = pl.Series([True]).new_from_index(0, height)
    for failure in failures:
        untouched = untouched.scatter(failure.positions, values=False)
    return untouched
