"""Which files a file field accepts: the types and the size that the form's ``fileConfig`` allows."""

from dataclasses import dataclass
from typing import Self

import polars as pl
import pydantic

from import_worker.forms.field import Field
from import_worker.forms.json_values import StorableText
from import_worker.forms.unusable import invalid_form

MAX_STORED_BYTES = 2**31 - 1
"""``submission_files.size_bytes`` is an int4."""
DEFAULT_MAX_BYTES = 10 * 1024 * 1024
DEFAULT_TYPES = (
    "application/pdf",
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)
"""The types that the host allows if a field names none."""


class _Config(pydantic.BaseModel):
    """The parts of ``fileConfig`` that matter here. A member that is null counts as absent. ``maxFiles`` is ignored: a
    field always takes one file."""

    types: tuple[StorableText, ...] | None = pydantic.Field(default=None, alias="allowedTypes")
    max_bytes: float | None = pydantic.Field(default=None, alias="maxSizeBytes", ge=0, allow_inf_nan=False, strict=True)


@dataclass(frozen=True)
class FileLimits:
    """``types``: MIME types in lower case, ``image/*`` for all of a kind; an empty tuple allows all. ``max_bytes`` is
    inclusive."""

    types: tuple[str, ...] = DEFAULT_TYPES
    max_bytes: int = DEFAULT_MAX_BYTES

    @classmethod
    def of(cls, field: Field) -> Self:
        """Raises ``JobFailed`` (invalid_form_definition) for a ``fileConfig`` that cannot be used."""
        try:
            config = _Config.model_validate({} if field.file_config is None else field.file_config)
        except pydantic.ValidationError as error:
            first = error.errors(include_url=False)[0]
            path = ".".join(["fileConfig", *map(str, first["loc"])])
            raise invalid_form(f"field {field.key!r}: {path}: {first['msg'][:1].lower()}{first['msg'][1:]}") from None
        types = DEFAULT_TYPES if config.types is None else tuple(kind.strip().lower() for kind in config.types)
        size = DEFAULT_MAX_BYTES if config.max_bytes is None else int(min(config.max_bytes, MAX_STORED_BYTES))
        return cls(types, size)

    def allow(self, kinds: pl.Expr) -> pl.Expr:
        """Whether each MIME type is allowed, ignoring case."""
        if not self.types:
            return pl.lit(value=True)
        lowered = kinds.str.to_lowercase()
        allowed = lowered.is_in([kind for kind in self.types if not kind.endswith("/*")])
        for kind in self.types:
            if kind.endswith("/*"):
                allowed |= lowered.str.starts_with("" if kind == "*/*" else kind.removesuffix("*"))
        return allowed

    @property
    def types_text(self) -> str:
        """The types as a text for people."""
        return ", ".join(self.types)
