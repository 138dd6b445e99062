"""Numbers that keep their digits: the number type, and JSON numbers in definitions and mappings."""

import json
import re
from decimal import Decimal
from typing import Any

from .text import trim

MAX_INTEGER_DIGITS = 131_072
MAX_FRACTION_DIGITS = 16_383

NUMBER = re.compile(
    r"""(?P<sign>[+-]?)
        (?P<integer> [0-9]{1,3} (?:,[0-9]{3})+ | [0-9]* )
        (?: \. (?P<fraction>[0-9]*) )?
        (?: [eE] (?P<exponent_sign>[+-]?) (?P<exponent>[0-9]+) )?""",
    re.VERBOSE,
)


class Digits(str):
    """The text of a JSON number, not to be quoted."""

    __slots__ = ()


def read_number(cell: str) -> Digits | None:
    """The number that a cell holds, digit by digit, or None if it holds none."""
    match = NUMBER.fullmatch(trim(cell))
    if match is None:
        return None
    if not match["integer"] and not match["fraction"]:
        return None
    integer = match["integer"].replace(",", "").lstrip("0")
    fraction = match["fraction"] or ""
    exponent = (match["exponent"] or "").lstrip("0")
    if len(exponent) > 6:
        return None  # beyond both limits, whatever the other digits are
    power = int(exponent or "0") * (-1 if match["exponent_sign"] == "-" else 1)
    if len(integer) + power > MAX_INTEGER_DIGITS or len(fraction) - power > MAX_FRACTION_DIGITS:
        return None
    text = "-" if match["sign"] == "-" else ""
    text += integer or "0"
    if fraction:
        text += "." + fraction
    if match["exponent"] is not None:
        text += "e" + ("-" if match["exponent_sign"] == "-" else "") + (exponent or "0")
    return Digits(text)


def is_json_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def json_text(value: Any) -> str:
    """A scalar of a definition or a mapping as text: strings as they are, the others as JSON writes them."""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value)


def as_decimal(value: Any) -> Decimal | None:
    """A JSON number, or a number written as a JSON string, as a decimal; None for everything else."""
    if is_json_number(value):
        return Decimal(json_text(value))
    if isinstance(value, str):
        digits = read_number(value)
        return None if digits is None else Decimal(digits)
    return None
