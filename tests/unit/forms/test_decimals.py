"""Numbers keep their digits, and compare exactly."""

from collections.abc import Callable
from decimal import Decimal

import polars as pl
import pytest

from import_worker.forms.types.decimals import Comparison, decimal_of

Read = Callable[..., str]
NOT_A_NUMBER = "invalid_number: Not a number"


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("23", "23"),
        (" 23 ", "23"),
        ("+23", "23"),
        ("-0", "-0"),
        ("007", "7"),
        ("-000.50", "-0.50"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("5.", "5"),
        ("5.e2", "5e2"),
        ("1,234,567.80", "1234567.80"),
        ("0,123", "123"),
        ("1E+05", "1e5"),
        ("1e-05", "1e-5"),
        ("1e000", "1e0"),
        ("12345678901234567890.12345678901234567890", "12345678901234567890.12345678901234567890"),
        ("1e131071", "1e131071"),
        ("1e131072", NOT_A_NUMBER),
        ("0e131072", "0e131072"),
        ("0e131073", NOT_A_NUMBER),
        ("00001e131071", "00001e131071".lstrip("0")),
        ("1e-16383", "1e-16383"),
        ("1e-16384", NOT_A_NUMBER),
        ("1.0e-16383", NOT_A_NUMBER),
        ("1e99999999999999999999", NOT_A_NUMBER),
        ("1e-99999999999999999999", NOT_A_NUMBER),
        ("1e0000000000000000000000000000003", "1e3"),
        (".", NOT_A_NUMBER),
        ("", "missing"),
        ("+", NOT_A_NUMBER),
        ("e5", NOT_A_NUMBER),
        ("1e", NOT_A_NUMBER),
        ("1e+", NOT_A_NUMBER),
        ("12,34", NOT_A_NUMBER),
        ("1,2345", NOT_A_NUMBER),
        (",123", NOT_A_NUMBER),
        ("1.5,000", NOT_A_NUMBER),
        ("1 000", NOT_A_NUMBER),
        ("0x10", NOT_A_NUMBER),
        ("NaN", NOT_A_NUMBER),
        ("Infinity", NOT_A_NUMBER),
        ("\u0661", NOT_A_NUMBER),
        ("--1", NOT_A_NUMBER),
    ],
)
def test_number(read_cell: Read, cell: str, stored: str) -> None:
    assert read_cell(cell, {"type": "number"}) == stored


@pytest.mark.parametrize(
    ("digits", "stored"),
    [("9" * 131_072, True), ("9" * 131_073, False), ("0." + "1" * 16_383, True), ("0." + "1" * 16_384, False)],
)
def test_limits_of_numeric(read_cell: Read, digits: str, *, stored: bool) -> None:
    assert read_cell(digits, {"type": "number"}) == (digits if stored else NOT_A_NUMBER)


@pytest.mark.parametrize(
    ("limit", "number", "sign"),
    [
        ("0.1", "0.1", 0),
        ("0.1", "0.10", 0),
        ("0.1", "1e-1", 0),
        ("0.1", "0.1000000000000000000000001", 1),
        ("0.1", "0.0999999999999999999999999", -1),
        ("9007199254740993", "9007199254740992", -1),
        ("9007199254740993", "9007199254740994", 1),
        ("0", "-0", 0),
        ("0", "1e-16383", 1),
        ("1e400", "1e401", 1),
        ("1e400", "9e399", -1),
        ("5", "-1e131071", -1),
    ],
)
def test_compares_exactly(limit: str, number: str, sign: int) -> None:
    assert Comparison(Decimal(limit)).answer(pl.Series([number, None])).to_list() == [sign, None]


@pytest.mark.parametrize(
    ("value", "decimal"),
    [
        (5, Decimal(5)),
        (0.1, Decimal("0.1")),
        ("1,000.5", Decimal("1000.5")),
        (" 7 ", Decimal(7)),
        (True, None),
        (None, None),
        ("", None),
        ("abc", None),
        ("1e9999999999999999999999", None),
        ([5], None),
    ],
)
def test_decimal_of(value: object, decimal: Decimal | None) -> None:
    assert decimal_of(value) == decimal
