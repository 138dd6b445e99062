"""Select, multiselect and checkbox."""

from collections.abc import Callable

import pytest

Read = Callable[..., str]
NOT_AN_OPTION = "invalid_option: Not one of the options"
OPTIONS = [
    {"value": "ca", "label": "Canada"},
    {"value": "CA", "label": "California"},
    {"value": "fr", "label": "CA"},
    {"value": 5, "label": 'five "5"'},
    {"value": 2.5},
    {"value": 'q"', "label": "Straße"},
    {"value": " pad ", "label": " Padded "},
]


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        (" ca ", '"ca"'),
        ("CA", '"CA"'),
        ("Ca", '"ca"'),
        ("CANADA", '"ca"'),
        ("FR", '"fr"'),
        ("5", "5"),
        ("5.0", NOT_AN_OPTION),
        ('FIVE "5"', "5"),
        ("2.5", "2.5"),
        ("STRAẞE", '"q\\""'),
        ("padded", '" pad "'),
        ("PAD", '" pad "'),
        ("", "missing"),
        ("ca,CA", NOT_AN_OPTION),
    ],
)
def test_select(read_cell: Read, cell: str, stored: str) -> None:
    assert read_cell(cell, {"type": "select", "options": OPTIONS}) == stored


def test_an_option_that_stands_twice_does_no_harm(read_cell: Read) -> None:
    options = [{"value": "1", "label": "One"}, {"value": 1, "label": "Uno"}, {"value": "2"}, {"value": "1"}]
    cells = ("1", "one", "UNO", "2", "3")
    assert [read_cell(cell, {"type": "select", "options": options}) for cell in cells] == [
        '"1"', '"1"', '"1"', '"2"', NOT_AN_OPTION,
    ]  # fmt: skip
    assert read_cell("uno, 2,1", {"type": "multiselect", "options": options}) == '["1","2","1"]'


@pytest.mark.parametrize(
    ("separator", "cell", "stored"),
    [
        (None, "ca, CA ,,fr", '["ca","CA","fr"]'),
        (None, "fr,fr", '["fr","fr"]'),
        (None, "canada,5", '["ca",5]'),
        (None, 'q"', '["q\\""]'),
        (None, " , ,", "missing"),
        (None, "ca,nowhere", NOT_AN_OPTION),
        (None, "ca;fr", NOT_AN_OPTION),
        (";", "ca; fr", '["ca","fr"]'),
        (" ", "ca  fr", '["ca","fr"]'),
        ("||", "ca||fr", '["ca","fr"]'),
        (".", "ca.fr", '["ca","fr"]'),
    ],
)
def test_multiselect(read_cell: Read, separator: str | None, cell: str, stored: str) -> None:
    assert read_cell(cell, {"type": "multiselect", "options": OPTIONS}, {"separator": separator}) == stored


def test_nothing_selected_is_missing(read_cell: Read) -> None:
    field = {"type": "multiselect", "options": OPTIONS, "required": True}
    assert read_cell(",", field) == "required: Missing required field"


@pytest.mark.parametrize(
    ("cells", "stored"),
    [
        (["true", "YES", " y ", "1", "On"], "true"),
        (["false", "NO", "n", "0", "oFF"], "false"),
        (["", " "], "missing"),
        (["maybe", "2", "oui", "true true"], "invalid_boolean: Not yes or no"),
    ],
)
def test_checkbox(read_cell: Read, cells: list[str], stored: str) -> None:
    assert {read_cell(cell, {"type": "checkbox"}) for cell in cells} == {stored}
