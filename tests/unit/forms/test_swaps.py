"""Columns that look like another field's than their own."""

from collections.abc import Mapping, Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.joining import bind
from import_worker.forms.swaps import find_swaps

FIELDS: list[dict[str, object]] = [
    {"key": "email", "type": "email"},
    {"key": "phone", "type": "phone"},
    {"key": "born", "type": "date"},
    {"key": "fee", "type": "number"},
    {"key": "level", "type": "select", "options": [{"value": "low"}, {"value": "high"}]},
    {"key": "code", "type": "text", "validation": [{"type": "pattern", "value": "^M-[0-9]{3}$"}]},
    {"key": "name", "type": "text", "validation": [{"type": "pattern", "value": "^.*$"}]},
    {"key": "note", "type": "text", "validation": [{"type": "max_length", "value": 3}]},
]
CELLS = {
    "email": "ada@example.org",
    "phone": "+1 604 555 0123",
    "born": "2001-02-03",
    "fee": "12.50",
    "level": "High",
    "code": "M-001",
    "name": "Ada",
    "note": "x",
}


def swaps(columns: Mapping[str, Sequence[str]], fields: Sequence[dict[str, object]] = FIELDS) -> dict[str, str]:
    """Field key to the key of the field that its column looks like. ``columns``: field key to the column's cells."""
    form = FormDefinition.parse({"fields": [field for field in fields if field["key"] in columns]})
    headers = list(columns)
    bindings = bind(form, HeaderMapping.parse(dict(zip(headers, headers, strict=True))), headers)
    frame = pl.DataFrame({f"c{n}": pl.Series(cells, dtype=pl.String) for n, cells in enumerate(columns.values())})
    return {swap.binding.field.key: swap.other.field.key for swap in find_swaps(bindings, frame)}


def test_columns_in_their_places_are_none() -> None:
    assert swaps({key: [cell] * 5 for key, cell in CELLS.items()}) == {}


@pytest.mark.parametrize(("one", "other"), [("email", "phone"), ("born", "email"), ("level", "fee"), ("code", "born")])
def test_two_that_are_swapped_are_told(one: str, other: str) -> None:
    columns = {key: [cell] * 5 for key, cell in CELLS.items()}
    columns[one], columns[other] = columns[other], columns[one]
    assert swaps(columns) == {one: other, other: one}


def test_columns_shifted_by_one_are_told_each() -> None:
    shifted = {"email": "Ada", "phone": CELLS["email"], "born": CELLS["phone"], "name": CELLS["born"]}
    assert swaps({key: [cell] * 4 for key, cell in shifted.items()}) == {"phone": "email", "born": "phone"}


@given(st.integers(3, 40), st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_the_shares_decide(height: int, own: int, other: int) -> None:
    own = min(own, height)
    other = min(other, height - own)
    cells = ["ada@example.org"] * own + ["1.5"] * other + ["?"] * (height - own - other)
    expected = {"email": "fee"} if own / height < 0.2 and other / height >= 0.7 else {}
    assert swaps({"email": [*cells, " "], "fee": ["1"] * (height + 1)}) == expected


def test_days_in_an_unnamed_format_are_no_phone_numbers() -> None:
    assert swaps({"born": ["31/12/2001"] * 5, "phone": ["604 555 0123"] * 5}) == {}


def test_a_pattern_that_is_found_in_anything_expects_nothing() -> None:
    assert swaps({"email": ["Ada"] * 5, "name": ["Ada"] * 5}) == {}


@pytest.mark.parametrize("cells", [[], ["", " "], ["1", "2"]])
def test_few_cells_say_nothing(cells: list[str]) -> None:
    assert swaps({"email": cells, "fee": cells}) == {}
