"""One field of a form, parsed from the form's JSON."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Self

import pydantic
from pydantic import BeforeValidator, JsonValue, ValidationInfo

from import_worker.forms.json_values import FiniteNumber, scalar_text
from import_worker.forms.types.field_type import FieldType


class DataClassification(StrEnum):
    NONE = "none"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


class Operator(StrEnum):
    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    CONTAINS = "contains"
    GREATER_THAN = "greater_than"


class _Part(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True)


class Option(_Part):
    value: str | FiniteNumber
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
    """``field`` is the key of another field, which may not exist; ``operator`` may be any text."""

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
        return {"field": ""}  # no field has the empty key


def _registry(info: ValidationInfo) -> Mapping[str, FieldType]:
    if info.context is None:
        raise TypeError("a field that names its type is to be validated with a registry of types as the context")
    types: Mapping[str, FieldType] = info.context
    return types


def _known_type(value: object, info: ValidationInfo) -> FieldType | None:
    """The type with that name in the registry; None if there is none."""
    if isinstance(value, FieldType):
        return value
    return _registry(info).get(value) if isinstance(value, str) else None


def _type_called(value: object, info: ValidationInfo) -> FieldType:
    if known := _known_type(value, info):
        return known
    *most, last = map(repr, _registry(info))
    raise ValueError(f"Input should be {', '.join(most)} or {last}")


class Field(_Part):
    """``type`` is given as a type, or as a name in the registry that is passed as the validation's context."""

    key: Annotated[str, pydantic.Field(min_length=1)]
    type: Annotated[FieldType, BeforeValidator(_type_called)]
    label: str = ""
    required: bool = pydantic.Field(default=False, strict=True)
    options: tuple[Option, ...] = ()
    rules: tuple[Rule, ...] = pydantic.Field(default=(), alias="validation")
    condition: Condition | None = pydantic.Field(default=None, alias="conditional")
    import_validation: Any = pydantic.Field(default=None, alias="importValidation")
    """As it is in the form; ``forms.import_validation`` interprets it."""
    classification: DataClassification = pydantic.Field(default=DataClassification.NONE, alias="dataClassification")
    file_config: JsonValue = pydantic.Field(default=None, alias="fileConfig")
    """Used only if the field is a mapped file field (``FileLimits``)."""

    @pydantic.model_validator(mode="before")
    @classmethod
    def _fill_gaps(cls, document: object, info: ValidationInfo) -> object:
        if not isinstance(document, dict):
            return document
        known = {name: value for name, value in document.items() if value is not None}
        type_ = _known_type(known.get("type"), info)
        if type_ is None or not type_.takes_options:
            known.pop("options", None)
        return {"label": known.get("key", ""), **known}

    @pydantic.field_validator("options")
    @classmethod
    def _one_option_a_value(cls, options: tuple[Option, ...]) -> tuple[Option, ...]:
        """Of several options with one value the first counts; the labels of the others name that first option, too."""
        first: dict[str, Option] = {}
        for option in options:
            first.setdefault(option.text, option)
        found = (Option(value=first[option.text].value, label=option.label) for option in options)
        return tuple(dict.fromkeys(found))

    @pydantic.model_validator(mode="after")
    def _check_options(self) -> Self:
        if self.type.takes_options and not self.options:
            raise ValueError("has no options; add some to the form, or map no header to it")
        return self

    @property
    def sensitive(self) -> bool:
        return self.classification is DataClassification.SENSITIVE

    @property
    def always_required(self) -> bool:
        return self.required and self.condition is None
