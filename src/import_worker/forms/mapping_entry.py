"""One entry of a mapping: which field a header feeds, and how the cells under it are read."""

import json
import math
from enum import StrEnum
from typing import Annotated

import pydantic
from pydantic import BeforeValidator

from import_worker.forms.json_values import StorableText, scalar_text
from import_worker.forms.series import trim
from import_worker.forms.types.date_formats import DateFormat


class MappingOption(StrEnum):
    """The options of an entry that only some field types use. All types use the others."""

    CASE = "case"
    NORMALIZE = "normalize"
    DATE_FORMATS = "date_formats"
    SEPARATOR = "separator"


class Case(StrEnum):
    UPPER = "upper"
    LOWER = "lower"
    TITLE = "title"


class Normalize(StrEnum):
    PHONE = "phone"
    POSTAL_CODE = "postal_code"
    EMAIL = "email"


def _cell(value: object) -> object:
    match value:
        case float() if not math.isfinite(value):
            raise ValueError("must be a finite number")
        case bool() | int() | float():
            return scalar_text(value)
        case _:
            return value


def _values(value: object) -> object:
    match value:
        case None:
            return ()
        case dict():
            pairs = list(value.items())
        case list():
            pairs = value
        case _:
            raise ValueError("must be an object of cell to value")
    return pairs


def _known_date_format(text: str) -> str:
    try:
        DateFormat.parse(text)
    except ValueError as error:
        raise ValueError(f"the date format {text!r} {error}") from None
    return text


CellText = Annotated[StorableText | None, BeforeValidator(_cell)]
Values = Annotated[tuple[tuple[StorableText, CellText], ...], BeforeValidator(_values)]
DateFormatText = Annotated[StorableText, pydantic.AfterValidator(_known_date_format)]
DateFormats = Annotated[tuple[DateFormatText, ...], BeforeValidator(lambda value: () if value is None else value)]


class MappingEntry(pydantic.BaseModel):
    """A mapping's entry for one header.

    ``values`` are pairs of a cell and its replacement in the mapping's order: of two keys that differ only in case the
    first wins. The replacement ``None`` empties the cell.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    field: StorableText
    date_formats: DateFormats = ()
    values: Values = ()
    default: CellText = None
    case: Case | None = None
    normalize: Normalize | None = None
    separator: Annotated[StorableText, pydantic.Field(min_length=1)] | None = None

    @property
    def fills_empty_cells(self) -> bool:
        """Whether ``values`` or ``default`` replace an empty cell by a text."""
        value = next((value for key, value in self.values if not trim(key)), None)
        return any(trim(text or "") for text in (value, self.default))

    @property
    def list_separator(self) -> str:
        """The text between the options in a cell that holds several."""
        return self.separator or ","

    def to_json(self) -> str | dict[str, object]:
        """The shortest JSON that a mapping reads back as this entry."""
        options = self.model_dump(mode="json", exclude_defaults=True, exclude={"field"})
        if not options:
            return self.field
        if self.values and self._order_of_values_is_free():
            options["values"] = dict(self.values)
        return {"field": self.field, **json.loads(json.dumps(options))}

    def _order_of_values_is_free(self) -> bool:
        # jsonb does not keep the order of an object's keys.
        return len({trim(key).lower() for key, _ in self.values}) == len(self.values)
