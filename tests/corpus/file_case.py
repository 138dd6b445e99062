"""A file as somebody might upload it, with what must become of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

ARTICLES: Sequence[Mapping[str, Any]] = (
    {"key": "article", "type": "text", "label": "Article", "required": True},
    {"key": "quantity", "type": "number", "label": "Quantity"},
    {"key": "day", "type": "date", "label": "Day"},
    {"key": "sold", "type": "checkbox", "label": "Sold"},
    {"key": "note", "type": "textarea", "label": "Note"},
)
"""The fields of the form that most files are for."""


class RowError(NamedTuple):
    """``row`` counts data rows from 1, ``line`` lines of the file (of a sheet, its rows) from 1. ``raw`` is the whole
    raw value."""

    row: int
    line: int
    field_key: str | None
    error_type: str
    raw: str


class Failure(NamedTuple):
    """``says`` is a part of the sentence."""

    reason: str
    says: str


@dataclass(frozen=True)
class FileCase:
    """``payloads`` and ``errors`` are all there must be, in order of rows; with ``failure`` there are none.

    ``found`` are entries that the plan's format must have. ``options`` are given by ``submit --option``, ``file_name``
    is what the file is called when it is submitted.
    """

    name: str
    make: Callable[[], bytes]
    payloads: Sequence[Mapping[str, Any]] = ()
    errors: Sequence[RowError] = ()
    failure: Failure | None = None
    found: Mapping[str, Any] = field(default_factory=dict)
    file_name: str = "file.csv"
    options: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    mapping: Mapping[str, Any] | None = None
    fields: Sequence[Mapping[str, Any]] = ARTICLES

    def __str__(self) -> str:
        return self.name

    def submit_arguments(self) -> list[str]:
        """The options as arguments of ``submit``."""
        pairs = []
        for key, value in self.options.items():
            pairs += [f"{key}={value}"] if isinstance(value, str) else [f"{key}={one}" for one in value]
        return [argument for pair in pairs for argument in ("--option", pair)]


def text(content: str, encoding: str = "utf-8") -> Callable[[], bytes]:
    """A file that holds this text."""
    return lambda: content.encode(encoding)


def raw(content: bytes) -> Callable[[], bytes]:
    return lambda: content
