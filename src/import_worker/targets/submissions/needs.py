"""What submissions need of the host's tables: columns by kind (contract section 4), and privileges by column."""

from collections.abc import Mapping

from import_worker.targets.needs import Kind, Need
from import_worker.targets.submissions.files import FILE_COLUMNS
from import_worker.targets.submissions.rows import SUBMISSION_COLUMNS, VERSION_COLUMNS

COLUMNS: Mapping[str, dict[str, Kind]] = {
    "form_submissions": {
        "id": Kind.UUID,
        "form_id": Kind.UUID,
        "form_version_id": Kind.UUID,
        "organization_id": Kind.UUID,
        "import_job_id": Kind.UUID,
        "submitter_id": Kind.TEXT,
        "status": Kind.TEXT,
        "payload": Kind.JSONB,
        "completeness_score": Kind.INT,
        "missing_fields": Kind.JSONB,
        "validation_errors": Kind.JSONB,
        "reviewed_at": Kind.TIME,
        "submitted_at": Kind.TIME,
        "created_at": Kind.TIME,
        "updated_at": Kind.TIME,
    },
    "form_submission_versions": {
        "id": Kind.UUID,
        "submission_id": Kind.UUID,
        "version_number": Kind.INT,
        "payload_snapshot": Kind.JSONB,
        "changed_by": Kind.TEXT,
        "change_reason": Kind.TEXT,
        "created_at": Kind.TIME,
    },
    "submission_files": {
        "id": Kind.UUID,
        "submission_id": Kind.UUID,
        "field_key": Kind.TEXT,
        "file_name": Kind.TEXT,
        "mime_type": Kind.TEXT,
        "size_bytes": Kind.INT,
        "checksum": Kind.TEXT,
        "storage_key": Kind.TEXT,
        "uploaded_by": Kind.TEXT,
        "created_at": Kind.TIME,
    },
}
"""Columns that are read or written, by table; others may be as the host likes."""

NEEDS = (
    Need("form_submissions", "SELECT"),  # the whole table: xmin is nobody's column
    Need("form_submissions", "INSERT", SUBMISSION_COLUMNS),
    Need("form_submissions", "DELETE"),
    Need("form_submission_versions", "SELECT", ("id", "submission_id", "version_number", "payload_snapshot")),
    Need("form_submission_versions", "INSERT", VERSION_COLUMNS),
    Need("form_submission_versions", "DELETE"),
    Need("submission_files", "SELECT", ("id", "submission_id", "field_key")),
    Need("submission_files", "INSERT", FILE_COLUMNS),
    Need("submission_files", "DELETE"),
)
"""What loading, counting and taking out need."""
