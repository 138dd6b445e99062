"""A form's definition: the JSON of a form version, checked and frozen."""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Self

import pydantic
from pydantic import AfterValidator, JsonValue

from import_worker.errors import FailureReason, JobFailed


class FieldType(StrEnum):
    TEXT = "text"
    TEXTAREA = "textarea"
    RICH_TEXT = "rich_text"
    NUMBER = "number"
    EMAIL = "email"
    PHONE = "phone"
    DATE = "date"
    SELECT = "select"
    MULTISELECT = "multiselect"
    CHECKBOX = "checkbox"
    FILE = "file"


class DataClassification(StrEnum):
    NONE = "none"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


class Operator(StrEnum):
    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    CONTAINS = "contains"
    GREATER_THAN = "greater_than"


def invalid_form(message: str) -> JobFailed:
    """The error of a form that cannot be used. A retry does not help; publishing a mended form does."""
    return JobFailed(FailureReason.INVALID_FORM_DEFINITION, f"The form definition cannot be used: {message}.")


def json_text(value: object) -> str:
    """``value`` as JSON, every character that needs no escape as itself."""
    return json.dumps(value, ensure_ascii=False)


def scalar_text(value: str | float) -> str:
    """A JSON string, number or boolean as the text that a cell would hold (``true``, ``23``)."""
    return value if isinstance(value, str) else json_text(value)


_UNSTORABLE = "must not contain NUL or half a surrogate pair"


def _is_storable(text: str) -> bool:
    # Neither can be part of a jsonb value.
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _storable(text: str) -> str:
    if not _is_storable(text):
        raise ValueError(_UNSTORABLE)
    return text


Text = Annotated[str, AfterValidator(_storable)]
Name = Annotated[str, pydantic.Field(min_length=1)]
Number = (
    Annotated[int, pydantic.Field(strict=True)] | Annotated[float, pydantic.Field(strict=True, allow_inf_nan=False)]
)


class _Part(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="ignore")


class Option(_Part):
    value: str | Number
    label: str = ""

    @pydantic.model_validator(mode="before")
    @classmethod
    def _fill_label(cls, document: object) -> object:
        match document:
            case {"value": str() | int() | float() as value, **rest} if rest.get("label") is None:
                return {"value": value, "label": scalar_text(value)}
        return document

    @property
    def text(self) -> str:
        """The value as a cell would hold it."""
        return scalar_text(self.value)


class Rule(_Part):
    type: str
    value: JsonValue = None
    message: str | None = None


class Condition(_Part):
    """``field`` is the key of another field, maybe of none that there is; ``operator`` is maybe no ``Operator``."""

    field: str
    operator: str = ""
    value: JsonValue = None

    @pydantic.model_validator(mode="before")
    @classmethod
    def _name_something(cls, document: object) -> object:
        match document:
            case {"field": str(), "operator": str()}:
                return document
            case {"field": str(field), **rest}:
                return {"field": field, "value": rest.get("value")}
        return {"field": ""}  # which is nobody's key


class Field(_Part):
    key: Name
    type: FieldType
    label: str = ""
    required: bool = pydantic.Field(default=False, strict=True)
    options: tuple[Option, ...] = ()
    rules: tuple[Rule, ...] = pydantic.Field(default=(), alias="validation")
    condition: Condition | None = pydantic.Field(default=None, alias="conditional")
    import_validation: Any = pydantic.Field(default=None, alias="importValidation")
    """As the form has it; ``forms.import_validation`` reads it."""
    classification: DataClassification = pydantic.Field(default=DataClassification.NONE, alias="dataClassification")
    file_config: JsonValue = pydantic.Field(default=None, alias="fileConfig")
    """Looked at only where a file field is mapped (``FileLimits``)."""

    @pydantic.model_validator(mode="before")
    @classmethod
    def _fill_gaps(cls, document: object) -> object:
        if not isinstance(document, dict):
            return document
        known = {name: value for name, value in document.items() if value is not None}
        if known.get("type") not in ("select", "multiselect"):
            known.pop("options", None)
        return {"label": known.get("key", ""), **known}

    @pydantic.field_validator("options")
    @classmethod
    def _one_option_a_value(cls, options: tuple[Option, ...]) -> tuple[Option, ...]:
        """The first option with a value counts; the labels of its doubles lead to it, too."""
        first: dict[str, Option] = {}
        for option in options:
            first.setdefault(option.text, option)
        found = (Option(value=first[option.text].value, label=option.label) for option in options)
        return tuple(dict.fromkeys(found))

    @pydantic.model_validator(mode="after")
    def _check_options(self) -> Self:
        if self.type in {FieldType.SELECT, FieldType.MULTISELECT} and not self.options:
            raise ValueError("has no options; add some to the form, or map no header to it")
        return self

    @property
    def sensitive(self) -> bool:
        return self.classification is DataClassification.SENSITIVE

    @property
    def always_required(self) -> bool:
        return self.required and self.condition is None


@dataclass(frozen=True)
class FormDefinition:
    """``fields``: in the form's order, no two with one key.

    ``defects``: by key, what is wrong with a field. Such a field stands among ``fields`` with what it says of being
    required, as a text field without options and rules; it is in nobody's way unless a header feeds it.
    """

    fields: tuple[Field, ...]
    defects: Mapping[str, str]

    @classmethod
    def parse(cls, document: object) -> Self:
        """Read ``document``, parsed JSON. Raises ``JobFailed`` (invalid_form_definition) where it is no list of fields
        with keys, or cannot be stored."""
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
                fields[key] = Field.model_validate(entry)
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
    """What a field with a defect says of being required, and what it is called."""
    said = entry if isinstance(entry, dict) else {}
    label = said.get("label")
    return Field(
        key=key,
        type=FieldType.TEXT,
        label=label if isinstance(label, str) else key,
        required=said.get("required") is True,
        conditional=said.get("conditional"),
    )


def _check_storable(document: object, keys: Sequence[str]) -> None:
    """No database could hold it otherwise, whatever part of it an import needs."""
    found: list[tuple[tuple[str | int, ...], object]] = [((), document)]
    while found:
        path, value = found.pop()
        match value:
            case str() if not _is_storable(value):
                raise invalid_form(_located(path, _UNSTORABLE, keys))
            case float() if not math.isfinite(value):
                raise invalid_form(_located(path, "must be a finite number", keys))
            case list():
                found += [((*path, index), item) for index, item in enumerate(value)]
            case dict():
                if not all(map(_is_storable, value)):
                    raise invalid_form(_located(path, f"its keys {_UNSTORABLE}", keys))
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
