"""A type of fields that nobody has heard of: made here, registered here, and everything goes with it."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
import pytest

from import_worker.forms.definition import FormDefinition
from import_worker.forms.field import Field, Rule
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.import_validation import UniqueScope, lookup_of, unique_scope
from import_worker.forms.joining import bind
from import_worker.forms.known import DUPLICATES_SCHEMA, KnownValues
from import_worker.forms.mapping_entry import MappingEntry, MappingOption
from import_worker.forms.notices import NoticeCode, find_sample_notices
from import_worker.forms.rules.rules import RuleCheck, RuleCompiler
from import_worker.forms.suggestions.choices import suggest_values
from import_worker.forms.suggestions.cure import list_curable_types, suggest
from import_worker.forms.suggestions.suggestion import Cure, FieldErrors, Suggestion
from import_worker.forms.types.field_type import FieldType
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.types.identity import Identity
from import_worker.forms.types.likeness import Likeness
from import_worker.forms.types.reading import JsonForm, Reader, Reading, refuse_nulls
from import_worker.forms.types.registry import FIELD_TYPES
from import_worker.forms.types.secret import Secret
from import_worker.forms.types.value_tests import ValueTest, among, never
from import_worker.forms.unique_values import digests
from import_worker.forms.validator import Validated, Validator
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.sentence import Problem, Sentence


@dataclass(frozen=True)
class DurationReader:
    """``1:30`` as minutes; hours may have zeros before them, which stay."""

    problems: Sequence[Problem] = (Problem(RowErrorType.INVALID_NUMBER, "Not a duration"),)
    trims: bool = True
    json_form: JsonForm = JsonForm.PLAIN_STRING

    def quick(self, cells: pl.Expr) -> pl.Expr:
        return pl.when(cells.str.contains("^[0-9]+:[0-5][0-9]$")).then(cells)

    def careful(self, cells: pl.Series) -> Reading:
        return refuse_nulls(cells.str.extract("^([0-9]+:[0-5][0-9]) h$", 1))


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _in_minutes(stored: pl.Series) -> pl.Series:
    return pl.Series([str(_minutes(text)) for text in stored], dtype=pl.String)


def _longest(rule: Rule, field: Field) -> RuleCheck:
    most = _minutes(str(rule.value))
    problem = Sentence.TOO_LARGE.problem(limit=rule.value)
    return RuleCheck(problem, lambda stored, _: _in_minutes(stored).cast(pl.Int64) <= most)


def _suggest_colons(errors: FieldErrors) -> Suggestion | None:
    return suggest_values(errors, {cell: cell.replace("h", ":") for cell in errors.cells}, "are written with an h")


class DurationType(FieldType):
    takes_options = False
    mapping_options: Collection[MappingOption] = ()
    rules: Mapping[str, RuleCompiler] = {"longest": _longest}
    identity: Identity | None = Identity(comparable=_in_minutes)
    can_be_looked_up = False
    describes_file = False
    secret: Secret | None = Secret("[0-9]+$", "?")
    likeness: Likeness | None = Likeness()
    cures: Mapping[str, Sequence[Cure]] = {RowErrorType.INVALID_NUMBER: (_suggest_colons,)}

    def reader(self, field: Field, entry: MappingEntry, place: FilePlace | None) -> Reader:
        return DurationReader()

    def is_missing(self, stored: pl.Series) -> pl.Series:
        return (stored == "0:00").fill_null(value=True)

    def equals(self, value: object, field: Field) -> ValueTest:
        return among([value]) if isinstance(value, str) else never

    def contains(self, value: object, field: Field) -> ValueTest:
        return never

    def greater_than(self, value: object, field: Field) -> ValueTest:
        if not isinstance(value, str):
            return never
        return lambda stored: stored.map_elements(lambda text: _minutes(text) > _minutes(value), pl.Boolean)


TYPES = {**FIELD_TYPES, "duration": DurationType()}


def validated(
    fields: Sequence[dict[str, object]], rows: Sequence[Sequence[str]], known: KnownValues | None = None
) -> Validated:
    form = FormDefinition.parse({"fields": list(fields)}, TYPES)
    headers = [field.key for field in form.fields]
    mapping = HeaderMapping.parse(dict(zip(headers, headers, strict=True)))
    columns = {f"c{n}": pl.Series([row[n] for row in rows], dtype=pl.String) for n in range(len(headers))}
    frame = pl.DataFrame({"row": pl.Series(range(1, len(rows) + 1), dtype=pl.Int64), **columns})
    return Validator(form, bind(form, mapping, headers)).validate(frame, known)


def errors_of(result: Validated) -> list[tuple[object, ...]]:
    return result.errors.select("row", "field_key", "error_type", "error_message", "raw_value").rows()


def duration(**more: object) -> Field:
    return FormDefinition.parse({"fields": [{"key": "d", "type": "duration", **more}]}, TYPES).fields[0]


def test_cells_are_read_stored_and_refused() -> None:
    result = validated([{"key": "d", "type": "duration"}], [["1:30"], [" 2:05 h"], [""], ["later:59"]])
    assert [json.loads(text) for text in result.payloads["payload"]] == [{"d": "1:30"}, {"d": "2:05"}, {}]
    assert errors_of(result) == [(4, "d", "invalid_number", "Not a duration", "later:?")]


def test_what_is_missing_and_which_rules_there_are_is_the_types_own() -> None:
    rules = [{"type": "longest", "value": "8:00"}, {"type": "max_length", "value": 1}]
    field = {"key": "d", "type": "duration", "required": True, "validation": rules}
    result = validated([field], [["7:59"], ["0:00"], [""], ["8:01"]])
    assert result.payloads["row"].to_list() == [1]
    assert errors_of(result) == [
        (2, "d", "required", "Missing required field", "0:?"),
        (3, "d", "required", "Missing required field", ""),
        (4, "d", "validation", "Must be at most 8:00", "8:?"),
    ]


@pytest.mark.parametrize(
    ("operator", "value", "rows"),
    [("equals", "2:00", [2]), ("not_equals", "2:00", [1, 3]), ("contains", "2", []), ("greater_than", "1:59", [2, 3])],
)
def test_conditions_ask_the_type(operator: str, value: str, rows: list[int]) -> None:
    condition = {"field": "d", "operator": operator, "value": value}
    fields: list[dict[str, object]] = [
        {"key": "d", "type": "duration"},
        {"key": "why", "type": "text", "required": True, "conditional": condition},
    ]
    result = validated(fields, [["0:30", ""], ["2:00", ""], ["10:00", ""]])
    assert result.errors["row"].to_list() == rows


def test_values_that_are_the_same_are_found_and_told() -> None:
    field = duration(importValidation={"type": "unique_in_import"})
    assert unique_scope(field) is UniqueScope.IMPORT
    first, second, third = digests(field, pl.Series(["1:30", "01:30", "1:31"])).rows()
    assert first == second != third

    lost = pl.DataFrame({"row": [2], "field_key": ["d"], "first_row": [1]}, schema=DUPLICATES_SCHEMA)
    fields: list[dict[str, object]] = [
        {"key": "d", "type": "duration", "importValidation": {"type": "unique_in_import"}}
    ]
    result = validated(fields, [["1:30"], ["01:30"]], KnownValues(lost))
    assert errors_of(result) == [(2, "d", "duplicate", "Row 1 has this value already", "01:?")]


def test_a_lookup_of_what_cannot_be_looked_up_is_none() -> None:
    assert lookup_of(duration(importValidation={"type": "lookup", "lookupTable": "teams", "lookupColumn": "x"})) is None


def test_its_cures_are_tried() -> None:
    field = duration()
    assert list_curable_types([field]) == {"invalid_number"}
    cells = {"1h30": 1, "2h00": 1, "2h15": 1}
    errors = FieldErrors(field, "D", MappingEntry(field="d"), RowErrorType.INVALID_NUMBER, cells, 3)
    suggestion = suggest(errors)
    assert suggestion is not None
    assert suggestion.message.startswith("3 values are written with an h: add ")
    assert suggestion.mapping == {
        "D": {"field": "d", "values": {"1h30": "1:30", "2h00": "2:00", "2h15": "2:15"}},
    }


def test_columns_of_it_are_told_from_others() -> None:
    form = FormDefinition.parse(
        {
            "fields": [
                {"key": "d", "type": "duration"},
                {"key": "mail", "type": "email"},
                {"key": "left", "type": "date"},
            ]
        },
        TYPES,
    )
    bindings = bind(form, HeaderMapping.parse({"D": "d", "Mail": "mail"}), ["D", "Mail"])
    frame = pl.DataFrame({"c0": ["a@b.c", "d@e.f", "g@h.i"], "c1": ["1:30", "2:30", "3:30"]})
    notices = find_sample_notices(form, bindings, frame)
    assert [(notice.code, notice.details.get("looksLike")) for notice in notices] == [
        (NoticeCode.SWAPPED_COLUMNS, "mail"),
        (NoticeCode.SWAPPED_COLUMNS, "d"),
        (NoticeCode.FIELD_WITHOUT_COLUMN, None),
    ]


def test_only_the_registry_makes_it_known() -> None:
    form = FormDefinition.parse({"fields": [{"key": "d", "type": "duration"}]})
    assert form.defects["d"].startswith("field 'd': type: input should be 'text', 'textarea',")
    assert form.defects["d"].endswith(" or 'file'")


@pytest.mark.parametrize("answer", sorted(FieldType.__abstractmethods__))
def test_a_type_that_lacks_an_answer_cannot_be_made(answer: str) -> None:
    answers = {name: value for name, value in vars(DurationType).items() if name != answer}
    incomplete = type("Incomplete", (FieldType,), {name: answers[name] for name in answers if name[:2] != "__"})
    with pytest.raises(TypeError, match=answer):
        incomplete()
