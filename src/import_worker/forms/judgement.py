"""One field's verdict on the rows: type, then required, then rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from import_worker.forms.bounded import Overruns
from import_worker.forms.columns import Column
from import_worker.forms.conditions import Test, holds
from import_worker.forms.definition import Field, FieldType, FormDefinition
from import_worker.forms.failures import Failure
from import_worker.forms.reading import Reading, unproblematic
from import_worker.forms.rules import Check, checks_of


@dataclass(frozen=True)
class FieldJudge:
    field: Field
    column: Column | None
    checks: tuple[Check, ...]
    condition: Test | None

    @classmethod
    def of(cls, field: Field, form: FormDefinition, column: Column | None) -> "FieldJudge":
        """Raises ``JobFailed`` (invalid_form_definition) for a rule that cannot be used."""
        others = {other.key: other for other in form.fields}
        condition = holds(field.condition, others[field.condition.field]) if field.condition else None
        return cls(field, column, checks_of(field), condition)

    def failures(self, readings: Mapping[str, Reading], height: int, overruns: Overruns) -> Iterator[Failure]:
        """What is wrong with the field in which of ``height`` rows, in the order in which errors are told.

        ``readings``: by field key, of the mapped fields. A failure may concern no row at all.
        """
        reading = readings.get(self.field.key) or _unmapped(height)
        if self.column and reading.problem.null_count() < height:
            for number, problem in enumerate(self.column.reader.problems):
                positions = (reading.problem == number).fill_null(value=False).arg_true()
                yield self._failure(positions, problem.error_type, problem.message)
        if not (self.field.required or self.checks):
            return
        applies = self._applies(readings, height)
        if self.field.required:
            missing = reading.stored.is_null() & reading.problem.is_null()
            if self.field.type is FieldType.CHECKBOX:
                missing |= (reading.stored == "false").fill_null(value=False)
            yield self._failure((missing & applies).arg_true(), "required", "Missing required field")
        present = reading.stored.is_not_null() & applies
        stored = reading.stored.filter(present)
        positions = present.arg_true()
        for check in self.checks:
            passed = check.passes(stored, overruns).fill_null(value=False)
            yield self._failure(positions.filter(~passed), "validation", check.message)

    def _applies(self, readings: Mapping[str, Reading], height: int) -> pl.Series:
        if self.field.condition is None or self.condition is None:
            return pl.Series([True]).new_from_index(0, height)
        other = readings.get(self.field.condition.field) or _unmapped(height)
        return self.condition(other.stored)

    def _failure(self, positions: pl.Series, error_type: str, message: str) -> Failure:
        binding = self.column.binding if self.column else None
        return Failure(positions, self.field, binding, error_type, message)


def _unmapped(height: int) -> Reading:
    return unproblematic(pl.Series([None], dtype=pl.String).new_from_index(0, height))
