"""The common base of types whose stored values are text, to which rules and conditions apply directly."""

from collections.abc import Mapping

import polars as pl

from import_worker.forms.field import Field
from import_worker.forms.json_values import scalar_text
from import_worker.forms.rules.rules import TEXT_RULES, RuleCompiler
from import_worker.forms.types.decimals import Comparison, decimal_of
from import_worker.forms.types.field_type import FieldType
from import_worker.forms.types.identity import TO_THE_LETTER, Identity
from import_worker.forms.types.number import written_numbers
from import_worker.forms.types.secret import Secret
from import_worker.forms.types.value_tests import ValueTest, among, never


class TextualType(FieldType):
    """Subclasses add the reader, the mapping options, the likeness and the cures."""

    takes_options = False
    rules: Mapping[str, RuleCompiler] = TEXT_RULES
    identity: Identity | None = TO_THE_LETTER
    can_be_looked_up = True
    describes_file = False
    secret: Secret | None = None

    def is_missing(self, stored: pl.Series) -> pl.Series:
        return stored.is_null()

    def equals(self, value: object, field: Field) -> ValueTest:
        return among([scalar_text(value)] if isinstance(value, str | int | float) else [])

    def contains(self, value: object, field: Field) -> ValueTest:
        if not isinstance(value, str | int | float):
            return never
        return lambda stored: stored.str.contains(scalar_text(value), literal=True)

    def greater_than(self, value: object, field: Field) -> ValueTest:
        """Texts that a number field would accept are compared as numbers; no other text is greater."""
        limit = decimal_of(value)
        if limit is None:
            return never
        return lambda stored: Comparison(limit).answer(written_numbers(stored)) == 1
