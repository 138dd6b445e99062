"""Requirements on tables that the host owns: kinds of columns, and privileges."""

from dataclasses import dataclass
from enum import StrEnum


class ColumnKind(StrEnum):
    """The types that a column may have. An enum of the host counts as text."""

    UUID = "uuid"
    TEXT = "text"
    INT = "integer"
    JSONB = "jsonb"
    TIME = "timestamptz"
    BOOL = "boolean"
    ID = "uuid or text"
    """An id that the host's other parts assign, of either type."""
    ADDRESS = "inet or text"


@dataclass(frozen=True)
class Need:
    """One privilege on some columns of a table, or on the whole table if none is named."""

    table: str
    privilege: str
    columns: tuple[str, ...] = ()
