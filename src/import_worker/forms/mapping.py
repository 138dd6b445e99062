"""Which column of the file feeds which field of the form."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import pydantic

from import_worker.errors import FailureReason, JobFailed
from import_worker.forms.definition import Field, FormDefinition
from import_worker.forms.series import trim
from import_worker.forms.target import Target, Targets


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
    """One field fed by one column: ``column`` counts from 0, ``header`` is the file's text."""

    field: Field
    column: int
    header: str
    target: Target


def match_headers(headers: Sequence[str], form: FormDefinition) -> Mapping:
    """Map headers to the fields whose key, or else label, has the same letters and digits, ignoring case.

    Raises ``JobFailed``: mapped_header_missing when no header matches anything, invalid_mapping when a header is
    the label of several fields.
    """
    keys = {_letters(field.key): field for field in reversed(form.fields)}
    entries: dict[str, Target] = {}
    for header in headers:
        letters = _letters(header)
        if not letters:
            continue
        field = keys.get(letters) or _labelled(header, letters, form)
        if field:
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
        read: Callable[[str], str] = _letters
        expected = {_letters(name) for field in form.fields for name in (field.key, field.label)} - {""}
    else:
        read = _folded
        expected = {_folded(header) for header in mapping.entries}
    return lambda cells: sum(read(cell) in expected for cell in cells)


def bind(form: FormDefinition, mapping: Mapping, headers: Sequence[str]) -> tuple[Binding, ...]:
    """Join form, mapping and the file's headers; the bindings are in the form's order.

    Raises ``JobFailed``: unknown_mapped_field, invalid_mapping (two headers for one
    field), mapped_header_missing, duplicate_header, required_field_not_mapped. No retry helps.
    """
    fields = {field.key: field for field in form.fields}
    by_field: dict[str, Binding] = {}
    for header, target in mapping.entries.items():
        field = fields.get(target.field)
        if field is None:
            raise JobFailed(
                FailureReason.UNKNOWN_MAPPED_FIELD,
                f"The header {header!r} is mapped to {target.field!r}, which is not a field of the form.",
            )
        if field.key in by_field:
            other = by_field[field.key].header
            raise invalid_mapping(f"the headers {other!r} and {header!r} are both mapped to {field.key!r}")
        column = _column(header, headers)
        by_field[field.key] = Binding(field, column, headers[column], target)
    for field in form.fields:
        if field.always_required and field.key not in by_field:
            raise JobFailed(
                FailureReason.REQUIRED_FIELD_NOT_MAPPED,
                f"The field {field.key!r} ({field.label}) is required, and no header is mapped to it.",
            )
    return tuple(by_field[field.key] for field in form.fields if field.key in by_field)


def _target(header: str, value: object) -> Target | None:
    if value is None or value == "" or (isinstance(value, dict) and value.get("field", "?") is None):
        return None
    document = {"field": value} if isinstance(value, str) else value
    try:
        return Target.model_validate(document)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise invalid_mapping(f"header {header!r}: {path + ': ' if path else ''}{message}") from None


def _column(header: str, headers: Sequence[str]) -> int:
    exact = [index for index, text in enumerate(headers) if text == header]
    loose = [index for index, text in enumerate(headers) if _folded(text) == _folded(header)]
    found = exact or loose
    if not found:
        raise JobFailed(
            FailureReason.MAPPED_HEADER_MISSING,
            f"The mapping names the header {header!r}, which is not in the file.",
        )
    if len(found) > 1:
        raise JobFailed(
            FailureReason.DUPLICATE_HEADER,
            f"The mapped header {header!r} appears {len(found)} times in the file; rename all but one.",
        )
    return found[0]


def _labelled(header: str, letters: str, form: FormDefinition) -> Field | None:
    found = [field for field in form.fields if _letters(field.label) == letters]
    if len(found) > 1:
        keys = " and ".join(repr(field.key) for field in found)
        raise invalid_mapping(f"the header {header!r} is the label of the fields {keys}; name the field in a mapping")
    return found[0] if found else None


def _folded(header: str) -> str:
    return trim(header).lower()


def _letters(text: str) -> str:
    # Composed first: files from macOS often spell é as e and an accent, which is neither letter nor digit.
    composed = unicodedata.normalize("NFC", text)
    return "".join(character for character in composed if character.isalnum()).lower()
