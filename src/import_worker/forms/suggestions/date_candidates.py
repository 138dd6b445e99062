"""Formats in which people and programs write dates, found by the shape of a cell.

Each format reads cells of one shape only, so formats of different shapes never disagree. YYYY-DD-MM is left out because
it disagrees with ISO.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import product

_DAYS = (
    ("DD{0}MM{0}YYYY", "MM{0}DD{0}YYYY", "YYYY{0}MM{0}DD", "DD{0}MM{0}YY", "MM{0}DD{0}YY", "YY{0}MM{0}DD"),
    ("/", "-", ".", " ", ". ", ""),
)
_NAMED_DAYS = (
    ("DD{0}MMM{0}YYYY", "MMM{0}DD{0}YYYY", "YYYY{0}MMM{0}DD", "DD{0}MMM{0}YY"),
    (" ", "-", "/", ".", ". ", ", ", ""),
)
_OTHER_DAYS = ("MMM DD, YYYY", "MMM. DD, YYYY", "DD. MMM YYYY", "DD MMM, YYYY")
_TIMES = ("", "HH:mm", "HH:mm:ss", "hh:mm A", "hh:mm:ss A", "hh:mmA")
_BEFORE_TIMES = (" ", ", ")

# Each part is below 13, so that every order of the parts is a date, and each order a different one.
_PARTS = {"YYYY": "2003", "YY": "03", "MMM": "Apr", "MM": "04", "DD": "05"} | {
    "HH": "06",
    "hh": "06",
    "mm": "07",
    "ss": "08",
    "A": "AM",
}
_PART = re.compile("YYYY|YY|MMM|MM|DD|HH|hh|mm|ss|A")


def shape(cell: str) -> str:
    """The shape of a cell: its signs, and where words and numbers of how many digits stand. Cells that one format can
    read have the same shape.

    One digit and two digits have the same shape, because a format reads both.
    """
    text = re.sub(r"\s+", " ", cell.strip())
    text = re.sub(r"[^\W\d_]+", "a", text)
    return re.sub("[0-9]+", lambda digits: "9" if len(digits[0]) <= 2 else str(len(digits[0])), text)


@cache
def candidates() -> Mapping[str, Sequence[str]]:
    """The formats by the shape that they read; for each shape, the most usual format first."""
    by_shape: dict[str, list[str]] = {}
    for text in _formats():
        by_shape.setdefault(shape(example_of(text)), []).append(text)
    return by_shape


def example_of(text: str) -> str:
    """A cell that the format reads, and that is a date in every order of its parts."""
    return _PART.sub(lambda part: _PARTS[part[0]], text)


def _formats() -> Iterator[str]:
    days = [pattern.format(separator) for pattern, separator in product(*_DAYS)]
    days += [pattern.format(separator) for pattern, separator in product(*_NAMED_DAYS)]
    days += _OTHER_DAYS
    for day, time in product(days, _TIMES):
        yield from [day + before + time for before in _BEFORE_TIMES] if time else [day]
