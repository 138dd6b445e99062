"""Values in the JSON of forms and mappings: which of them a jsonb column can hold, and their text."""

import json
from typing import Annotated

import pydantic
from pydantic import AfterValidator

UNSTORABLE = "must not contain NUL or half a surrogate pair"
"""The end of a sentence about a text that cannot be stored."""


def json_text(value: object) -> str:
    """``value`` as JSON; only characters that need an escape are escaped."""
    return json.dumps(value, ensure_ascii=False)


def scalar_text(value: str | float) -> str:
    """A JSON string, number or boolean as the text that a cell would hold (``true``, ``23``)."""
    return value if isinstance(value, str) else json_text(value)


def is_storable(text: str) -> bool:
    """Whether the text can be part of a jsonb value."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _check_storable(text: str) -> str:
    if not is_storable(text):
        raise ValueError(UNSTORABLE)
    return text


StorableText = Annotated[str, AfterValidator(_check_storable)]
FiniteNumber = (
    Annotated[int, pydantic.Field(strict=True)] | Annotated[float, pydantic.Field(strict=True, allow_inf_nan=False)]
)
