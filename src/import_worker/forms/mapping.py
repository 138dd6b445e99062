"""Which column of the file feeds which field of the form."""

import unicodedata
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from typing import Self

import pydantic

from import_worker.errors import FailureReason, JobFailed
from import_worker.forms.definition import Field, FormDefinition, invalid_form
from import_worker.forms.mapping_entry import Target, Targets
from import_worker.forms.series import trim


def invalid_mapping(message: str) -> JobFailed:
    """The error of a mapping that cannot be used. A retry does not help; another mapping does."""
    return JobFailed(FailureReason.INVALID_MAPPING, f"The mapping cannot be used: {message}.")


@dataclass(frozen=True)
class Mapping:
    """``entries``: header, as the mapping writes it, to target. Headers that feed nothing are left out."""

    entries: Targets

    @classmethod
    def parse(cls, document: object) -> Self:
        """Read a mapping's JSON. Raises ``JobFailed`` (invalid_mapping) naming the header."""
        if not isinstance(document, dict):
            raise invalid_mapping("it must be a JSON object of header to field")
        entries = {}
        for header, value in document.items():
            target = _target(header, value)
            if target and target.field:
                entries[header] = target
        return cls(entries)

    def to_json(self) -> dict[str, object]:
        """JSON that ``parse`` reads back as an equal mapping, also after a stay in a jsonb column."""
        return {header: target.to_json() for header, target in self.entries.items()}


@dataclass(frozen=True)
class Binding:
    """One column that feeds one field; a field may have several.

    ``column`` counts from 0, ``header`` is the file's text; both are None for a column that the file lacks, whose cells
    are all empty. ``entry`` is the header as the mapping writes it.
    """

    field: Field
    column: int | None
    header: str | None
    entry: str
    target: Target


class FieldNames:
    """Finds fields by what a header calls them: their keys or else labels, by letters and digits, ignoring case."""

    def __init__(self, form: FormDefinition) -> None:
        self._keys: dict[str, list[Field]] = {}
        self._labels: dict[str, list[Field]] = {}
        for field in form.fields:
            self._keys.setdefault(letters_of(field.key), [field])
            self._labels.setdefault(letters_of(field.label), []).append(field)

    def called(self, header: str) -> Sequence[Field]:
        """No field, one, or several with this label."""
        letters = letters_of(header)
        return (self._keys.get(letters) or self._labels.get(letters, [])) if letters else []


def match_headers(headers: Sequence[str], form: FormDefinition) -> Mapping:
    """Map headers to the fields that they name.

    Raises ``JobFailed``: mapped_header_missing when no header matches anything, invalid_mapping when a header is
    the label of several fields.
    """
    names = FieldNames(form)
    entries: dict[str, Target] = {}
    for header in headers:
        found = names.called(header)
        if len(found) > 1:
            keys = " and ".join(repr(field.key) for field in found)
            raise invalid_mapping(
                f"the header {header!r} is the label of the fields {keys}; name the field in a mapping"
            )
        for field in found:
            entries[header] = Target(field=field.key)
    if not entries:
        wanted = ", ".join(field.label for field in form.fields[:10])
        raise JobFailed(
            FailureReason.MAPPED_HEADER_MISSING,
            f"No header of the file matches a field of the form ({wanted}); give a mapping, rename the headers,"
            " or add a row of headers where there is none.",
        )
    return Mapping(entries)


def header_counter(form: FormDefinition, mapping: Mapping | None) -> Callable[[Sequence[str]], int]:
    """Counts the cells of a record that are headers which the mapping names or, without one, which fields are called
    by."""
    if mapping is None:
        read: Callable[[str], str] = letters_of
        expected = {letters_of(name) for field in form.fields for name in (field.key, field.label)} - {""}
    else:
        read = _folded
        expected = {_folded(header) for header in mapping.entries}
    return lambda cells: sum(read(cell) in expected for cell in cells)


