"""Suggestions for numbers that are written in a way that no mapping option reads: they name that way."""

import re

from import_worker.forms.suggestions.suggestion import FieldErrors, Suggestion, quote_cell

_DIGITS = r"[0-9]+"
_ENGLISH = r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?"
_CURRENCY = r"(?:[$€£¥₹₽₩]|CA\$|CAD|USD|EUR|GBP|CHF)"
_GAP = "[ \u00a0\u202f\u2009'\u2019]"

_SHAPES = (
    (rf"[+-]?(?:{_DIGITS}|[0-9]{{1,3}}(?:(?:\.|{_GAP})[0-9]{{3}})+),{_DIGITS}", "have a decimal comma"),
    (rf"[+-]?[0-9]{{1,3}}(?:{_GAP}[0-9]{{3}})+(?:\.{_DIGITS})?", "have spaces or apostrophes between their digits"),
    (rf"[+-]?{_CURRENCY} ?-?{_ENGLISH}|[+-]?{_ENGLISH} ?{_CURRENCY}", "have a currency sign"),
    (rf"[+-]?{_ENGLISH} ?%", "have a percent sign"),
)
_GAPS = re.compile(_GAP)


def suggest_number_style(errors: FieldErrors) -> Suggestion | None:
    """A suggestion without an entry, if all cells are written in one known way that is not read."""
    for pattern, what in _SHAPES:
        expression = re.compile(pattern)
        if all(expression.fullmatch(cell.strip()) for cell in errors.cells):
            example = next(iter(errors.cells)).strip()
            comma = "comma" in what
            beware = " (a cell such as 12,500 was read as 12500)" if comma else ""
            return Suggestion(
                errors,
                f"{errors.subject} {what}, such as {quote_cell(example).strip(chr(34))}: write"
                f" {_mended(example, comma=comma)} in the file{beware}.",
            )
    return None


def _mended(cell: str, *, comma: bool) -> str:
    text = _GAPS.sub("", cell)
    text = text.replace(".", "").replace(",", ".") if comma else text
    return re.sub(r"[^0-9.,+-]", "", text)
