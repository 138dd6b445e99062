"""Fields that store text: text, rich_text, email, phone."""

from collections.abc import Sequence
from dataclasses import dataclass

import phonenumbers
import polars as pl

from import_worker.forms.series import for_each_distinct
from import_worker.forms.types.markup import sanitised
from import_worker.forms.types.reading import JsonForm, Problem, Reading, judged, refused, unproblematic

NOT_AN_EMAIL = Problem("invalid_email", "Not an e-mail address")
NOT_A_PHONE = Problem("invalid_phone", "Not a phone number")

# Numbers without a country code are read as Canadian: that is where Solstice's organisations are.
_PHONE_REGION = "CA"

_EMAIL = r"^[^\s@]+@[^\s@]+\.[^\s@]+$"
_PHONE_NUMBER = r"[() \-./]*\+?[() \-./]*(?:[0-9][() \-./]*){7,15}"
# Spelt out, because (?i) would let a long s (U+017F) pass for s.
_PHONE_EXTENSION = r"\s*(?:[xX#]|[eE][xX][tT](?:\.|[eE][nN][sS][iI][oO][nN])?)\s*[0-9]{1,7}"
_PHONE = f"^({_PHONE_NUMBER})(?:{_PHONE_EXTENSION})?$"

# What a browser would not show of a sanitised text: tags, white space, control characters, and what Unicode calls
# default-ignorable (soft hyphens, zero-width characters, marks of direction, variation selectors, blank fillers).
_INVISIBLE = (
    r"\s\x00-\x1F\x7F-\x{9F}\x{AD}\x{34F}\x{61C}\x{115F}\x{1160}\x{17B4}\x{17B5}\x{180B}-\x{180F}\x{200B}-\x{200F}"
    r"\x{202A}-\x{202E}\x{2060}-\x{206F}\x{3164}\x{FE00}-\x{FE0F}\x{FEFF}\x{FFA0}\x{FFF0}-\x{FFF8}"
    r"\x{1BCA0}-\x{1BCA3}\x{1D173}-\x{1D17A}\x{E0000}-\x{E0FFF}"
)
_SHOWS_NOTHING = rf'^(?:[{_INVISIBLE}]|&nbsp;|<(?:[^>"]|"[^"]*")*>)*$'

# The sanitiser leaves text without any of these as it is.
_NEEDS_SANITISING = r"[<>&\r\x{A0}\x00\x{FEFF}]"


@dataclass(frozen=True)
class Text:
    problems: Sequence[Problem] = ()
    trims: bool = False
    json_form: JsonForm = JsonForm.STRING

    def quick(self, cells: pl.Expr) -> pl.Expr:
        return cells

    def careful(self, cells: pl.Series) -> Reading:
        return unproblematic(cells)


@dataclass(frozen=True)
class PostalCode(Text):
    """Text that is put into the form ``A1A 1A1`` where it is a Canadian postal code."""

    def quick(self, cells: pl.Expr) -> pl.Expr:
        spaced = cells.str.strip_chars().str.to_uppercase().str.replace_all(r"\s+", " ")
        return spaced.str.replace(r"^([A-Z][0-9][A-Z])[ -]?([0-9][A-Z][0-9])$", "${1} ${2}")


@dataclass(frozen=True)
class RichText(Text):
    def quick(self, cells: pl.Expr) -> pl.Expr:
        return pl.when(~cells.str.contains(_NEEDS_SANITISING)).then(cells)

    def careful(self, cells: pl.Series) -> Reading:
        clean = for_each_distinct(cells, lambda texts: [sanitised(text) for text in texts], pl.String)
        return unproblematic(pl.select(pl.when(clean.str.strip_chars() != "").then(clean)).to_series())


def shows_nothing(stored: pl.Series) -> pl.Series:
    """Boolean: whether a sanitised rich text shows nothing that can be read; null where there is none."""
    return stored.str.contains(_SHOWS_NOTHING)


@dataclass(frozen=True)
class Email:
    lower: bool = False
    problems: Sequence[Problem] = (NOT_AN_EMAIL,)
    trims: bool = True
    json_form: JsonForm = JsonForm.STRING

    def quick(self, cells: pl.Expr) -> pl.Expr:
        return pl.when(cells.str.contains(_EMAIL)).then(cells.str.to_lowercase() if self.lower else cells)

    def careful(self, cells: pl.Series) -> Reading:
        return refused(cells)


@dataclass(frozen=True)
class Phone:
    problems: Sequence[Problem] = (NOT_A_PHONE,)
    trims: bool = True
    # The white space before an extension may be a tab or a line's end.
    json_form: JsonForm = JsonForm.STRING

    def quick(self, cells: pl.Expr) -> pl.Expr:
        return pl.when(cells.str.contains(_PHONE)).then(cells)

    def careful(self, cells: pl.Series) -> Reading:
        return refused(cells)


@dataclass(frozen=True)
class InternationalPhone:
    """A phone number stored as E.164."""

    problems: Sequence[Problem] = (NOT_A_PHONE,)
    trims: bool = True
    json_form: JsonForm = JsonForm.PLAIN_STRING

    def quick(self, cells: pl.Expr) -> pl.Expr:  # noqa: ARG002
        return pl.lit(None, pl.String)

    def careful(self, cells: pl.Series) -> Reading:
        numbers = cells.str.extract(_PHONE, 1)
        stored = for_each_distinct(numbers.fill_null(""), lambda texts: [_e164(text) for text in texts], pl.String)
        return judged(stored)


def _e164(number: str) -> str | None:
    try:
        parsed = phonenumbers.parse(number, _PHONE_REGION)
    except phonenumbers.NumberParseException:
        return None
    # A local number without its area code is "possible", too, but as E.164 nobody could dial it.
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
