"""A form's definition: the JSON of a form version, checked and frozen."""

import json
import math
from collections import Counter
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


def _storable(text: str) -> str:
    # Neither can be part of a jsonb value, so a form that needs them could never be imported.
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("must not contain NUL or half a surrogate pair")
    return text


def _storable_json(value: JsonValue) -> JsonValue:
    match value:
        case str():
            _storable(value)
        case float() if not math.isfinite(value):
            raise ValueError("must be a finite number")
        case list():
            for item in value:
                _storable_json(item)
        case dict():
            for key, item in value.items():
                _storable(key)
                _storable_json(item)
        case _:
            pass
    return value


Text = Annotated[str, AfterValidator(_storable)]
Name = Annotated[str, pydantic.Field(min_length=1), AfterValidator(_storable)]
Number = (
    Annotated[int, pydantic.Field(strict=True)] | Annotated[float, pydantic.Field(strict=True, allow_inf_nan=False)]
)
Json = Annotated[JsonValue, AfterValidator(_storable_json)]


class _Part(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="ignore")


class Option(_Part):
    value: Text | Number
    label: Text = ""

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
    value: Json = None
    message: Text | None = None


class Condition(_Part):
    field: str
    operator: Operator
    value: Json = None


class Field(_Part):
    key: Name
    type: FieldType
    label: Text = ""
    required: bool = pydantic.Field(default=False, strict=True)
    options: tuple[Option, ...] = ()
    rules: tuple[Rule, ...] = pydantic.Field(default=(), alias="validation")
    condition: Condition | None = pydantic.Field(default=None, alias="conditional")
    import_validation: Any = pydantic.Field(default=None, alias="importValidation")
    """As the form has it; ``forms.import_validation`` reads it."""
    classification: DataClassification = pydantic.Field(default=DataClassification.NONE, alias="dataClassification")

    @pydantic.model_validator(mode="before")
    @classmethod
    def _fill_gaps(cls, document: object) -> object:
        if not isinstance(document, dict):
            return document
        known = {name: value for name, value in document.items() if value is not None}
        if known.get("type") not in ("select", "multiselect"):
            known.pop("options", None)
        return {"label": known.get("key", ""), **known}

    @pydantic.model_validator(mode="after")
    def _check_options(self) -> Self:
        if self.type not in {FieldType.SELECT, FieldType.MULTISELECT}:
            return self
        if not self.options:
            raise ValueError("has no options")
        text, count = Counter(option.text for option in self.options).most_common(1)[0]
        if count > 1:
            raise ValueError(f"has two options with the value {text!r}")
        return self

    @property
    def sensitive(self) -> bool:
        return self.classification is DataClassification.SENSITIVE

    @property
    def always_required(self) -> bool:
        return self.required and self.condition is None


class FormDefinition(_Part):
    fields: tuple[Field, ...]

    @classmethod
    def parse(cls, document: object) -> Self:
        """Check ``document``, parsed JSON. Raises ``JobFailed`` (invalid_form_definition) naming the field."""
        try:
            form = cls.model_validate(document)
        except pydantic.ValidationError as error:
            raise invalid_form(_sentence(error, document)) from None
        keys = Counter(field.key for field in form.fields)
        for field in form.fields:
            if keys[field.key] > 1:
                raise invalid_form(f"the key {field.key!r} belongs to {keys[field.key]} fields")
            if field.condition and field.condition.field not in keys:
                other = field.condition.field
                raise invalid_form(f"field {field.key!r}: its condition is on {other!r}, which is not a field")
        return form


def _sentence(error: pydantic.ValidationError, document: object) -> str:
    first = error.errors(include_url=False)[0]
    where, what = list(first["loc"]), first["msg"].removeprefix("Value error, ")
    what = what[:1].lower() + what[1:]
    match where:
        case ["fields", int(index), *rest]:
            path = ".".join(str(part) for part in rest)
            return f"{_name(document, index)}: {path + ': ' if path else ''}{what}"
        case _:
            path = ".".join(str(part) for part in where)
            return f"{path + ': ' if path else ''}{what}"


def _name(document: object, index: int) -> str:
    match document:
        case {"fields": [*fields]}:
            match fields[index]:
                case {"key": str(key)} if key:
                    return f"field {key!r}"
    return f"field number {index + 1}"
