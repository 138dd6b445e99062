"""Forms that a person publishes by name; an organisation has one form for each name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from import_worker.database.connection import Connection
from import_worker.database.queries import query


@dataclass(frozen=True)
class NamedForm:
    id: UUID
    status: str


def find_named_form(connection: Connection, organization_id: UUID, name: str) -> NamedForm | None:
    """The organisation's form of that name, whatever its status."""
    values = {"organization_id": organization_id, "slug": _slug(name)}
    row = connection.execute(query("find_named_form"), values).fetchone()
    return None if row is None else NamedForm(*row)


def publish_form(
    connection: Connection, organization_id: UUID, user_id: str, name: str, definition: Mapping[str, Any]
) -> UUID:
    """Publishes a definition as the organisation's form of that name, and returns the form's id. Makes the form if
    there is none, and a new version if the newest one differs or is not published."""
    document = Jsonb(dict(definition))
    values = {"organization_id": organization_id, "slug": _slug(name), "name": name, "user_id": user_id}
    row = connection.execute(query("lock_named_form"), values).fetchone()
    if row is None:
        form_id, version = uuid4(), 1
        connection.execute(query("create_form"), {**values, "form_id": form_id})
    else:
        form_id = UUID(str(row[0]))
        found = {"form_id": form_id, "definition": document}
        newest = connection.execute(query("compare_newest_version"), found).fetchone()
        if newest is not None and newest[1] and newest[2]:
            return form_id
        version = 1 if newest is None else newest[0] + 1
    connection.execute(
        query("create_form_version"),
        {
            "version_id": uuid4(),
            "form_id": form_id,
            "version": version,
            "definition": document,
            "user_id": user_id,
        },
    )
    return form_id


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "form"
