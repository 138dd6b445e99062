"""Measures how well bytes beyond ASCII, decoded in some encoding, fit into words of the Latin script. Pure.

Statistical detectors need a sentence or two. A table of numbers and names may have only a few accented letters in a
megabyte; then it is better evidence that "ó" occurs inside words and "³" does not.
"""

# ruff: noqa: RUF001  (this module needs letters that look like others)

import re
import unicodedata
from functools import lru_cache

MAX_CHARACTERS = 1_500
"""How many characters are examined; more take time and change no result."""
# The letters that each language has besides a to z, in lower case.
_WESTERN = (
    "äöüß",  # German
    "àâæçéèêëîïôœùûü",  # French
    "áéíñóúüç",  # Spanish, with a Catalan ç
    "áâãàçéêíóôõú",  # Portuguese
    "àèéìíòóùú",  # Italian
    "åäöéü",  # Swedish, Finnish
    "æøåéö",  # Danish, Norwegian
    "áðéíóúýþæö",  # Icelandic
    "äëéèêïöóüá",  # Dutch
    "äöõȭü",  # Estonian
)
_CENTRAL = (
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "áéíóöőúüű",  # Hungarian
    "čćđšž",  # Croatian, Slovene
    "ăâîşţ",  # Romanian
    "äöüß",  # German among them
)
_TURKISH = ("çğıiöşüâîû",)
_BALTIC = ("ąčęėįšųūž", "āčēģīķļņōŗšūž", "äöõȭüšž")

LATIN = {
    "cp1252": _WESTERN,
    "cp1250": _CENTRAL,
    "cp1254": _TURKISH,
    "iso8859-2": _CENTRAL,
    "iso8859-15": _WESTERN,
    "cp1257": _BALTIC,
    "mac-roman": _WESTERN,
}
"""The languages that are written in each encoding, the likelier encoding first."""

_RUN = re.compile(r"[^\x00-\x7f]+")
_IN_LETTERS = "’‘´`"
_OPENING = "“„«‹¿¡‚"
_CLOSING = "”»›…“"
_SIGNS = "©®™"
_DASHES = "–—·•"
_MONEY = "€£¥¢"
_MEASURES = "°²³½¼¾ºª±×÷µ§¹‰·"
_VOWELS = set("aeiouyıæøœ")
_NO_BREAK_SPACE = "\xa0"


def fit(text: bytes, encoding: str) -> float:
    """How well the characters beyond ASCII fit into their words, 0 to 1; 0 if there are none.

    A letter counts in full if it is in the alphabet that contains most of the letters, and half if it is only in
    another alphabet of the encoding.
    """
    decoded = text.decode(encoding, "replace")
    alphabets = LATIN[encoding]
    total = marks = 0
    letters: dict[str, float] = {}
    for run in _RUN.finditer(decoded):
        characters = run[0]
        total += len(characters)
        for offset, character in enumerate(characters):
            at = run.start() + offset
            before = decoded[at - 1 : at] if at else ""
            after = decoded[at + 1 : at + 2]
            if character.isalpha() and character not in _MEASURES:
                if _in_word(character, before, after):
                    lower = _letter(character, after)
                    letters[lower] = letters.get(lower, 0.0) + _ease(lower, before, after)
            elif _mark_in_place(character, before, after):
                marks += 1
        if total >= MAX_CHARACTERS:
            break
    if not total:
        return 0.0
    known = [sum(letters.get(letter, 0.0) for letter in set(alphabet)) for alphabet in alphabets]
    foreign = sum(count for letter, count in letters.items() if any(letter in alphabet for alphabet in alphabets))
    best = max(known)
    return (marks + best + 0.5 * (foreign - best)) / total


def _letter(character: str, after: str) -> str:
    """The letter in lower case (the first code point if there are two). ȭ represents an õ that no e follows, which is
    not Portuguese."""
    lower = character.lower()[0]
    return "ȭ" if lower == "õ" and after.lower() != "e" else lower


def _ease(letter: str, before: str, after: str) -> float:
    """The weight of a letter: less for a consonant between consonants, which is rare in words, and common if a vowel
    was decoded wrongly."""
    if not (before.isalpha() and after.isalpha()) or _is_vowel(letter) or _is_vowel(before) or _is_vowel(after):
        return 1.0
    return 0.7


@lru_cache(1_024)
def _is_vowel(letter: str) -> bool:
    return unicodedata.normalize("NFD", letter)[0].lower() in _VOWELS


def _in_word(letter: str, before: str, after: str) -> bool:
    if before.isdigit() or after.isdigit():
        return False
    if letter.isupper():
        first = not before.isalpha() and (after.isalpha() or after in {" ", "-"})
        return first or (before.isupper() and not after.islower())
    if before.isalpha():
        return letter != "ÿ" or after.islower()
    return after.islower() or (letter in "àáéèóòöåæ" and not after.isalnum())


def _mark_in_place(mark: str, before: str, after: str) -> bool:
    if mark == _NO_BREAK_SPACE:
        return True
    if mark in _IN_LETTERS:
        return before.isalpha() or after.isalpha()
    placed = (
        (mark in _OPENING and not before.isalnum() and after.isalnum())
        or (mark in _CLOSING and (before.isalnum() or before in {".", "!", "?"}) and not after.isalnum())
        or (mark in _DASHES and before.isalnum() == after.isalnum())
        or (mark in _MONEY and not before.isalpha() and not after.isalpha())
        or (mark in _SIGNS and not (before.isalpha() and after.isalpha()))
    )
    if placed or mark not in _MEASURES:
        return placed
    if mark in "°±µ§½¼¾×÷":
        return not before.isalpha() and (mark in "°µ" or not after.isalpha())
    return before.isalnum() and not after.isalnum()
