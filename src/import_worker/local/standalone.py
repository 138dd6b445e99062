"""An organisation and a user for a database that has none, so that a laptop needs no host application."""

from uuid import UUID

from import_worker.database.connection import Connection, transaction
from import_worker.errors import UsageError

LOCAL_ORGANIZATION_ID = UUID("00000000-0000-8000-8000-000000000001")
LOCAL_USER_ID = "local"


def ensure_local_tenant(connection: Connection) -> None:
    """Creates the local organisation and its owner where there is no organisation at all."""
    with transaction(connection):
        # A database of an earlier version has other columns here, and its tenant.
        if connection.execute("SELECT FROM organizations LIMIT 1").fetchone() is not None:
            return
        connection.execute(
            "INSERT INTO organizations (id, name, slug, type, status)"
            " VALUES (%s, 'Local organisation', 'local', 'club', 'active') ON CONFLICT DO NOTHING",
            [LOCAL_ORGANIZATION_ID],
        )
        connection.execute(
            'INSERT INTO "user" (id, name, email, email_verified, created_at, updated_at, profile_complete,'
            " profile_version, mfa_required, two_factor_enabled)"
            " VALUES (%s, 'Local user', 'local@localhost.invalid', true, now(), now(), true, 1, false, false)"
            " ON CONFLICT DO NOTHING",
            [LOCAL_USER_ID],
        )
        connection.execute(
            "INSERT INTO organization_members (user_id, organization_id, role, status)"
            " VALUES (%s, %s, 'owner', 'active') ON CONFLICT DO NOTHING",
            [LOCAL_USER_ID, LOCAL_ORGANIZATION_ID],
        )


def choose_organization(connection: Connection, wanted: str | None) -> UUID:
    """The organisation with that id or slug; with none named, the only one there is. Raises UsageError."""
    with transaction(connection):
        if wanted is None:
            rows = connection.execute("SELECT id FROM organizations ORDER BY created_at LIMIT 2").fetchall()
            if len(rows) == 1:
                return UUID(str(rows[0][0]))
            count = "no organisation" if not rows else "more than one organisation"
            raise UsageError(f"The database has {count}; name one with --organization ID.")
        rows = connection.execute(
            "SELECT id FROM organizations WHERE id::text = %s OR slug = %s", [wanted.lower(), wanted]
        ).fetchall()
    if len(rows) != 1:
        raise UsageError(f"There is no organisation {wanted!r}; name one by its id or slug.")
    return UUID(str(rows[0][0]))


def choose_user(connection: Connection, wanted: str | None, organization_id: UUID) -> str:
    """The user with that id; with none named, the first owner or admin of the organisation. Raises UsageError."""
    with transaction(connection):
        if wanted is not None:
            row = connection.execute('SELECT id FROM "user" WHERE id = %s', [wanted]).fetchone()
            if row is None:
                raise UsageError(f"There is no user {wanted!r}; name one by id.")
            return str(row[0])
        row = connection.execute(
            "SELECT user_id FROM organization_members WHERE organization_id = %s AND status = 'active'"
            " AND role IN ('owner', 'admin') ORDER BY role DESC, created_at LIMIT 1",
            [organization_id],
        ).fetchone()
    if row is None:
        raise UsageError("The organisation has no active owner or admin; name the user with --user ID.")
    return str(row[0])
