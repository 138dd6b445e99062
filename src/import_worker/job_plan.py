"""The plan of a job: everything its chunks need, pinned when it is made, so that nothing that changes later matters."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from import_worker.database.submissions import Target
from import_worker.forms.definition import FormDefinition
from import_worker.forms.mapping import Binding, Mapping, bind
from import_worker.forms.validator import Validator
from import_worker.options import JobOptions
from import_worker.sources.dialect import Dialect
from import_worker.sources.read import ChunkReader


@dataclass(frozen=True)
class JobPlan:
    """Stored as JSON in ``import_worker.jobs.plan``.

    ``etag`` names the version of the source that was hashed; ``definition`` and ``mapping`` are JSON documents;
    ``header_record`` is the header as it stands in the file, newline included.
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

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def bindings(self) -> tuple[Binding, ...]:
        form = FormDefinition.parse(self.definition)
        return bind(form, Mapping.parse(self.mapping), self.header)

    def validator(self) -> Validator:
        return Validator(FormDefinition.parse(self.definition), self.bindings())

    def reader(self, columns: tuple[int, ...]) -> ChunkReader:
        options = JobOptions.model_validate(self.options)
        return ChunkReader(Dialect(**self.dialect), tuple(self.header), columns, pad=options.ragged_rows == "pad")

    def target(self, job_id: UUID, job_created_at: datetime, organization_id: UUID) -> Target:
        return Target(
            job_id=job_id,
            job_created_at=job_created_at,
            form_id=UUID(self.form_id),
            form_version_id=UUID(self.form_version_id),
            organization_id=organization_id,
            submitter_id=self.actor,
        )
