"""The host application's side: organisations, people, forms, files and jobs, made as the host would make them."""

import hashlib
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from import_worker.local.standalone import LOCAL_ORGANIZATION_ID, LOCAL_USER_ID
from import_worker.objects import ObjectStore

SIMPLE_FORM: dict[str, Any] = {
    "fields": [
        {"key": "name", "type": "text", "label": "Name", "required": True},
        {"key": "age", "type": "number", "label": "Age"},
        {"key": "email", "type": "email", "label": "E-mail"},
    ]
}


@dataclass
class Host:
    """Acts on one database and one object store. Everything has a sensible default, so that a test names only what it
    is about."""

    database_url: str
    store: ObjectStore
    organization_id: UUID = LOCAL_ORGANIZATION_ID
    user_id: str = LOCAL_USER_ID
    _connection: psycopg.Connection | None = field(default=None, repr=False)

    @property
    def connection(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self.database_url, autocommit=True)
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def query(self, statement: str, *values: object) -> list[dict[str, Any]]:
        with self.connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, statement: str, *values: object) -> Any:
        row = self.connection.execute(statement.encode(), values or None).fetchone()
        assert row is not None
        return row[0]

    def organization(self, parent: UUID | None = None) -> UUID:
        organization_id = uuid4()
        self.connection.execute(
            "INSERT INTO organizations (id, name, slug, type, parent_org_id) VALUES (%s, 'An organisation',"
            " %s, 'club', %s)",
            [organization_id, str(organization_id), parent],
        )
        return organization_id

    def user(self) -> str:
        user_id = f"user-{uuid4().hex[:8]}"
        self.connection.execute(
            'INSERT INTO "user" (id, name, email, email_verified, created_at, updated_at, profile_complete,'
            " profile_version, mfa_required, two_factor_enabled)"
            " VALUES (%s, %s, %s, true, now(), now(), true, 1, false, false)",
            [user_id, user_id, f"{user_id}@example.org"],
        )
        return user_id

    def member(self, user_id: str, organization_id: UUID, role: str = "member", status: str = "active") -> None:
        self.connection.execute(
            "INSERT INTO organization_members (user_id, organization_id, role, status) VALUES (%s, %s, %s, %s)",
            [user_id, organization_id, role, status],
        )

    def delegate(self, user_id: str, organization_id: UUID, scope: str = "admin", *, expires: str = "1 day") -> UUID:
        """Delegated access; ``expires`` is an interval from now, which may be negative."""
        delegation_id = uuid4()
        self.connection.execute(
            "INSERT INTO delegated_access (id, delegate_user_id, organization_id, scope, granted_by, expires_at)"
            " VALUES (%s, %s, %s, %s, %s, now() + %s::interval)",
            [delegation_id, user_id, organization_id, scope, self.user_id, expires],
        )
        return delegation_id

    def platform_role(self, user_id: str, name: str, *, expires: str | None = None) -> None:
        """A role that holds everywhere; ``expires`` as for ``delegate``, None for never."""
        role_id = f"role-{uuid4().hex[:8]}"
        self.connection.execute(
            "INSERT INTO roles (id, name) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING", [role_id, name]
        )
        self.connection.execute(
            "INSERT INTO user_roles (id, user_id, role_id, assigned_by, expires_at)"
            " SELECT %s, %s, id, %s, now() + %s::interval FROM roles WHERE name = %s",
            [f"holding-{uuid4().hex[:8]}", user_id, self.user_id, expires, name],
        )

    def form(
        self,
        definition: object = None,
        *,
        status: str = "published",
        published: bool = True,
        organization_id: UUID | None = None,
        owned: bool = True,
    ) -> UUID:
        form_id = uuid4()
        owner = (organization_id or self.organization_id) if owned else None
        self.connection.execute(
            "INSERT INTO forms (id, organization_id, name, slug, status, created_by) VALUES (%s, %s, 'A"
            " form', %s, %s, %s)",
            [form_id, owner, str(form_id), status, self.user_id],
        )
        self.publish(form_id, SIMPLE_FORM if definition is None else definition, published=published)
        return form_id

    def publish(self, form_id: UUID, definition: object, *, published: bool = True) -> UUID:
        """A new version of a form."""
        version_id = uuid4()
        self.connection.execute(
            "INSERT INTO form_versions (id, form_id, version_number, definition, published_at)"
            " SELECT %s, %s, count(*) + 1, %s, CASE WHEN %s THEN now() END FROM form_versions WHERE form_id = %s",
            [version_id, form_id, Jsonb(definition), published, form_id],
        )
        return version_id

    def template(
        self, mapping: object, form_id: UUID | None = None, organization_id: UUID | None = None, *, owned: bool = True
    ) -> UUID:
        template_id = uuid4()
        owner = (organization_id or self.organization_id) if owned else None
        self.connection.execute(
            "INSERT INTO import_mapping_templates (id, organization_id, name, target_form_id, mappings, created_by)"
            " VALUES (%s, %s, 'A template', %s, %s, %s)",
            [template_id, owner, form_id, Jsonb(mapping), self.user_id],
        )
        return template_id

    def put(self, data: bytes, key: str | None = None) -> str:
        key = key or f"imports/{self.organization_id}/{uuid4()}/file.csv"
        self.store.put(key, [data])
        return key

    def job(
        self,
        data: bytes | None = b"name,age\nAda,36\n",
        *,
        form_id: UUID | None = None,
        key: str | None = None,
        sha256: str | None = "computed",
        template_id: UUID | None = None,
        created_by: str | None = None,
        organization_id: UUID | None = None,
        lane: str = "batch",
        form: bool = True,
    ) -> UUID:
        """A pending job as the host creates it; without a file if ``data`` is None, without a form if ``form`` is
        False."""
        if data is not None:
            key = self.put(data, key)
            if sha256 == "computed":
                sha256 = hashlib.sha256(data).hexdigest()
        job_id = uuid4()
        self.connection.execute(
            "INSERT INTO import_jobs (id, organization_id, type, lane, source_file_key, source_file_hash,"
            " target_form_id,"
            " mapping_template_id, status, created_by) VALUES (%s, %s, 'csv', %s, %s, %s, %s, %s, 'pending', %s)",
            [
                job_id,
                organization_id or self.organization_id,
                lane,
                key or f"imports/{self.organization_id}/missing.csv",
                "" if sha256 in ("computed", None) else sha256,
                (form_id or self.form()) if form else None,
                template_id,
                created_by or self.user_id,
            ],
        )
        return job_id

    def job_row(self, job_id: UUID) -> dict[str, Any]:
        return self.query("SELECT * FROM import_jobs WHERE id = %s", job_id)[0]

    def payloads(self, job_id: UUID) -> list[dict[str, Any]]:
        """The payloads of a job in order of rows."""
        rows = self.query("SELECT payload FROM form_submissions WHERE import_job_id = %s ORDER BY id", job_id)
        return [row["payload"] for row in rows]

    def errors(self, job_id: UUID) -> list[dict[str, Any]]:
        return self.query(
            "SELECT row_number, field_key, error_type, error_message, raw_value, column_name, line"
            " FROM import_worker.errors WHERE job_id = %s ORDER BY row_number, ordinal",
            job_id,
        )

    def events(self, job_id: UUID) -> list[str]:
        """The job's events in order, without progress events, whose number depends on the machine's speed."""
        rows = self.query(
            "SELECT type FROM import_worker.events WHERE job_id = %s AND type <> 'solstice.import.progress'"
            " ORDER BY id",
            job_id,
        )
        return [row["type"].removeprefix("solstice.import.") for row in rows]

    def read(self, key: str) -> str:
        """An object's text."""
        info = self.store.head(key)
        return self.store.read_range(key, info.etag, 0, info.size).decode()
