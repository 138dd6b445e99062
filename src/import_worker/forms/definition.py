"""A form's definition: the JSON of a form version, checked and frozen."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import pydantic

from import_worker.forms.field import Field
from import_worker.forms.json_values import UNSTORABLE, is_storable
from import_worker.forms.types.field_type import FieldType
from import_worker.forms.types.registry import FIELD_TYPES, STAND_IN
from import_worker.forms.unusable import invalid_form


@dataclass(frozen=True)
class FormDefinition:
    """``fields``: in the form's order, each key once.

    ``defects``: by key, what is wrong with a field. A defective field is in ``fields`` as a text field without options
    and rules, which keeps only its label and whether it is required. A defect matters only if a header feeds the field.
    """

    fields: tuple[Field, ...]
    defects: Mapping[str, str]

    @classmethod
    def parse(cls, document: object, types: Mapping[str, FieldType] = FIELD_TYPES) -> Self:
        """Reads ``document``, which is parsed JSON. ``types``: the types that a field may have, by name.

        Raises ``JobFailed`` (invalid_form_definition) if the document is not an object with a list of fields that have
        keys, or cannot be stored.
        """
        if not isinstance(document, dict) or not isinstance(document.get("fields"), list):
            raise invalid_form("it must be a JSON object with a list of fields")
        entries: list[object] = document["fields"]
        keys = [_key(entry, number) for number, entry in enumerate(entries, start=1)]
        _check_storable(document, keys)
        fields: dict[str, Field] = {}
        defects: dict[str, str] = {}
        for key, entry in zip(keys, entries, strict=True):
            if key in fields:
                continue
            try:
                fields[key] = Field.model_validate(entry, context=types)
            except pydantic.ValidationError as error:
                fields[key], defects[key] = _bare(key, entry), f"field {key!r}: {_sentence(error)}"
        counts = Counter(keys)
        defects |= {key: f"the key {key!r} belongs to {counts[key]} fields" for key in keys if counts[key] > 1}
        return cls(tuple(fields.values()), defects)


def _key(entry: object, number: int) -> str:
    match entry:
        case {"key": str(key)} if key:
            return key
    raise invalid_form(f"field number {number} has no key, which must be a string that is not empty")


def _bare(key: str, entry: object) -> Field:
    """Keeps of a defective field its label, and whether and on which condition it is required."""
    said = entry if isinstance(entry, dict) else {}
    label = said.get("label")
    return Field(
        key=key,
        type=STAND_IN,
        label=label if isinstance(label, str) else key,
        required=said.get("required") is True,
        conditional=said.get("conditional"),
    )


def _check_storable(document: object, keys: Sequence[str]) -> None:
    """Raises ``JobFailed`` if a jsonb column could not hold the document, whichever part of it the import needs."""
    found: list[tuple[tuple[str | int, ...], object]] = [((), document)]
    while found:
        path, value = found.pop()
        match value:
            case str() if not is_storable(value):
                raise invalid_form(_located(path, UNSTORABLE, keys))
            case float() if not math.isfinite(value):
                raise invalid_form(_located(path, "must be a finite number", keys))
            case list():
                found += [((*path, index), item) for index, item in enumerate(value)]
            case dict():
                if not all(map(is_storable, value)):
                    raise invalid_form(_located(path, f"its keys {UNSTORABLE}", keys))
                found += [((*path, name), item) for name, item in value.items()]


def _located(path: Sequence[str | int], what: str, keys: Sequence[str]) -> str:
    match path:
        case ["fields", int(index), *rest]:
            return f"field {keys[index]!r}: {_path(rest)}{what}"
        case _:
            return f"{_path(path)}{what}"


def _sentence(error: pydantic.ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    what = first["msg"].removeprefix("Value error, ")
    return f"{_path(first['loc'])}{what[:1].lower()}{what[1:]}"


def _path(parts: Sequence[str | int]) -> str:
    return ".".join(map(str, parts)) + ": " if parts else ""
