"""Words of the validation page about text: white space, trimming, ignoring case, changing case."""

import unicodedata

WHITE_SPACE = frozenset(
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""The characters with the Unicode property White_Space. ``str.isspace`` adds U+001C to U+001F."""

DIGITS = "0123456789"


def trim(text: str) -> str:
    start, end = 0, len(text)
    while start < end and text[start] in WHITE_SPACE:
        start += 1
    while end > start and text[end - 1] in WHITE_SPACE:
        end -= 1
    return text[start:end]


def is_empty(cell: str) -> bool:
    return all(character in WHITE_SPACE for character in cell)


def same_ignoring_case(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def collapse_white_space(text: str) -> str:
    """Each run of white space becomes one space."""
    collapsed: list[str] = []
    for character in text:
        if character not in WHITE_SPACE:
            collapsed.append(character)
        elif not collapsed or collapsed[-1] != " ":
            collapsed.append(" ")
    return "".join(collapsed)


def change_case(text: str, case: str | None) -> str:
    if case == "upper":
        return text.upper()
    if case == "lower":
        return text.lower()
    if case == "title":
        return _title(text)
    return text


def _title(text: str) -> str:
    titled: list[str] = []
    inside_word = False
    for character in text:
        category = unicodedata.category(character)
        if category[0] in "LN":
            titled.append(character.lower() if inside_word else character.upper())
            inside_word = True
        else:
            titled.append(character)
            inside_word = inside_word and category[0] == "M"
    return "".join(titled)
