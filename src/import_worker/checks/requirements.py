"""What the worker needs of the host's tables: columns by kind (contract section 4), and privileges by column.

Written from the statements in ``database/queries/``; tests import, roll back and submit with a role that has exactly
these privileges, and take each of them away once.
"""

from dataclasses import dataclass

from import_worker.targets.submissions.files import FILE_COLUMNS
from import_worker.targets.submissions.rows import SUBMISSION_COLUMNS, VERSION_COLUMNS

# Kinds of types. An enum is as good as text where the host made one; ids of others may be uuid or text.
UUID, TEXT, INT, JSONB, TIME, BOOL, ID = "uuid", "text", "integer", "jsonb", "timestamptz", "boolean", "uuid or text"
ADDRESS = "inet or text"


@dataclass(frozen=True)
class Need:
    """One privilege on some columns of a table, or on all of it where none is named."""

    table: str
    privilege: str
    columns: tuple[str, ...] = ()


COLUMNS: dict[str, dict[str, str]] = {
    "organizations": {"id": UUID, "parent_org_id": UUID},
    "user": {"id": TEXT},
    "organization_members": {"user_id": TEXT, "organization_id": UUID, "role": TEXT, "status": TEXT},
    "delegated_access": {
        "delegate_user_id": TEXT,
        "organization_id": UUID,
        "scope": TEXT,
        "expires_at": TIME,
        "revoked_at": TIME,
    },
    "roles": {"id": TEXT, "name": TEXT},
    "user_roles": {"user_id": TEXT, "role_id": TEXT, "expires_at": TIME},
    "forms": {"id": UUID, "organization_id": UUID, "name": TEXT, "status": TEXT},
    "form_versions": {
        "id": UUID,
        "form_id": UUID,
        "version_number": INT,
        "definition": JSONB,
        "published_at": TIME,
    },
    "form_submissions": {
        "id": UUID,
        "form_id": UUID,
        "form_version_id": UUID,
        "organization_id": UUID,
        "import_job_id": UUID,
        "submitter_id": TEXT,
        "status": TEXT,
        "payload": JSONB,
        "completeness_score": INT,
        "missing_fields": JSONB,
        "validation_errors": JSONB,
        "reviewed_at": TIME,
        "submitted_at": TIME,
        "created_at": TIME,
        "updated_at": TIME,
    },
    "form_submission_versions": {
        "id": UUID,
        "submission_id": UUID,
        "version_number": INT,
        "payload_snapshot": JSONB,
        "changed_by": TEXT,
        "change_reason": TEXT,
        "created_at": TIME,
    },
    "submission_files": {
        "id": UUID,
        "submission_id": UUID,
        "field_key": TEXT,
        "file_name": TEXT,
        "mime_type": TEXT,
        "size_bytes": INT,
        "checksum": TEXT,
        "storage_key": TEXT,
        "uploaded_by": TEXT,
        "created_at": TIME,
    },
    "import_jobs": {
        "id": UUID,
        "organization_id": UUID,
        "type": TEXT,
        "lane": TEXT,
        "source_file_key": TEXT,
        "source_file_hash": TEXT,
        "source_row_count": INT,
        "target_form_id": UUID,
        "mapping_template_id": UUID,
        "status": TEXT,
        "progress_checkpoint": INT,
        "stats": JSONB,
        "error_report_key": TEXT,
        "error_summary": JSONB,
        "can_rollback": BOOL,
        "rollback_before": TIME,
        "created_by": TEXT,
        "created_at": TIME,
        "started_at": TIME,
        "completed_at": TIME,
    },
    "import_mapping_templates": {"id": UUID, "organization_id": UUID, "target_form_id": UUID, "mappings": JSONB},
    "import_job_errors": {
        "id": UUID,
        "job_id": UUID,
        "row_number": INT,
        "field_key": TEXT,
        "error_type": TEXT,
        "error_message": TEXT,
        "raw_value": TEXT,
        "created_at": TIME,
    },
    "audit_logs": {
        "id": ID,
        "occurred_at": TIME,
        "actor_user_id": TEXT,
        "actor_org_id": ID,
        "actor_ip": ADDRESS,
        "actor_user_agent": TEXT,
        "action": TEXT,
        "action_category": TEXT,
        "target_type": TEXT,
        "target_id": ID,
        "target_org_id": ID,
        "changes": JSONB,
        "metadata": JSONB,
        "request_id": TEXT,
        "prev_hash": TEXT,
        "entry_hash": TEXT,
        "created_at": TIME,
    },
}
"""Columns that the worker reads or writes, by table; others may be as the host likes."""

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
    Need("form_submissions", "SELECT"),  # the whole table: xmin is nobody's column
    Need("form_submissions", "INSERT", SUBMISSION_COLUMNS),
    Need("form_submissions", "DELETE"),
    Need("form_submission_versions", "SELECT", ("id", "submission_id", "version_number", "payload_snapshot")),
    Need("form_submission_versions", "INSERT", VERSION_COLUMNS),
    Need("form_submission_versions", "DELETE"),
    Need("submission_files", "SELECT", ("id", "submission_id", "field_key")),
    Need("submission_files", "INSERT", FILE_COLUMNS),
    Need("submission_files", "DELETE"),
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

OWN_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE")
"""On every table of the worker's own schema."""
