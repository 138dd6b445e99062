"""What is needed of tables that others own: kinds of columns, and privileges."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What types a column may have. An enum is as good as text where the host made one."""

    UUID = "uuid"
    TEXT = "text"
    INT = "integer"
    JSONB = "jsonb"
    TIME = "timestamptz"
    BOOL = "boolean"
    ID = "uuid or text"
    """An id of others, which is what they made it."""
    ADDRESS = "inet or text"


@dataclass(frozen=True)
class Need:
    """One privilege on some columns of a table, or on all of it where none is named."""

    table: str
    privilege: str
    columns: tuple[str, ...] = ()
