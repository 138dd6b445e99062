"""The plan of a job: everything its chunks need, pinned when it is made, so that nothing that changes later matters."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from import_worker.forms.definition import FormDefinition
from import_worker.forms.mapping import Binding, Mapping, bind
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.validator import Validator
from import_worker.options import JobOptions
from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.read.chunk_reader import ChunkReader
from import_worker.targets.submissions.keys import SubmissionKeys


def normalized_key(job_id: UUID, attempt: int) -> str:
    """Key of the text that an attempt makes of a file that cannot be cut as it is."""
    return f"imports/{job_id}/normalized-{attempt}.csv"


@dataclass(frozen=True)
class JobPlan:
    """Stored as JSON in ``import_worker.jobs.plan``.

    ``etag`` names the version of the source that was hashed; ``definition`` and ``mapping`` are JSON documents;
    ``header_record`` is the text of the header, newline included. ``format`` is what the file was found to be
    (SourceFormat). ``normalized`` is the object that chunks are cut from where the source itself cannot be cut:
    ``key``, ``etag`` and ``size``. ``file_fields`` are the keys of the mapped fields of type file. ``job_created_at``
    is the time that the ids of the rows are made of (ISO 8601); the host's column may be changed under a job, as by a
    migration to another time zone. ``given`` is what was handed in and not found (``mapping``), to tell whether it has
    changed since; None in plans of earlier versions.
    """

    source_key: str
    etag: str
    size: int
    sha256: str
    dialect: dict[str, Any]
    header: list[str]
    header_record: str
    form_id: str
    form_version_id: str
    definition: dict[str, Any]
    mapping: dict[str, Any]
    options: dict[str, Any]
    actor: str
    rows_total: int
    format: dict[str, Any] = field(default_factory=dict)
    normalized: dict[str, Any] | None = None
    job_created_at: str | None = None
    given: dict[str, Any] | None = None
    file_fields: list[str] = field(default_factory=list)

    @property
    def read_key(self) -> str:
        """The object that chunks are read from."""
        return self.source_key if self.normalized is None else str(self.normalized["key"])

    @property
    def read_etag(self) -> str:
        return self.etag if self.normalized is None else str(self.normalized["etag"])

    def to_json(self) -> dict[str, Any]:
        """Without ``file_fields`` where there are none, so that workers of the version before take the plan as well."""
        document = asdict(self)
        if not self.file_fields:
            del document["file_fields"]
        return document

    def bindings(self) -> tuple[Binding, ...]:
        form = FormDefinition.parse(self.definition)
        return bind(form, Mapping.parse(self.mapping), self.header)

    def validator(self, place: FilePlace | None = None) -> Validator:
        """``place``: where the form's files lie; may be None where no file field is mapped."""
        return Validator(FormDefinition.parse(self.definition), self.bindings(), place)

    def reader(self, columns: tuple[int, ...]) -> ChunkReader:
        options = JobOptions.model_validate(self.options)
        return ChunkReader(Dialect(**self.dialect), tuple(self.header), columns, pad=options.ragged_rows == "pad")

    def target(self, job_id: UUID, job_created_at: datetime, organization_id: UUID) -> SubmissionKeys:
        pinned = None if self.job_created_at is None else datetime.fromisoformat(self.job_created_at)
        return SubmissionKeys(
            job_id=job_id,
            job_created_at=pinned or job_created_at,
            form_id=UUID(self.form_id),
            form_version_id=UUID(self.form_version_id),
            organization_id=organization_id,
            submitter_id=self.actor,
            file_fields=tuple(self.file_fields),
        )
