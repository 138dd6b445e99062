"""Date formats of a mapping (strftime or ``MM/DD/YYYY`` style), turned into regular expressions.

The expressions are matched against *lower-cased* text, because "ignoring case" means equality after lower-casing.
"""

import re
from dataclasses import dataclass

from import_worker.forms.series import WHITE_SPACE

# Lower-casing turns a Σ at the end of a word into a final sigma, which must equal any other sigma.
FINAL_SIGMA, SIGMA = "\u03c2", "\u03c3"

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
# The longer name comes first, because the engines take the first alternative that fits.
_MONTH_NAME = "(?P<month_name>" + "|".join(f"{name}|{name[:3]}" for name in MONTHS) + ")"
_HOUR, _HOUR_OF_12 = "(?:2[0-3]|[01]?[0-9])", "(?:1[0-2]|0?[1-9])"
_SIXTY, _HALF = "(?:[0-5]?[0-9])", "(?:[ap]m)"

# Numbers that are directly adjacent have two digits each: otherwise `1112024` could be read in two ways.
_FIXED = {
    _MONTH: "(?P<month>[0-9]{2})",
    _DAY: "(?P<day>[0-9]{2})",
    _HOUR: "(?:2[0-3]|[01][0-9])",
    _HOUR_OF_12: "(?:1[0-2]|0[1-9])",
    _SIXTY: "(?:[0-5][0-9])",
}
_NUMBERS = {_YEAR, _SHORT_YEAR, *_FIXED, *"0123456789"}

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
    """``pattern`` matches a whole cell that is trimmed, lower-cased and without final sigmas.

    Its named groups are ``year`` or ``short_year``, ``month`` or ``month_name``, and ``day``.
    """

    text: str
    pattern: str

    @classmethod
    def parse(cls, text: str) -> "DateFormat":
        """Raises ``ValueError``, whose text ends a sentence that begins with the format's text."""
        pieces = _pieces(text)
        for part, expressions in _PARTS.items():
            count = sum(piece in expressions for piece in pieces)
            if count != 1:
                raise ValueError(f"needs a {part}, once" if count == 0 else f"has more than one {part}")
        return cls(text, "^" + "".join(_fixed_side_by_side(pieces)) + "$")


def _pieces(text: str) -> list[str]:
    vocabulary = _DIRECTIVES if "%" in text else _TOKENS
    pieces, at = [], 0
    while at < len(text):
        if space := re.match(f"[{WHITE_SPACE}]+", text[at:]):
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


def _fixed_side_by_side(pieces: list[str]) -> list[str]:
    neighbours = zip(pieces, ["", *pieces], [*pieces[1:], ""], strict=False)
    return [_FIXED.get(piece, piece) if _NUMBERS & {before, after} else piece for piece, before, after in neighbours]


def _literal(character: str) -> str:
    folded = character.lower().replace(FINAL_SIGMA, SIGMA)
    return "".join(each if each.isalnum() else f"\\x{{{ord(each):X}}}" for each in folded)
