"""E-mail addresses, phone numbers and postal codes."""

import re

import phonenumbers

from .text import DIGITS, WHITE_SPACE, collapse_white_space, trim

PHONE_CHARACTERS = frozenset("+()-./ " + DIGITS)
EXTENSION_WORDS = ("extension", "ext.", "ext", "x", "#")
POSTAL_CODE = re.compile(r"([A-Z][0-9][A-Z])[ -]?([0-9][A-Z][0-9])")


def read_email(cell: str, *, normalize: bool) -> str | None:
    text = trim(cell)
    name, at, domain = text.partition("@")
    if not name or not at or "@" in domain or any(character in WHITE_SPACE for character in text):
        return None
    if "." not in domain[1:-1]:
        return None  # no dot that has something before and something after it
    return text.lower() if normalize else text


def read_phone(cell: str, *, normalize: bool) -> str | None:
    text = trim(cell)
    number = next((part for part in _number_parts(text) if _is_number_part(part)), None)
    if number is None:
        return None
    return _e164(number) if normalize else text


def _number_parts(text: str) -> list[str]:
    """What is left of the text without an extension: the whole of it, and what stands before one."""
    parts = [text]
    before_digits = text.rstrip(DIGITS)
    if 1 <= len(text) - len(before_digits) <= 7:
        head = trim("|" + before_digits)[1:]
        parts += [
            trim("|" + head[: len(head) - len(word)])[1:]
            for word in EXTENSION_WORDS
            if head[len(head) - len(word) :].lower() == word
        ]
    return parts


def _is_number_part(text: str) -> bool:
    if any(character not in PHONE_CHARACTERS for character in text):
        return False
    before_plus, plus, after_plus = text.partition("+")
    if plus and ("+" in after_plus or any(character in DIGITS for character in before_plus)):
        return False
    return 7 <= sum(character in DIGITS for character in text) <= 15


def _e164(number: str) -> str | None:
    try:
        parsed = phonenumbers.parse(number, "CA")
    except phonenumbers.NumberParseException:
        return None
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def tidy_postal_code(cell: str) -> str:
    text = collapse_white_space(trim(cell).upper())
    if match := POSTAL_CODE.fullmatch(text):
        return f"{match[1]} {match[2]}"
    return text
