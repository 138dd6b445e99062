"""What the host's tables say about a job's actor, form and mapping."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from import_worker.database.connection import Connection
from import_worker.database.queries import query


@dataclass(frozen=True)
class FormVersion:
    id: UUID
    definition: object


@dataclass(frozen=True)
class Actor:
    """The actor of an attempt. ``admin_roles``: the names of the platform's roles whose holders may import
    everywhere."""

    user_id: str
    admin_roles: tuple[str, ...]


def actor_may_import(connection: Connection, actor: Actor, organization_id: UUID) -> bool:
    """Whether the actor may import for the organisation (contract section 4, "who may")."""
    values = {"actor": actor.user_id, "admin_roles": list(actor.admin_roles), "organization_id": organization_id}
    row = connection.execute(query("actor_may_import"), values).fetchone()
    return bool(row and row[0])


def is_user(connection: Connection, user_id: str) -> bool:
    """Whether the host has a user with that id."""
    return connection.execute(query("find_user"), {"user_id": user_id}).fetchone() is not None


def get_form_status(connection: Connection, form_id: UUID, organization_id: UUID) -> str | None:
    """The form's status, or None when there is no such form that the organisation may use."""
    row = connection.execute(query("get_form"), {"form_id": form_id, "organization_id": organization_id}).fetchone()
    return None if row is None else str(row[0])


def get_published_version(connection: Connection, form_id: UUID) -> FormVersion | None:
    """The newest published version of a form."""
    row = connection.execute(query("get_published_version"), {"form_id": form_id}).fetchone()
    return None if row is None else FormVersion(id=row[0], definition=row[1])


def get_mapping_template(
    connection: Connection, template_id: UUID, organization_id: UUID
) -> tuple[Any, UUID | None] | None:
    """The template's mapping and the form it was made for, or None when there is no such template that is the
    organisation's own or nobody's."""
    row = connection.execute(
        query("get_mapping_template"), {"template_id": template_id, "organization_id": organization_id}
    ).fetchone()
    return None if row is None else (row[0], row[1])
