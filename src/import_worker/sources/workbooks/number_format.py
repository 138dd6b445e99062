"""Number formats: which ones show a number as a date, as a time or with leading zeros (ECMA-376 part 1, 18.8.30 and
18.8.31)."""

import re
from functools import cache

from import_worker.sources.workbooks.cells import Format, Shown

_BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17), Shown.DATE),
    **dict.fromkeys((18, 19, 20, 21, 45, 47), Shown.TIME),
    22: Shown.DATE_TIME,
    46: Shown.DURATION,
    # Dates and times of East Asian languages.
    **dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), Shown.DATE),
    **dict.fromkeys((32, 33), Shown.TIME),
    # These are a date in one language and a time in another; the number shows which is meant.
    **dict.fromkeys((34, 35, 55, 56), Shown.DATE_TIME),
}

_PADDED = re.compile(r"00{1,30}")
"""The format of postal codes and member numbers: as many digits as there are zeros."""
_LITERAL = re.compile(r'"[^"]*"?|\\.|_.|\*.', re.DOTALL)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]]*\]?")
_HALF_DAY = re.compile("am/pm|a/p|上午/下午|午前/午後|오전/오후")
_EXPONENT = re.compile(r"(?<=[0#?.])e[+-]")
_FRACTION = re.compile(r"[.,]0+")
_DIGITS = re.compile(r"[0#?]")
_PARTS = re.compile(r"y+|m+|d+|h+|s+|e+|b+|g+|a{3,}|r+")
_DATE_PARTS = frozenset("ydebgar")


def shown_by_id(number: int, code: str | None) -> Format | None:
    """What the format with that id shows a number as; ``None`` for a plain number. ``code`` is the workbook's own
    definition of the format."""
    return shown(code) if code else _BUILT_IN.get(number)


@cache
def shown(code: str) -> Format | None:
    """What a format shows a positive number as (its first section); ``None`` for a plain number."""
    if _PADDED.fullmatch(code):
        return len(code)
    section = _LITERAL.sub("", code).split(";", 1)[0]
    if _ELAPSED.search(section):
        return Shown.DURATION
    section = _BRACKETS.sub("", section).lower()
    if "general" in section or "standard" in section:
        return None
    half_day = bool(_HALF_DAY.search(section))
    section = _FRACTION.sub("", _HALF_DAY.sub("", section))
    if _EXPONENT.search(section) or _DIGITS.search(section):
        return None
    parts = [part[0] if len(part) < 3 or part[0] != "m" else "d" for part in _PARTS.findall(section)]
    days = any(part in _DATE_PARTS or (part == "m" and not _minutes(parts, at)) for at, part in enumerate(parts))
    clock = half_day or any(part in "hs" or (part == "m" and _minutes(parts, at)) for at, part in enumerate(parts))
    if days:
        return Shown.DATE_TIME if clock else Shown.DATE
    return Shown.TIME if clock else None


def _minutes(parts: list[str], at: int) -> bool:
    """``m`` means minutes right after hours or right before seconds, and months elsewhere."""
    return (at > 0 and parts[at - 1] == "h") or (at + 1 < len(parts) and parts[at + 1] == "s")