def columns_of(mapping: Mapping, headers: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """The columns (from 0) that each header of the mapping means: none where the file lacks it, several where it is
    doubled. A header is taken to the letter, else trimmed and ignoring case."""
    exact: dict[str, list[int]] = {}
    loose: dict[str, list[int]] = {}
    for column, header in enumerate(headers):
        exact.setdefault(header, []).append(column)
        loose.setdefault(_folded(header), []).append(column)
    return {entry: tuple(exact.get(entry) or loose.get(_folded(entry), [])) for entry in mapping.entries}


def bind(form: FormDefinition, mapping: Mapping, headers: Sequence[str]) -> tuple[Binding, ...]:
    """Join form, mapping and the file's headers; the bindings are in the form's order, those of one field in the order
    in which they count: the last that is not empty does. Columns that the file lacks come first.

    Raises ``JobFailed``: unknown_mapped_field, duplicate_header, mapped_header_missing,
    required_field_not_mapped, invalid_form_definition (what is wrong with a field that a header feeds). No retry helps.
    """
    columns = columns_of(mapping, headers)
    _refuse_headers(form, mapping, columns)
    if mapping.entries and not any(columns.values()):
        names = ", ".join(map(repr, list(mapping.entries)[:10]))
        raise _missing_header(f"None of the headers that the mapping names ({names}) is in the file")
    entries_of: dict[str, list[str]] = {}
    for entry, target in mapping.entries.items():
        entries_of.setdefault(target.field, []).append(entry)
    bindings: list[Binding] = []
    for field in form.fields:
        entries = entries_of.get(field.key, [])
        if field.always_required and not any(columns[entry] for entry in entries):
            _refuse_without_column(field, entries)
        found = _bindings(field, mapping, {entry: columns[entry] for entry in entries}, headers)
        if found and field.key in form.defects:
            raise invalid_form(form.defects[field.key])
        bindings += found
    return tuple(bindings)


def _bindings(
    field: Field, mapping: Mapping, columns: Dictionary[str, tuple[int, ...]], headers: Sequence[str]
) -> list[Binding]:
    found: dict[int, Binding] = {}
    lacking = []
    # jsonb does not keep the order of a mapping's headers.
    for entry in sorted(columns):
        target = mapping.entries[entry]
        for column in columns[entry]:
            # Two headers of the mapping may mean one column: the one to the letter does.
            if column not in found or headers[column] == entry:
                found[column] = Binding(field, column, headers[column], entry, target)
        if not columns[entry] and target.fills_empty_cells:
            lacking.append(Binding(field, None, None, entry, target))
    return lacking + [found[column] for column in sorted(found)]


def _refuse_headers(form: FormDefinition, mapping: Mapping, columns: Dictionary[str, tuple[int, ...]]) -> None:
    keys = {field.key for field in form.fields}
    for entry, target in mapping.entries.items():
        if target.field not in keys:
            raise JobFailed(
                FailureReason.UNKNOWN_MAPPED_FIELD,
                f"The header {entry!r} is mapped to {target.field!r}, which is not a field of the form.",
            )
        if len(columns[entry]) > 1:
            raise JobFailed(
                FailureReason.DUPLICATE_HEADER,
                f"The mapped header {entry!r} appears {len(columns[entry])} times in the file; rename all but one.",
            )


def _refuse_without_column(field: Field, entries: Sequence[str]) -> None:
    if not entries:
        raise JobFailed(
            FailureReason.REQUIRED_FIELD_NOT_MAPPED,
            f"The field {field.key!r} ({field.label}) is required, and no header is mapped to it.",
        )
    names = " or ".join(map(repr, entries))
    raise _missing_header(f"The field {field.key!r} ({field.label}) is required, and {names} is not in the file")


def _missing_header(what: str) -> JobFailed:
    return JobFailed(FailureReason.MAPPED_HEADER_MISSING, f"{what}; mend the mapping or the file's headers.")


def _target(header: str, value: object) -> Target | None:
    named = value.get("field", "?") if isinstance(value, dict) else value
    if named is None or named == "":
        return None
    document = {"field": value} if isinstance(value, str) else value
    try:
        return Target.model_validate(document)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise invalid_mapping(f"header {header!r}: {path + ': ' if path else ''}{message}") from None


def _folded(header: str) -> str:
    return trim(header).lower()


def letters_of(text: str) -> str:
    """The letters and digits of a name in lower case, by which names are compared."""
    # Composed first: files from macOS often spell é as e and an accent, which is neither letter nor digit.
    composed = unicodedata.normalize("NFC", text)
    return "".join(character for character in composed if character.isalnum()).lower()
