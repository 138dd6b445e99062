"""A field's ``importValidation``: its values must be unique, or must be found in a table of the database."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from import_worker.forms.field import Field
from import_worker.forms.unusable import invalid_form


class UniqueScope(StrEnum):
    """The set of values within which each value of a field must be unique."""

    IMPORT = "unique_in_import"
    """The values in the file."""
    FORM = "unique"
    """The values in the file and in the form's existing submissions."""


class LookupTable(StrEnum):
    """The tables that values may be looked up in, as a form names them."""

    ORGANIZATIONS = "organizations"
    USERS = "users"
    TEAMS = "teams"

    @property
    def name_in_database(self) -> str:
        return "user" if self is LookupTable.USERS else str(self)


@dataclass(frozen=True)
class Lookup:
    """A stored value must equal the text of some value in that column of that table."""

    table: LookupTable
    column: str


def unique_scope(field: Field) -> UniqueScope | None:
    """None if values may repeat, and for types whose values are not compared."""
    kind = _document(field).get("type")
    if field.type.identity is None or not isinstance(kind, str) or kind not in set(UniqueScope):
        return None
    return UniqueScope(kind)


def lookup_of(field: Field) -> Lookup | None:
    """None if nothing is looked up, and for types whose values cannot be looked up. Raises ``JobFailed``
    (invalid_form_definition) for a lookup without a known table or a column; no retry helps."""
    document = _document(field)
    if not field.type.can_be_looked_up or document.get("type") != "lookup":
        return None
    table, column = document.get("lookupTable"), document.get("lookupColumn")
    if not isinstance(table, str) or table not in set(LookupTable):
        known = ", ".join(LookupTable)
        raise invalid_form(f"field {field.key!r}: its lookupTable is {table!r}, and must be one of {known}")
    if not isinstance(column, str) or not column:
        raise invalid_form(f"field {field.key!r}: its lookup names no lookupColumn")
    return Lookup(LookupTable(table), column)


def _document(field: Field) -> dict[str, Any]:
    return field.import_validation if isinstance(field.import_validation, dict) else {}
