"""A mapping: what each header of a file feeds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import pydantic

from import_worker.forms.mapping_entry import MappingEntry
from import_worker.forms.unusable import invalid_mapping


@dataclass(frozen=True)
class HeaderMapping:
    """``entries``: header, as the mapping writes it, to its entry. Headers that feed nothing are left out."""

    entries: Mapping[str, MappingEntry]

    @classmethod
    def parse(cls, document: object) -> Self:
        """Reads a mapping's JSON. Raises ``JobFailed`` (invalid_mapping) naming the header."""
        if not isinstance(document, dict):
            raise invalid_mapping("it must be a JSON object of header to field")
        entries = {}
        for header, value in document.items():
            entry = _entry(header, value)
            if entry and entry.field:
                entries[header] = entry
        return cls(entries)

    def to_json(self) -> dict[str, object]:
        """JSON that ``parse`` reads back as an equal mapping, also after it was stored in a jsonb column."""
        return {header: entry.to_json() for header, entry in self.entries.items()}


def _entry(header: str, value: object) -> MappingEntry | None:
    named = value.get("field", "?") if isinstance(value, dict) else value
    if named is None or named == "":
        return None
    document = {"field": value} if isinstance(value, str) else value
    try:
        return MappingEntry.model_validate(document)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise invalid_mapping(f"header {header!r}: {path + ': ' if path else ''}{message}") from None
