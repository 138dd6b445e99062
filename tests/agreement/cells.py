"""The cells of one column: mostly good ones, mostly bad ones, or anything at all."""

from itertools import permutations
from typing import Any

from hypothesis import strategies as st

from . import contacts, days, files, quantities
from .characters import ODD_TEXTS, blanks, damaged, long_text, odd_text, padded, plain_text, recased
from .mappings import REPLACED

MOODS = ("good", "good", "mixed", "odd")


def cells(field: dict[str, Any], options: dict[str, Any], mood: str) -> st.SearchStrategy[str]:
    good, odd = _good(field, options), _odd(field, options)
    values = options.get("values") or {}
    if values:
        good = st.one_of(good, padded(recased(st.sampled_from(sorted(values)))))
    strange = st.one_of(odd, odd, odd, odd_text, padded(st.sampled_from(REPLACED)), blanks)
    return {
        "good": st.one_of(good, good, good, good, good, good, good, blanks),
        "mixed": st.one_of(good, good, odd, blanks, long_text),
        "odd": strange,
    }[mood]


def special_cells(field: dict[str, Any], options: dict[str, Any]) -> list[str]:
    """Every cell that is known to be a special case of the field's type."""
    kind = field["type"]
    if "options" in field:
        texts = _option_texts(field)
        separator = options.get("separator") or ","
        pairs = [
            separator.join(pair) for pair in permutations([str(option["value"]) for option in field["options"]], 2)
        ]
        changed = [each for text in texts for each in (text, text.upper(), text.lower(), f" {text}\xa0", f"{text},")]
        return pairs + changed
    specials: dict[str, tuple[str, ...]] = {
        "number": quantities.ODD_NUMBERS,
        "checkbox": quantities.YES_AND_NO + quantities.NEITHER,
        "date": tuple(days.special_dates(options.get("date_formats") or [])),
        "email": contacts.EMAILS + contacts.ODD_EMAILS,
        "phone": contacts.ALL_PHONES,
        "rich_text": contacts.MARKUP,
        "file": files.SPECIAL_FILES,
    }
    return list(specials.get(kind, ODD_TEXTS + contacts.POSTAL_CODES + contacts.EMAILS + contacts.PHONES))


def _good(field: dict[str, Any], options: dict[str, Any]) -> st.SearchStrategy[str]:
    kind = field["type"]
    if kind == "date":
        return days.good_dates(options.get("date_formats") or [])
    if kind == "select":
        return _choices(field)
    if kind == "multiselect":
        return _lists(_choices(field), options)
    plain = {
        "number": quantities.good_numbers, "checkbox": quantities.good_checkboxes,
        "email": contacts.good_emails, "phone": contacts.good_phones, "rich_text": contacts.rich_texts,
        "file": files.good_files(),
    }  # fmt: skip
    return plain[kind] if kind in plain else _texts(options, plain_text)


def _odd(field: dict[str, Any], options: dict[str, Any]) -> st.SearchStrategy[str]:
    kind = field["type"]
    if kind == "date":
        return days.odd_dates(options.get("date_formats") or [])
    if kind == "select":
        return padded(damaged(_choices(field)))
    if kind == "multiselect":
        return _lists(st.one_of(_choices(field), damaged(_choices(field)), blanks), options)
    plain = {
        "number": quantities.odd_numbers, "checkbox": quantities.odd_checkboxes,
        "email": contacts.odd_emails, "phone": contacts.odd_phones, "rich_text": contacts.odd_rich_texts,
        "file": files.odd_file_cells,
    }  # fmt: skip
    return plain[kind] if kind in plain else _texts(options, st.one_of(odd_text, odd_text, long_text))


def _texts(options: dict[str, Any], otherwise: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    normalized = {
        "postal_code": st.one_of(contacts.postal_codes, otherwise),
        "email": st.one_of(contacts.good_emails, contacts.odd_emails),
        "phone": st.one_of(contacts.good_phones, contacts.odd_phones),
    }
    return normalized.get(options.get("normalize") or "", otherwise)


def _choices(field: dict[str, Any]) -> st.SearchStrategy[str]:
    return padded(recased(st.sampled_from(_option_texts(field))))


def _option_texts(field: dict[str, Any]) -> list[str]:
    texts = [str(option["value"]) for option in field["options"]]
    return texts + [option["label"] for option in field["options"] if "label" in option]


def _lists(pieces: st.SearchStrategy[str], options: dict[str, Any]) -> st.SearchStrategy[str]:
    separator = options.get("separator") or ","
    return st.lists(pieces, max_size=4).map(separator.join)
