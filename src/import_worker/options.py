"""Job options: how one file is to be read and imported where it differs from what detection finds."""

import codecs
from contextlib import suppress
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from import_worker.errors import UsageError
from import_worker.storable_text import is_storable


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _storable(text: str) -> str:
    if not is_storable(text):
        raise ValueError("holds bytes that are no text")
    return text


StorableText = Annotated[str, AfterValidator(_storable)]


class JobOptions(BaseModel):
    """The options of contract section 6. None means: as detected."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delimiter: str | None = None
    quote: str | None = None
    """One character, or "" for a file that quotes nothing."""
    encoding: str | None = None
    header_row: int | None = Field(default=None, ge=1, lt=1 << 31)
    """The record that holds the header, counted from 1, empty lines included."""
    sheet: StorableText | None = None
    date_formats: Annotated[tuple[StorableText, ...], BeforeValidator(_one_or_many)] = ()
    """Formats for every date field whose mapping names none."""
    ragged_rows: Literal["reject", "pad"] = "reject"
    max_rejected_rows: int | None = Field(default=None, ge=0)
    max_rejected_ratio: float | None = Field(default=None, ge=0, le=1)
    max_notices: int | None = Field(default=None, ge=0)
    dry_run: bool = False
    connections: int | None = Field(default=None, ge=1, le=64)

    @field_validator("delimiter", mode="before")
    @classmethod
    def _delimiter(cls, value: object) -> object:
        named = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
        value = named.get(value, value) if isinstance(value, str) else value
        if value is not None and not _one_byte(value):
            raise ValueError("must be one ASCII character (or tab, comma, semicolon, pipe)")
        return value

    @field_validator("quote", mode="before")
    @classmethod
    def _quote(cls, value: object) -> object:
        named = {"none": "", "double": '"', "single": "'"}
        value = named.get(value, value) if isinstance(value, str) else value
        if value not in (None, "") and not _one_byte(value):
            raise ValueError("must be one ASCII character, or none")
        return value

    @field_validator("encoding")
    @classmethod
    def _encoding(cls, value: str | None) -> str | None:
        return None if value is None else text_codec(value)

    def changed(self) -> dict[str, Any]:
        """The options that were given, as JSON."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @classmethod
    def parse(cls, values: dict[str, Any]) -> "JobOptions":
        """Checks names and values; raises UsageError with one sentence about the first that is wrong."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            name = ".".join(str(part) for part in first["loc"])
            if first["type"] == "string_unicode":
                raise UsageError("The name of a job option holds bytes that are no text.") from None
            if first["type"] == "extra_forbidden":
                known = ", ".join(cls.model_fields)
                raise UsageError(f"There is no job option {name!r}; there are: {known}.") from None
            reason = first["msg"].removeprefix("Value error, ")
            raise UsageError(f"The job option {name!r} is wrong: {reason}.") from None


def text_codec(name: str) -> str:
    """A codec's normal name. Raises ValueError, the rest of a sentence, for one that Python does not know, or that
    makes no text of bytes."""
    try:
        codec = codecs.lookup(name)
        with suppress(UnicodeError):
            b"a".decode(codec.name)
    except (LookupError, ValueError, TypeError):
        raise ValueError("is not an encoding that Python knows") from None
    return codec.name


def _one_byte(value: object) -> bool:
    return isinstance(value, str) and len(value) == 1 and value.isascii() and value not in "\r\n\0"
