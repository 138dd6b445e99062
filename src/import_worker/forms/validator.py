"""Whole frames of cells, judged by a form: good rows become payloads, bad ones errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from import_worker.forms.bounded import Overruns
from import_worker.forms.columns import field_columns, read
from import_worker.forms.definition import FormDefinition
from import_worker.forms.failures import Failure, error_frame
from import_worker.forms.file_place import FilePlace
from import_worker.forms.files import FILE_SCHEMA
from import_worker.forms.judgement import FieldJudge
from import_worker.forms.mapping import Binding
from import_worker.forms.payload import payloads
from import_worker.forms.reading import Reading

FILES_SCHEMA = {"row": pl.Int64, "field_key": pl.String, **FILE_SCHEMA}


@dataclass(frozen=True)
class Validated:
    """What became of a frame.

    ``payloads``: row Int64, payload String (JSON text); the good rows, in the frame's order.
    ``errors``: row Int64, field_key, error_type, error_message, raw_value String, column String (null where the
    field is not mapped); by row in the frame's order, then by the field's place in the form, then by rule.
    ``files``: FILES_SCHEMA; the files of the good rows, field by field, each in the frame's order.
    """

    payloads: pl.DataFrame
    errors: pl.DataFrame
    files: pl.DataFrame


class Validator:
    """A form and its bindings, compiled. May be used by several threads at once."""

    def __init__(self, form: FormDefinition, bindings: Sequence[Binding], place: FilePlace | None = None) -> None:
        """``bindings`` are as ``bind`` gives them. ``place``: where the form's files lie; without it nothing but
        compiling works where a file field is bound.

        Raises ``JobFailed`` (invalid_form_definition) for a rule, a condition or a ``fileConfig`` that matters and
        cannot be used.
        """
        self._fields = field_columns(bindings, place)
        by_key = {columns.key: columns for columns in self._fields}
        self._judges = tuple(FieldJudge.of(field, form, by_key.get(field.key)) for field in form.fields)
        self.columns = tuple(sorted({binding.column for binding in bindings if binding.column is not None}))
        self.sensitive = any(binding.field.sensitive for binding in bindings)

    def validate(self, frame: pl.DataFrame) -> Validated:
        """Judge ``frame``: ``row`` Int64, and for each of ``columns`` a String column ``c{i}`` without nulls.

        Raises ``JobFailed`` (invalid_form_definition) when a pattern takes too long too often, which no retry helps,
        and ``TransientError`` when the helper process for such patterns cannot do its work. What the place of files
        raises goes through.
        """
        overruns, height = Overruns(), len(frame)
        readings = read(frame, self._fields)
        failures = [
            failure
            for judge in self._judges
            for failure in judge.failures(readings, height, overruns)
            if not failure.positions.is_empty()
        ]
        good = _untouched(failures, height)
        rows = frame.select("row").filter(good)
        stored = pl.DataFrame({columns.name: readings[columns.key].stored for columns in self._fields})
        stored = stored.filter(good) if self._fields else stored
        texts = payloads(stored, self._fields, len(rows))
        whole = rows.with_columns(texts.alias("payload"))
        return Validated(whole, error_frame(frame, failures), self._files(frame["row"], good, readings))

    def _files(self, rows: pl.Series, good: pl.Series, readings: Mapping[str, Reading]) -> pl.DataFrame:
        """What the file fields of the good ones among ``rows`` hold."""
        found = [pl.DataFrame(schema=FILES_SCHEMA)]
        for key, reading in readings.items():
            if reading.details is not None:
                filled = reading.filled
                files = reading.details.select(rows.filter(filled), pl.lit(key).alias("field_key"), *FILE_SCHEMA)
                found.append(files.filter(good.filter(filled)))
        return pl.concat(found)


def _untouched(failures: Sequence[Failure], height: int) -> pl.Series:
    untouched = pl.Series([True]).new_from_index(0, height)
    for failure in failures:
        untouched = untouched.scatter(failure.positions, values=False)
    return untouched
