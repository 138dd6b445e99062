"""What the submissions of a job have in common. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from import_worker.targets.submissions.ids import RowIds


@dataclass(frozen=True)
class SubmissionKeys:
    """What every submission of a job has in common."""

    job_id: UUID
    job_created_at: datetime
    form_id: UUID
    form_version_id: UUID
    organization_id: UUID
    submitter_id: str
    file_fields: tuple[str, ...] = ()
    """Keys of the mapped fields of type file."""

    @property
    def parents(self) -> dict[str, str]:
        """The columns that may refer to rows of other tables, with the values that all submissions have."""
        return {
            "form_id": str(self.form_id),
            "form_version_id": str(self.form_version_id),
            "organization_id": str(self.organization_id),
            "import_job_id": str(self.job_id),
            "submitter_id": self.submitter_id,
        }

    @property
    def ids(self) -> RowIds:
        return RowIds.of(self.job_id, self.job_created_at)

    def file_ids(self, field_key: str) -> RowIds:
        return RowIds.of(self.job_id, self.job_created_at, field_key)
