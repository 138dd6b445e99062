"""Fields whose values must not come twice, and values that are looked up elsewhere."""

from collections.abc import Callable
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from import_worker.errors import JobFailed
from import_worker.forms.definition import FormDefinition
from import_worker.forms.field import Field
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.import_validation import Lookup, LookupTable, UniqueScope, lookup_of, unique_scope
from import_worker.forms.joining import bind
from import_worker.forms.known import DUPLICATES_SCHEMA, KnownValues
from import_worker.forms.unique_values import as_stored, digests
from import_worker.forms.validator import Validated, Validator

Run = Callable[..., Validated]


def field(type_: str = "text", **more: object) -> Field:
    options = {"options": [{"value": "a"}, {"value": "b"}]} if "select" in type_ else {}
    return FormDefinition.parse({"fields": [{"key": "f", "type": type_, **options, **more}]}).fields[0]


def groups(type_: str, stored: list[str]) -> list[list[str]]:
    """The values that count as one."""
    found: dict[tuple[int, int], list[str]] = {}
    for value, digest in zip(stored, digests(field(type_), pl.Series(stored, dtype=pl.String)).rows(), strict=True):
        found.setdefault(digest, []).append(value)
    return list(found.values())


def test_numbers_are_compared_as_numbers() -> None:
    same = ["1", "1.0", "1.000", "10e-1", "0.1e1", "1e0", "1e-0", "1e+0"]
    others = ["-1", "10", "0.1", "1e1000", "1e1001"]
    assert groups("number", same + others) == [same, *([other] for other in others)]
    assert groups("number", ["0", "-0", "0.00", "0e5"]) == [["0", "-0", "0.00", "0e5"]]


NUMBER = st.tuples(
    st.sampled_from(["", "-"]), st.integers(0, 1200), st.text("0012", max_size=3), st.none() | st.integers(-3, 3)
).map(lambda p: f"{p[0]}{p[1]}" + (f".{p[2]}" if p[2] else "") + ("" if p[3] is None else f"e{p[3]}"))


@given(st.lists(NUMBER, min_size=2, max_size=8))
@settings(max_examples=200, deadline=None)
def test_two_numbers_are_one_value_if_decimal_says_so(numbers: list[str]) -> None:
    assert len(groups("number", numbers)) == len({Decimal(number) for number in numbers})


def test_text_is_compared_to_the_letter() -> None:
    texts = ["1", "1.0", "a", "A", "a ", "é", "e\u0301", ""]
    assert groups("text", texts) == [[text] for text in texts]


def test_what_postgresql_says_of_a_list_is_what_is_stored() -> None:
    stored = as_stored(field("multiselect"), pl.Series(['["a", "b"]', "[]", "no list"]))
    assert stored.to_list() == ['["a","b"]', "[]", "no list"]
    assert as_stored(field(), pl.Series(['["a", "b"]'])).to_list() == ['["a", "b"]']


@pytest.mark.parametrize(
    ("document", "scope"),
    [
        ({"type": "unique_in_import"}, UniqueScope.IMPORT),
        ({"type": "unique", "message": "x"}, UniqueScope.FORM),
        ({"type": "something"}, None),
        ({"type": ["unique"]}, None),
        ({}, None),
        ("unique", None),
        (None, None),
    ],
)
def test_what_it_asks_for(document: object, scope: UniqueScope | None) -> None:
    assert unique_scope(field(importValidation=document)) == scope
    assert unique_scope(field("file", importValidation=document)) is None


def test_a_lookup_is_checked_only_where_it_is_mapped() -> None:
    right = {"type": "lookup", "lookupTable": "users", "lookupColumn": "email"}
    assert lookup_of(field(importValidation=right)) == Lookup(LookupTable.USERS, "email")
    assert lookup_of(field("multiselect", importValidation=right)) is None
    wrong = {"fields": [{"key": "f", "type": "text", "importValidation": {**right, "lookupTable": "pg_authid"}}]}
    form = FormDefinition.parse(wrong)
    assert Validator(form, ()).lookups == {}
    with pytest.raises(JobFailed, match="'pg_authid', and must be one of organizations, users, teams"):
        Validator(form, bind(form, HeaderMapping.parse({"f": "f"}), ["f"]))
    with pytest.raises(JobFailed, match="names no lookupColumn"):
        lookup_of(field(importValidation={"type": "lookup", "lookupTable": "teams"}))


def test_duplicates_are_told_among_the_errors_of_their_field(run: Run) -> None:
    fields = [
        {"key": "a", "type": "text", "importValidation": {"type": "unique"}},
        {
            "key": "b",
            "type": "text",
            "validation": [{"type": "max_length", "value": 1}],
            "importValidation": {"type": "unique_in_import"},
            "dataClassification": "sensitive",
        },
        {"key": "c", "type": "number"},
    ]
    lost = [(2, "a", None), (2, "b", 1), (3, "b", 1234), (9, "b", 1)]
    known = KnownValues(duplicates=pl.DataFrame(lost, schema=DUPLICATES_SCHEMA, orient="row"))

    result = run(fields, [["x", "yy", "1"], ["x", "yy", "z"], ["w", "y", "2"]], known=known)

    assert result.errors.select("row", "field_key", "error_type", "error_message", "raw_value").rows() == [
        (1, "b", "validation", "Must have at most 1 characters", "***"),
        (2, "a", "duplicate", "The form has this value already", "x"),
        (2, "b", "validation", "Must have at most 1 characters", "***"),
        (2, "b", "duplicate", "Row 1 has this value already", "***"),
        (2, "c", "invalid_number", "Not a number", "z"),
        (3, "b", "duplicate", "Row 1,234 has this value already", "***"),
    ]
    assert result.payloads.is_empty()


def test_values_that_were_not_found_are_told(run: Run) -> None:
    asks = {"type": "lookup", "lookupTable": "organizations", "lookupColumn": "slug"}
    fields = [{"key": "club", "type": "text", "importValidation": asks}]
    result = run(fields, [["a"], [" "], ["b"]], known=KnownValues(found={"club": {"a", "c"}}))
    assert result.payloads.rows() == [(1, '{"club":"a"}'), (2, "{}")]
    assert result.errors.rows() == [(3, "club", "not_found", "Not found among the organizations (slug)", "b", "club")]


def test_of_two_columns_that_of_the_value_is_told(run: Run) -> None:
    asks = {"type": "lookup", "lookupTable": "users", "lookupColumn": "email"}
    fields = [
        {"key": "a", "type": "text", "importValidation": {"type": "unique"}},
        {"key": "b", "type": "text", "importValidation": asks},
    ]
    mapping = {"a": "b", "b": {"field": "b"}}
    lost = pl.DataFrame([(1, "a", None), (2, "a", 1)], schema=DUPLICATES_SCHEMA, orient="row")
    result = run(fields, [["x", ""], ["", "y"], ["u", "v"]], mapping, KnownValues(found={"b": {"x"}}))
    told = ("row", "error_type", "raw_value", "column")
    assert result.errors.select(told).rows() == [(2, "not_found", "y", "b"), (3, "not_found", "v", "b")]
    mapping = {"a": "a", "b": {"field": "a"}}
    result = run(fields, [["x", ""], ["x", "y"], ["u", "v"]], mapping, KnownValues(duplicates=lost))
    assert result.errors.select(told).rows() == [(1, "duplicate", "x", "a"), (2, "duplicate", "y", "b")]
