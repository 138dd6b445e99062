"""The plan of a job: everything that its chunks need, pinned when it is made, so that no later change matters. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self
from uuid import UUID

from import_worker.errors import JobRefused


def normalized_key(job_id: UUID, attempt: int) -> str:
    """Key of the normalised text that an attempt makes of a file that cannot be cut as it is."""
    return f"imports/{job_id}/normalized-{attempt}.csv"


@dataclass(frozen=True)
class JobPlan:
    """The document in ``import_worker.jobs.plan``.

    ``etag`` names the version of the source that was hashed; ``definition`` and ``mapping`` are JSON documents;
    ``header_record`` is the text of the header, newline included. ``format`` is what the file was found to be
    (SourceFormat). ``normalized`` is the object that chunks are cut from where the source itself cannot be cut:
    ``key``, ``etag`` and ``size``. ``file_fields`` are the keys of the mapped fields of type file. ``job_created_at``
    is the time from which the ids of the rows are computed (ISO 8601); the host's column may be changed under a job, as
    by a migration to another time zone. ``given`` is what a person gave (``mapping``), kept to see whether it has
    changed since; None in plans of earlier versions."""

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

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Also of a plan of the version before. Raises JobRefused for that of a later one, which may ask for what this
        version cannot do."""
        unknown = document.keys() - {known.name for known in fields(cls)}
        if unknown:
            raise JobRefused(
                "The job was planned by a later version of import-worker; run it with that one"
                f" (unknown in the plan: {', '.join(sorted(unknown))})."
            )
        return cls(**document)

    def to_json(self) -> dict[str, Any]:
        """Without ``file_fields`` where there are none, so that workers of the version before take the plan as well."""
        document = asdict(self)
        if not self.file_fields:
            del document["file_fields"]
        return document

    @property
    def read_key(self) -> str:
        """Key of the object from which chunks are read."""
        return self.source_key if self.normalized is None else str(self.normalized["key"])

    @property
    def read_etag(self) -> str:
        return self.etag if self.normalized is None else str(self.normalized["etag"])
