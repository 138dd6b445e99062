"""How headers are compared: which texts count as the same header, and which field a header names."""

import unicodedata
from collections.abc import Callable, Sequence

from import_worker.errors import FailureReason, JobFailed
from import_worker.forms.definition import FormDefinition
from import_worker.forms.field import Field
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.mapping_entry import MappingEntry
from import_worker.forms.series import trim
from import_worker.forms.unusable import invalid_mapping


class FieldNames:
    """Finds fields by a header: by their keys, else by their labels, comparing letters and digits and ignoring case."""

    def __init__(self, form: FormDefinition) -> None:
        self._keys: dict[str, list[Field]] = {}
        self._labels: dict[str, list[Field]] = {}
        for field in form.fields:
            self._keys.setdefault(letters_of(field.key), [field])
            self._labels.setdefault(letters_of(field.label), []).append(field)

    def called(self, header: str) -> Sequence[Field]:
        """The fields that the header names: none, one, or several with this label."""
        letters = letters_of(header)
        return (self._keys.get(letters) or self._labels.get(letters, [])) if letters else []


def match_headers(headers: Sequence[str], form: FormDefinition) -> HeaderMapping:
    """Maps headers to the fields that they name.

    Raises ``JobFailed``: mapped_header_missing when no header matches anything, invalid_mapping when a header is
    the label of several fields.
    """
    names = FieldNames(form)
    entries: dict[str, MappingEntry] = {}
    for header in headers:
        found = names.called(header)
        if len(found) > 1:
            keys = " and ".join(repr(field.key) for field in found)
            raise invalid_mapping(
                f"the header {header!r} is the label of the fields {keys}; name the field in a mapping"
            )
        for field in found:
            entries[header] = MappingEntry(field=field.key)
    if not entries:
        wanted = ", ".join(field.label for field in form.fields[:10])
        raise JobFailed(
            FailureReason.MAPPED_HEADER_MISSING,
            f"No header of the file matches a field of the form ({wanted}); give a mapping, rename the headers,"
            " or add a row of headers where there is none.",
        )
    return HeaderMapping(entries)


def header_counter(form: FormDefinition, mapping: HeaderMapping | None) -> Callable[[Sequence[str]], int]:
    """Returns a function that counts the cells of a record which are expected headers: those that the mapping names or,
    without a mapping, the keys and labels of the fields."""
    if mapping is None:
        read: Callable[[str], str] = letters_of
        expected = {letters_of(name) for field in form.fields for name in (field.key, field.label)} - {""}
    else:
        read = folded
        expected = {folded(header) for header in mapping.entries}
    return lambda cells: sum(read(cell) in expected for cell in cells)


def columns_of(mapping: HeaderMapping, headers: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """The columns (from 0) that each header of the mapping means: none if the file lacks it, several if the file has it
    more than once. An exact match is preferred; otherwise headers are compared trimmed and ignoring case."""
    exact: dict[str, list[int]] = {}
    loose: dict[str, list[int]] = {}
    for column, header in enumerate(headers):
        exact.setdefault(header, []).append(column)
        loose.setdefault(folded(header), []).append(column)
    return {name: tuple(exact.get(name) or loose.get(folded(name), [])) for name in mapping.entries}


def folded(header: str) -> str:
    """The header trimmed and in lower case, for comparison where there is no exact match."""
    return trim(header).lower()


def letters_of(text: str) -> str:
    """The letters and digits of a name in lower case; names are compared by these."""
    # Composed first: files from macOS often write é as e and an accent, and the accent is neither letter nor digit.
    composed = unicodedata.normalize("NFC", text)
    return "".join(character for character in composed if character.isalnum()).lower()
