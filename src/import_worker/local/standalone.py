"""The local tenant: an organisation and a user for a database that has none, so that a laptop needs no host."""

from uuid import UUID

from import_worker.database.connection import Connection, transaction
from import_worker.database.queries import query
from import_worker.errors import UsageError

LOCAL_ORGANIZATION_ID = UUID("00000000-0000-8000-8000-000000000001")
LOCAL_USER_ID = "local"


def ensure_local_tenant(connection: Connection) -> None:
    """Creates the local organisation and its owner where there is no organisation at all."""
    with transaction(connection):
        # A database of an earlier version has other columns here, and its tenant.
        if connection.execute(query("has_organization")).fetchone() is not None:
            return
        values = {"organization_id": LOCAL_ORGANIZATION_ID, "user_id": LOCAL_USER_ID}
        for name in ("create_local_organization", "create_local_user", "create_local_owner"):
            connection.execute(query(name), values)


def choose_organization(connection: Connection, wanted: str | None) -> UUID:
    """The organisation with that id or slug; with none named, the only one there is. Raises UsageError."""
    with transaction(connection):
        if wanted is None:
            rows = connection.execute(query("first_organizations")).fetchall()
            if len(rows) == 1:
                return UUID(str(rows[0][0]))
            count = "no organisation" if not rows else "more than one organisation"
            raise UsageError(f"The database has {count}; name one with --organization ID.")
        rows = connection.execute(query("find_organization"), {"id": wanted.lower(), "slug": wanted}).fetchall()
    if len(rows) != 1:
        raise UsageError(f"There is no organisation {wanted!r}; name one by its id or slug.")
    return UUID(str(rows[0][0]))


def choose_user(connection: Connection, wanted: str | None, organization_id: UUID) -> str:
    """The user with that id; with none named, the first owner or admin of the organisation. Raises UsageError."""
    with transaction(connection):
        if wanted is not None:
            row = connection.execute(query("find_user"), {"user_id": wanted}).fetchone()
            if row is None:
                raise UsageError(f"There is no user {wanted!r}; name one by id.")
            return str(row[0])
        row = connection.execute(query("find_owner"), {"organization_id": organization_id}).fetchone()
    if row is None:
        raise UsageError("The organisation has no active owner or admin; name the user with --user ID.")
    return str(row[0])
