"""What submissions require of the host's tables: kinds of columns (contract section 4), and privileges."""

from collections.abc import Mapping

from import_worker.targets.needs import ColumnKind, Need
from import_worker.targets.submissions.files import FILE_COLUMNS
from import_worker.targets.submissions.rows import SUBMISSION_COLUMNS, VERSION_COLUMNS

COLUMNS: Mapping[str, dict[str, ColumnKind]] = {
    "form_submissions": {
        "id": ColumnKind.UUID,
        "form_id": ColumnKind.UUID,
        "form_version_id": ColumnKind.UUID,
        "organization_id": ColumnKind.UUID,
        "import_job_id": ColumnKind.UUID,
        "submitter_id": ColumnKind.TEXT,
        "status": ColumnKind.TEXT,
        "payload": ColumnKind.JSONB,
        "completeness_score": ColumnKind.INT,
        "missing_fields": ColumnKind.JSONB,
        "validation_errors": ColumnKind.JSONB,
        "reviewed_at": ColumnKind.TIME,
        "submitted_at": ColumnKind.TIME,
        "created_at": ColumnKind.TIME,
        "updated_at": ColumnKind.TIME,
    },
    "form_submission_versions": {
        "id": ColumnKind.UUID,
        "submission_id": ColumnKind.UUID,
        "version_number": ColumnKind.INT,
        "payload_snapshot": ColumnKind.JSONB,
        "changed_by": ColumnKind.TEXT,
        "change_reason": ColumnKind.TEXT,
        "created_at": ColumnKind.TIME,
    },
    "submission_files": {
        "id": ColumnKind.UUID,
        "submission_id": ColumnKind.UUID,
        "field_key": ColumnKind.TEXT,
        "file_name": ColumnKind.TEXT,
        "mime_type": ColumnKind.TEXT,
        "size_bytes": ColumnKind.INT,
        "checksum": ColumnKind.TEXT,
        "storage_key": ColumnKind.TEXT,
        "uploaded_by": ColumnKind.TEXT,
        "created_at": ColumnKind.TIME,
    },
}
"""The columns that are read or written, by table; other columns do not matter."""

NEEDS = (
    Need("form_submissions", "SELECT"),  # on the whole table, because xmin cannot be granted by itself
    Need("form_submissions", "INSERT", SUBMISSION_COLUMNS),
    Need("form_submissions", "DELETE"),
    Need("form_submission_versions", "SELECT", ("id", "submission_id", "version_number", "payload_snapshot")),
    Need("form_submission_versions", "INSERT", VERSION_COLUMNS),
    Need("form_submission_versions", "DELETE"),
    Need("submission_files", "SELECT", ("id", "submission_id", "field_key")),
    Need("submission_files", "INSERT", FILE_COLUMNS),
    Need("submission_files", "DELETE"),
)
"""The privileges that loading, counting and removing rows need."""
