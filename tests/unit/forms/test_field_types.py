"""What holds for every type of fields that there is."""

import re
from pathlib import Path

import polars as pl
import pytest

import import_worker
from import_worker.forms.definition import FormDefinition
from import_worker.forms.field import Field
from import_worker.forms.mapping_entry import MappingEntry, MappingOption, Normalize
from import_worker.forms.types.email import EmailReader
from import_worker.forms.types.phone import InternationalPhoneReader, PhoneReader
from import_worker.forms.types.reading import Reader
from import_worker.forms.types.registry import FIELD_TYPES, STAND_IN
from import_worker.forms.types.text import PostalCodeReader, TextReader
from import_worker.row_errors.error_type import RowErrorType
from tests.agreement import TYPES

every_type = pytest.mark.parametrize("name", sorted(FIELD_TYPES))

_OPTIONS: dict[MappingOption, dict[str, object]] = {
    MappingOption.CASE: {"case": "upper"},
    MappingOption.NORMALIZE: {"normalize": "email"},
    MappingOption.DATE_FORMATS: {"date_formats": ["MM/DD/YYYY"]},
    MappingOption.SEPARATOR: {"separator": "|"},
}


def field(name: str) -> Field:
    return FormDefinition.parse({"fields": [{"key": "f", "type": name, "options": [{"value": "a"}]}]}).fields[0]


def reader(name: str, **options: object) -> Reader:
    return FIELD_TYPES[name].reader(field(name), MappingEntry.model_validate({"field": "f", **options}), None)


def test_options_are_kept_by_those_that_take_them_alone() -> None:
    takers = {name for name in FIELD_TYPES if field(name).options}
    assert takers == {name for name, type_ in FIELD_TYPES.items() if type_.takes_options} == {"select", "multiselect"}


@every_type
def test_a_value_that_is_not_there_is_missing_and_meets_nothing(name: str) -> None:
    nothing = pl.Series([None], dtype=pl.String)
    type_ = FIELD_TYPES[name]
    assert type_.is_missing(nothing).to_list() == [True]
    values: list[object] = ["a", "", 5, 2.5, True, None, [], ["a"], {}, "2024-01-01"]
    for value in values:
        for test in (type_.equals, type_.contains, type_.greater_than):
            assert test(value, field(name))(nothing).fill_null(value=False).to_list() == [False]


@every_type
def test_an_option_that_a_type_ignores_changes_nothing_of_how_it_reads(name: str) -> None:
    ignored = set(MappingOption) - set(FIELD_TYPES[name].mapping_options)
    assert [option for option in ignored if reader(name, **_OPTIONS[option]) != reader(name)] == []


@every_type
def test_cures_are_for_errors_that_such_a_field_can_have(name: str) -> None:
    readers = [reader(name), *(reader(name, normalize=kind) for kind in Normalize)]
    possible = {problem.error_type for one in readers for problem in one.problems}
    if FIELD_TYPES[name].rules:
        possible.add(RowErrorType.VALIDATION)
    assert set(FIELD_TYPES[name].cures) <= possible


@pytest.mark.parametrize(
    ("name", "normalize", "kind"),
    [
        ("text", None, TextReader),
        ("textarea", Normalize.POSTAL_CODE, PostalCodeReader),
        ("text", Normalize.EMAIL, EmailReader),
        ("text", Normalize.PHONE, InternationalPhoneReader),
        ("phone", Normalize.PHONE, InternationalPhoneReader),
        ("phone", Normalize.EMAIL, PhoneReader),
        ("email", Normalize.POSTAL_CODE, EmailReader),
    ],
)
def test_normal_forms_are_for_those_types_that_have_them(name: str, normalize: Normalize | None, kind: type) -> None:
    assert type(reader(name, normalize=normalize)) is kind


def test_only_an_email_that_is_normalised_is_in_lower_case() -> None:
    assert reader("email", normalize=Normalize.EMAIL) == EmailReader(lower=True)
    assert reader("email") == EmailReader(lower=False)


def test_every_type_has_a_twin() -> None:
    assert sorted(TYPES) == sorted(FIELD_TYPES)


def test_a_stand_in_reads_anything() -> None:
    assert STAND_IN is FIELD_TYPES["text"]
    assert reader("text").problems == ()


def test_nothing_but_the_registry_names_a_type() -> None:
    names = "|".join(sorted({type(type_).__name__ for type_ in FIELD_TYPES.values()}))
    source = Path(import_worker.__file__).parent
    others = [path for path in source.rglob("*.py") if path.parent != source / "forms" / "types"]
    assert len(others) > 100
    assert [path for path in others if re.search(rf"\b(?:{names})\b", path.read_text(encoding="utf-8"))] == []
