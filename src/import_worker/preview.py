"""Showing, at submit, which header will feed which field. The plan decides again, from the stored file."""

from pathlib import Path
from uuid import UUID

from import_worker.database.connection import Connection, transaction
from import_worker.database.host import get_published_version
from import_worker.database.jobs import get_worker_job, require_job
from import_worker.errors import JobFailed
from import_worker.forms.definition import FormDefinition
from import_worker.forms.mapping import Mapping, match_headers
from import_worker.options import JobOptions
from import_worker.planning import find_mapping
from import_worker.sources.detect import SAMPLE_BYTES
from import_worker.sources.plan import read_sample_header


def preview_mapping(connection: Connection, job_id: UUID, file: Path) -> dict[str, str | None]:
    """Header to field key (None: ignored), in the file's order; empty when the job will fail anyway, which `run` then
    tells."""
    with transaction(connection):
        job = require_job(connection, job_id)
        own = get_worker_job(connection, job_id)
        version = None if job.target_form_id is None else get_published_version(connection, job.target_form_id)
        if own is None or version is None:
            return {}
        with file.open("rb") as source:
            sample = source.read(SAMPLE_BYTES)
        try:
            headers = read_sample_header(sample, JobOptions.parse(own.options))
            given = find_mapping(connection, job, own)
            mapping = match_headers(headers, FormDefinition.parse(version.definition)) if given is None else given
        except JobFailed:
            return {}
    return {header: _field(mapping, header) for header in headers}


def _field(mapping: Mapping, header: str) -> str | None:
    wanted = header.strip().lower()
    for name, target in mapping.entries.items():
        if name.strip().lower() == wanted:
            return target.field
    return None
