"""Validation of one field in all rows: first type, then required, then rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from import_worker.forms.columns import FieldColumns
from import_worker.forms.definition import FormDefinition
from import_worker.forms.failures import Failure
from import_worker.forms.field import Field
from import_worker.forms.rules.bounded_patterns import Overruns
from import_worker.forms.rules.conditions import compile_condition
from import_worker.forms.rules.rules import RuleCheck, compile_rules
from import_worker.forms.types.reading import Reading, accept_all
from import_worker.forms.types.value_tests import ValueTest
from import_worker.forms.unusable import invalid_form
from import_worker.row_errors.sentence import Problem, Sentence

_MISSING = Sentence.REQUIRED.problem()
_EVERYWHERE = pl.Series([True])


@dataclass(frozen=True)
class FieldValidator:
    """Validates one field. ``condition`` is None unless it matters: unless the field is required or has checks."""

    field: Field
    columns: FieldColumns | None
    required: bool
    checks: tuple[RuleCheck, ...]
    condition: ValueTest | None

    @classmethod
    def of(cls, field: Field, form: FormDefinition, columns: FieldColumns | None) -> "FieldValidator":
        """Raises ``JobFailed`` (invalid_form_definition) for a rule or a condition that matters and cannot be used."""
        others = {other.key: other for other in form.fields}
        if field.condition and field.condition.field not in others:
            # A condition on a field that does not exist never holds.
            return cls(field, columns, required=False, checks=(), condition=None)
        checks = compile_rules(field) if columns else ()
        condition = None
        if field.condition and (field.required or checks):
            try:
                condition = compile_condition(field.condition, others[field.condition.field])
            except ValueError as error:
                raise invalid_form(f"field {field.key!r}: its condition {error}") from None
        return cls(field, columns, field.required, checks, condition)

    def failures(self, readings: Mapping[str, Reading], height: int, overruns: Overruns) -> Iterator[Failure]:
        """The field's failures in ``height`` rows, in the order in which errors are reported.

        ``readings``: the readings of the mapped fields by field key. A failure may concern no row at all.
        """
        reading = readings.get(self.field.key) or _unmapped(height)
        if self.columns and reading.problem.null_count() < height:
            for number, (column, problem) in enumerate(self.columns.problems):
                positions = (reading.problem == number).fill_null(value=False).arg_true()
                yield self._failure(positions, column, problem)
        if not (self.required or self.checks):
            return
        applies = self._applies(readings, height)
        present = reading.stored.is_not_null() & applies
        if self.required:
            missing = self.field.type.is_missing(reading.stored)
            if missing.any():
                # A cell whose type failed has its error already.
                missing &= reading.problem.is_null() & applies
                yield from self._by_column(missing.arg_true(), reading, _MISSING)
                present &= ~missing
        stored = reading.stored.filter(present)
        for check in self.checks:
            passed = check.passes(stored, overruns).fill_null(value=False)
            if not passed.all():
                yield from self._by_column(present.arg_true().filter(~passed), reading, check.problem)

    def _applies(self, readings: Mapping[str, Reading], height: int) -> pl.Series:
        if self.field.condition is None or self.condition is None:
            return _EVERYWHERE.new_from_index(0, height)
        other = readings.get(self.field.condition.field) or _unmapped(height)
        return self.condition(other.stored)

    def _by_column(self, positions: pl.Series, reading: Reading, problem: Problem) -> Iterator[Failure]:
        """Yields a failure for each column that is to blame: the one that counts, or the last one if none counts."""
        if self.columns is None or reading.source is None:
            yield self._failure(positions, 0, problem)
            return
        last = len(self.columns.columns) - 1
        source = reading.source.gather(positions).fill_null(last)
        for column in range(last + 1):
            yield self._failure(positions.filter(source == column), column, problem)

    def _failure(self, positions: pl.Series, column: int, problem: Problem) -> Failure:
        binding = self.columns.columns[column].binding if self.columns else None
        return Failure(positions, self.field, binding, problem.error_type, problem.message)


def _unmapped(height: int) -> Reading:
    return accept_all(pl.Series([None], dtype=pl.String).new_from_index(0, height))
