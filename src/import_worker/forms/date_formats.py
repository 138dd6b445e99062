"""Date formats of a mapping (strftime or ``MM/DD/YYYY`` style), turned into regular expressions.

The expressions are matched against *lower-cased* text, which is how "ignoring case" stays exactly that.
"""

import re
from dataclasses import dataclass

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)

_YEAR, _SHORT_YEAR = "(?P<year>[0-9]{4})", "(?P<short_year>[0-9]{2})"
_MONTH, _DAY = "(?P<month>[0-9]{1,2})", "(?P<day>[0-9]{1,2})"
# The longer name first: the engines take the first alternative that fits.
_MONTH_NAME = "(?P<month_name>" + "|".join(f"{name}|{name[:3]}" for name in MONTHS) + ")"
_HOUR, _HOUR_OF_12 = "(?:2[0-3]|[01]?[0-9])", "(?:1[0-2]|0?[1-9])"
_SIXTY, _HALF = "(?:[0-5]?[0-9])", "(?:[ap]m)"

_DIRECTIVES = {
    "%Y": _YEAR,
    "%y": _SHORT_YEAR,
    "%m": _MONTH,
    "%d": _DAY,
    "%b": _MONTH_NAME,
    "%B": _MONTH_NAME,
    "%H": _HOUR,
    "%M": _SIXTY,
    "%S": _SIXTY,
    "%I": _HOUR_OF_12,
    "%p": _HALF,
    "%%": "%",
}
# Longest first.
_TOKENS = {
    "YYYY": _YEAR,
    "yyyy": _YEAR,
    "MMMM": _MONTH_NAME,
    "MMM": _MONTH_NAME,
    "YY": _SHORT_YEAR,
    "yy": _SHORT_YEAR,
    "MM": _MONTH,
    "DD": _DAY,
    "dd": _DAY,
    "HH": _HOUR,
    "mm": _SIXTY,
    "ss": _SIXTY,
    "hh": _HOUR_OF_12,
    "M": _MONTH,
    "D": _DAY,
    "d": _DAY,
    "A": _HALF,
}
_PARTS = {"year": {_YEAR, _SHORT_YEAR}, "month": {_MONTH, _MONTH_NAME}, "day": {_DAY}}


@dataclass(frozen=True)
class DateFormat:
    """``pattern`` matches the whole of a trimmed, lower-cased cell.

    Its named groups are ``year`` or ``short_year``, ``month`` or ``month_name``, and ``day``.
    """

    text: str
    pattern: str

    @classmethod
    def parse(cls, text: str) -> "DateFormat":
        """Raises ``ValueError`` with the rest of a sentence that begins with the format's text."""
        pieces = _pieces(text)
        for part, expressions in _PARTS.items():
            count = sum(piece in expressions for piece in pieces)
            if count != 1:
                raise ValueError(f"needs a {part}, once" if count == 0 else f"has more than one {part}")
        return cls(text, "^" + "".join(pieces) + "$")


def _pieces(text: str) -> list[str]:
    vocabulary = _DIRECTIVES if "%" in text else _TOKENS
    pieces, at = [], 0
    while at < len(text):
        if space := re.match(r"\s+", text[at:]):
            pieces.append(r"\s+")
            at += space.end()
            continue
        token = next((token for token in vocabulary if text.startswith(token, at)), None)
        if token is None:
            if text[at] == "%":
                raise ValueError(f"has the unknown part {text[at : at + 2]!r}")
            token = text[at]
        pieces.append(vocabulary.get(token) or _literal(token))
        at += len(token)
    return pieces


def _literal(character: str) -> str:
    return "".join(lower if lower.isalnum() else f"\\x{{{ord(lower):X}}}" for lower in character.lower())
