"""What the worker needs of the host's tables: columns by kind (contract section 4), and privileges by column.

Written from the statements in ``database/queries/``; tests import, roll back and submit with a role that has exactly
these privileges, and take each of them away once.
"""

from import_worker.targets.needs import ColumnKind, Need
from import_worker.targets.submissions import needs as submissions

COLUMNS: dict[str, dict[str, ColumnKind]] = {
    "organizations": {"id": ColumnKind.UUID, "parent_org_id": ColumnKind.UUID},
    "user": {"id": ColumnKind.TEXT},
    "organization_members": {
        "user_id": ColumnKind.TEXT,
        "organization_id": ColumnKind.UUID,
        "role": ColumnKind.TEXT,
        "status": ColumnKind.TEXT,
    },
    "delegated_access": {
        "delegate_user_id": ColumnKind.TEXT,
        "organization_id": ColumnKind.UUID,
        "scope": ColumnKind.TEXT,
        "expires_at": ColumnKind.TIME,
        "revoked_at": ColumnKind.TIME,
    },
    "roles": {"id": ColumnKind.TEXT, "name": ColumnKind.TEXT},
    "user_roles": {"user_id": ColumnKind.TEXT, "role_id": ColumnKind.TEXT, "expires_at": ColumnKind.TIME},
    "forms": {
        "id": ColumnKind.UUID,
        "organization_id": ColumnKind.UUID,
        "name": ColumnKind.TEXT,
        "status": ColumnKind.TEXT,
    },
    "form_versions": {
        "id": ColumnKind.UUID,
        "form_id": ColumnKind.UUID,
        "version_number": ColumnKind.INT,
        "definition": ColumnKind.JSONB,
        "published_at": ColumnKind.TIME,
    },
    **submissions.COLUMNS,
    "import_jobs": {
        "id": ColumnKind.UUID,
        "organization_id": ColumnKind.UUID,
        "type": ColumnKind.TEXT,
        "lane": ColumnKind.TEXT,
        "source_file_key": ColumnKind.TEXT,
        "source_file_hash": ColumnKind.TEXT,
        "source_row_count": ColumnKind.INT,
        "target_form_id": ColumnKind.UUID,
        "mapping_template_id": ColumnKind.UUID,
        "status": ColumnKind.TEXT,
        "progress_checkpoint": ColumnKind.INT,
        "stats": ColumnKind.JSONB,
        "error_report_key": ColumnKind.TEXT,
        "error_summary": ColumnKind.JSONB,
        "can_rollback": ColumnKind.BOOL,
        "rollback_before": ColumnKind.TIME,
        "created_by": ColumnKind.TEXT,
        "created_at": ColumnKind.TIME,
        "started_at": ColumnKind.TIME,
        "completed_at": ColumnKind.TIME,
    },
    "import_mapping_templates": {
        "id": ColumnKind.UUID,
        "organization_id": ColumnKind.UUID,
        "target_form_id": ColumnKind.UUID,
        "mappings": ColumnKind.JSONB,
    },
    "import_job_errors": {
        "id": ColumnKind.UUID,
        "job_id": ColumnKind.UUID,
        "row_number": ColumnKind.INT,
        "field_key": ColumnKind.TEXT,
        "error_type": ColumnKind.TEXT,
        "error_message": ColumnKind.TEXT,
        "raw_value": ColumnKind.TEXT,
        "created_at": ColumnKind.TIME,
    },
    "audit_logs": {
        "id": ColumnKind.ID,
        "occurred_at": ColumnKind.TIME,
        "actor_user_id": ColumnKind.TEXT,
        "actor_org_id": ColumnKind.ID,
        "actor_ip": ColumnKind.ADDRESS,
        "actor_user_agent": ColumnKind.TEXT,
        "action": ColumnKind.TEXT,
        "action_category": ColumnKind.TEXT,
        "target_type": ColumnKind.TEXT,
        "target_id": ColumnKind.ID,
        "target_org_id": ColumnKind.ID,
        "changes": ColumnKind.JSONB,
        "metadata": ColumnKind.JSONB,
        "request_id": ColumnKind.TEXT,
        "prev_hash": ColumnKind.TEXT,
        "entry_hash": ColumnKind.TEXT,
        "created_at": ColumnKind.TIME,
    },
}
"""Columns that the worker reads or writes, by table; the host may define others as it likes."""

_ERROR_COLUMNS = tuple(COLUMNS["import_job_errors"])
_AUDIT_COLUMNS = tuple(COLUMNS["audit_logs"])

NEEDS: tuple[Need, ...] = (
    Need("organizations", "SELECT", ("id", "parent_org_id")),
    Need("user", "SELECT", ("id",)),
    Need("organization_members", "SELECT", tuple(COLUMNS["organization_members"])),
    Need("delegated_access", "SELECT", tuple(COLUMNS["delegated_access"])),
    Need("roles", "SELECT", tuple(COLUMNS["roles"])),
    Need("user_roles", "SELECT", tuple(COLUMNS["user_roles"])),
    Need("forms", "SELECT", tuple(COLUMNS["forms"])),
    Need("form_versions", "SELECT", tuple(COLUMNS["form_versions"])),
    *submissions.NEEDS,
    Need("import_jobs", "SELECT", tuple(name for name in COLUMNS["import_jobs"] if name != "type")),
    Need(
        "import_jobs",
        "UPDATE",
        (
            *("source_row_count", "status", "progress_checkpoint", "stats", "error_report_key", "error_summary"),
            *("started_at", "completed_at", "can_rollback"),
        ),
    ),
    Need("import_mapping_templates", "SELECT", tuple(COLUMNS["import_mapping_templates"])),
    Need("import_job_errors", "SELECT", ("job_id", "raw_value")),
    Need("import_job_errors", "UPDATE", ("raw_value",)),
    Need("import_job_errors", "INSERT", _ERROR_COLUMNS),
    Need("import_job_errors", "DELETE"),
    Need("audit_logs", "SELECT", ("id", "entry_hash", "created_at")),
    Need("audit_logs", "INSERT", _AUDIT_COLUMNS),
)
"""What `run`, `cancel`, `rollback`, `status` and `reap` need."""

FILLED: dict[str, frozenset[str]] = {
    need.table: frozenset(need.columns) for need in NEEDS if need.privilege == "INSERT"
}
"""Columns that the worker fills when it inserts into a table."""

WORKER_SCHEMA_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE")
"""On every table of the worker's own schema."""
