"""Dates: ISO, Excel serial numbers, and the formats of a mapping. Every way to read a cell is tried."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from .text import DIGITS, WHITE_SPACE, same_ignoring_case, trim

NO_SUCH_DATE = "No such date"
AMBIGUOUS = "Ambiguous date: more than one date format fits"

EXCEL_EPOCH = date(1899, 12, 30)
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july",
    "august", "september", "october", "november", "december",
)  # fmt: skip

_HOUR, _SIXTY = "(?:[01][0-9]|2[0-3])", "[0-5][0-9]"
ISO = re.compile(
    rf"""([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}})
         (?: [Tt\ ] {_HOUR}:{_SIXTY} (?: :{_SIXTY} (?:[.,][0-9]{{1,9}})? )?
             (?: [Zz] | [+-]{_HOUR}(?::?{_SIXTY})? )? )?""",
    re.VERBOSE,
)
EXCEL = re.compile(r"([0-9]{5})(?:\.[0-9]+)?")

STRFTIME = {
    "%Y": "year", "%y": "short year", "%m": "month", "%d": "day", "%b": "month name", "%B": "month name",
    "%H": "hour", "%M": "minute", "%S": "second", "%I": "half-day hour", "%p": "half-day", "%%": "percent",
}  # fmt: skip
TOKENS = {
    "YYYY": "year", "yyyy": "year", "YY": "short year", "yy": "short year",
    "MMMM": "month name", "MMM": "month name", "MM": "month", "M": "month",
    "DD": "day", "dd": "day", "D": "day", "d": "day",
    "HH": "hour", "mm": "minute", "ss": "second", "hh": "half-day hour", "A": "half-day",
}  # fmt: skip
TIME_RANGES = {"hour": (0, 23), "minute": (0, 59), "second": (0, 59), "half-day hour": (1, 12)}


NUMBERS = {"year", "short year", "month", "day", *TIME_RANGES}


@dataclass(frozen=True)
class Part:
    """A piece of a format; ``crowded`` if a number stands directly before or after it."""

    kind: str
    text: str
    crowded: bool = False


@dataclass(frozen=True)
class Reading:
    year: int = 0
    month: int = 0
    day: int = 0

    def date(self) -> date | None:
        try:
            return date(self.year, self.month, self.day)
        except ValueError:
            return None


def read_date(cell: str, formats: list[str]) -> tuple[str | None, str]:
    """``(YYYY-MM-DD, "")``, or ``(None, message)``."""
    text = trim(cell)
    readings = set(_read_iso(text)) | set(_read_excel(text))
    for date_format in formats:
        readings |= set(_read_parts(parts_of(date_format), text, Reading()))
    if not readings:
        known = " or ".join(["YYYY-MM-DD", *formats])
        return None, f"Not a date in a known format ({known})"
    days = {day for reading in readings if (day := reading.date()) is not None}
    if not days:
        return None, NO_SUCH_DATE
    if len(days) > 1:
        return None, AMBIGUOUS
    return days.pop().isoformat(), ""


def iso_date(value: object) -> date | None:
    """A definition's ``YYYY-MM-DD``, or None."""
    if not isinstance(value, str) or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return None
    return next(_read_iso(value)).date()


def _read_iso(text: str) -> Iterator[Reading]:
    if match := ISO.fullmatch(text):
        yield Reading(int(match[1]), int(match[2]), int(match[3]))


def _read_excel(text: str) -> Iterator[Reading]:
    if match := EXCEL.fullmatch(text):
        day = EXCEL_EPOCH + timedelta(days=int(match[1]))
        yield Reading(day.year, day.month, day.day)


def parts_of(date_format: str) -> list[Part]:
    tokens = STRFTIME if "%" in date_format else TOKENS
    parts: list[Part] = []
    at = 0
    while at < len(date_format):
        token = next((t for t in sorted(tokens, key=len, reverse=True) if date_format.startswith(t, at)), None)
        if token is not None:
            parts.append(Part(tokens[token], token))
            at += len(token)
        elif date_format[at] in WHITE_SPACE:
            if not parts or parts[-1].kind != "white space":
                parts.append(Part("white space", " "))
            at += 1
        else:
            parts.append(Part("literal", date_format[at]))
            at += 1
    return [
        replace(part, crowded=any(map(_is_number, [*parts[max(0, index - 1) : index], *parts[index + 1 : index + 2]])))
        for index, part in enumerate(parts)
    ]


def _is_number(part: Part) -> bool:
    return part.kind in NUMBERS or (part.kind == "literal" and part.text in DIGITS)


def _read_parts(parts: list[Part], text: str, so_far: Reading) -> Iterator[Reading]:
    """Every way in which all the parts match all of the text."""
    if not parts:
        if not text:
            yield so_far
        return
    part, rest = parts[0], parts[1:]
    for length in _lengths(part, len(text)):
        reading = _read_part(part.kind, part.text, text[:length], so_far)
        if reading is not None:
            yield from _read_parts(rest, text[length:], reading)


def _lengths(part: Part, available: int) -> Iterator[int]:
    longest = {"year": 4, "month name": 9, "literal": 1, "percent": 1, "white space": available}.get(part.kind, 2)
    shortest = {"year": 4, "short year": 2, "half-day": 2, "month name": 3}.get(part.kind, 1)
    if part.crowded and part.kind in NUMBERS:
        shortest = longest
    return iter(range(shortest, min(longest, available) + 1))


def _read_part(kind: str, literal: str, piece: str, so_far: Reading) -> Reading | None:
    """What is known after this piece of the text, or None if it does not match."""
    if kind in NUMBERS:
        return _read_number(kind, piece, so_far)
    if kind == "month name":
        for number, name in enumerate(MONTHS, start=1):
            if piece.lower() in {name, name[:3]}:
                return replace(so_far, month=number)
        return None
    matches = {
        "white space": all(character in WHITE_SPACE for character in piece),
        "literal": same_ignoring_case(piece.replace("ς", "σ"), literal.replace("ς", "σ")),  # noqa: RUF001
        "percent": piece == "%",
        "half-day": piece.lower() in {"am", "pm"},
    }
    return so_far if matches[kind] else None


def _read_number(kind: str, piece: str, so_far: Reading) -> Reading | None:
    if any(character not in DIGITS for character in piece):
        return None
    number = int(piece)
    if kind in TIME_RANGES:
        low, high = TIME_RANGES[kind]
        return so_far if low <= number <= high else None
    if kind == "short year":
        return replace(so_far, year=number + (2000 if number <= 68 else 1900))
    if kind == "year":
        return replace(so_far, year=number)
    return replace(so_far, month=number) if kind == "month" else replace(so_far, day=number)
