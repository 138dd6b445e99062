"""What the worker needs of the host's tables: columns by kind (contract section 4), and privileges by column.

Written from the statements in ``database/queries/``; tests import, roll back and submit with a role that has exactly
these privileges, and take each of them away once.
"""

from import_worker.targets.needs import Kind, Need
from import_worker.targets.submissions import needs as submissions

COLUMNS: dict[str, dict[str, Kind]] = {
    "organizations": {"id": Kind.UUID, "parent_org_id": Kind.UUID},
    "user": {"id": Kind.TEXT},
    "organization_members": {
        "user_id": Kind.TEXT,
        "organization_id": Kind.UUID,
        "role": Kind.TEXT,
        "status": Kind.TEXT,
    },
    "delegated_access": {
        "delegate_user_id": Kind.TEXT,
        "organization_id": Kind.UUID,
        "scope": Kind.TEXT,
        "expires_at": Kind.TIME,
        "revoked_at": Kind.TIME,
    },
    "roles": {"id": Kind.TEXT, "name": Kind.TEXT},
    "user_roles": {"user_id": Kind.TEXT, "role_id": Kind.TEXT, "expires_at": Kind.TIME},
    "forms": {"id": Kind.UUID, "organization_id": Kind.UUID, "name": Kind.TEXT, "status": Kind.TEXT},
    "form_versions": {
        "id": Kind.UUID,
        "form_id": Kind.UUID,
        "version_number": Kind.INT,
        "definition": Kind.JSONB,
        "published_at": Kind.TIME,
    },
    **submissions.COLUMNS,
    "import_jobs": {
        "id": Kind.UUID,
        "organization_id": Kind.UUID,
        "type": Kind.TEXT,
        "lane": Kind.TEXT,
        "source_file_key": Kind.TEXT,
        "source_file_hash": Kind.TEXT,
        "source_row_count": Kind.INT,
        "target_form_id": Kind.UUID,
        "mapping_template_id": Kind.UUID,
        "status": Kind.TEXT,
        "progress_checkpoint": Kind.INT,
        "stats": Kind.JSONB,
        "error_report_key": Kind.TEXT,
        "error_summary": Kind.JSONB,
        "can_rollback": Kind.BOOL,
        "rollback_before": Kind.TIME,
        "created_by": Kind.TEXT,
        "created_at": Kind.TIME,
        "started_at": Kind.TIME,
        "completed_at": Kind.TIME,
    },
    "import_mapping_templates": {
        "id": Kind.UUID,
        "organization_id": Kind.UUID,
        "target_form_id": Kind.UUID,
        "mappings": Kind.JSONB,
    },
    "import_job_errors": {
        "id": Kind.UUID,
        "job_id": Kind.UUID,
        "row_number": Kind.INT,
        "field_key": Kind.TEXT,
        "error_type": Kind.TEXT,
        "error_message": Kind.TEXT,
        "raw_value": Kind.TEXT,
        "created_at": Kind.TIME,
    },
    "audit_logs": {
        "id": Kind.ID,
        "occurred_at": Kind.TIME,
        "actor_user_id": Kind.TEXT,
        "actor_org_id": Kind.ID,
        "actor_ip": Kind.ADDRESS,
        "actor_user_agent": Kind.TEXT,
        "action": Kind.TEXT,
        "action_category": Kind.TEXT,
        "target_type": Kind.TEXT,
        "target_id": Kind.ID,
        "target_org_id": Kind.ID,
        "changes": Kind.JSONB,
        "metadata": Kind.JSONB,
        "request_id": Kind.TEXT,
        "prev_hash": Kind.TEXT,
        "entry_hash": Kind.TEXT,
        "created_at": Kind.TIME,
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
