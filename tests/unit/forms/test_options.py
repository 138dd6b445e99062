"""Options: which one a cell names, and how they compare with a condition's value."""

from decimal import Decimal

import polars as pl
import pytest

from import_worker.forms.field import Option
from import_worker.forms.types.options import Options, options_equal_to, options_greater_than

OPTIONS = [
    Option(value="red", label="Rouge"),
    Option(value="Red", label="red"),  # its label is the other's value
    Option(value=7, label="seven"),
    Option(value="7.0", label="ROUGE"),
]


@pytest.mark.parametrize(
    ("cell", "exact", "loose"),
    [
        ("red", "red", "red"),
        ("Red", "Red", "Red"),
        ("RED", None, "red"),
        ("Rouge", "red", "red"),
        ("ROUGE", "red", "red"),
        ("7", "7", "7"),
        ("SEVEN", None, "7"),
        ("blue", None, None),
    ],
)
def test_a_value_goes_before_a_label_and_the_first_before_the_others(
    cell: str, exact: str | None, loose: str | None
) -> None:
    options = Options.of(OPTIONS, lambda option: option.text)
    found = pl.DataFrame({"cell": [cell]}).select(
        exact=options.exactly(pl.col("cell")), loose=options.loosely(pl.col("cell"))
    )
    assert found.row(0) == (exact, loose)


@pytest.mark.parametrize(
    ("value", "equal"),
    [
        ("red", ["red"]),
        (7, ["7"]),
        (7.0, ["7", "7.0"]),
        ("7", ["7"]),
        ("7.0", ["7", "7.0"]),
        (True, []),
        (None, []),
        ([7], []),
    ],
)
def test_numbers_are_equal_as_numbers_and_texts_as_texts(value: object, equal: list[str]) -> None:
    assert [option.text for option in options_equal_to(value, OPTIONS)] == equal


def test_texts_that_are_numbers_may_be_greater() -> None:
    assert [option.text for option in options_greater_than(Decimal("6.99"), OPTIONS)] == ["7", "7.0"]
    assert options_greater_than(Decimal(7), OPTIONS) == []
