"""Showing, at submit, what the file was found to be and which header will feed which field. The plan decides again,
from the stored file."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from import_worker.database.connection import Connection, transaction
from import_worker.database.host import get_published_version
from import_worker.database.jobs import get_worker_job, require_job
from import_worker.errors import JobFailed
from import_worker.forms.definition import FormDefinition
from import_worker.forms.mapping import header_counter
from import_worker.forms.matching import match
from import_worker.options import JobOptions
from import_worker.planning import compile_mapping, find_mapping
from import_worker.sources.beginning import read_beginning

_BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Preview:
    """``format`` is a SourceFormat as JSON; ``mapping`` is header to field key (None: ignored), in the file's order.

    ``problem`` says why the import will fail, where the file's beginning shows it already.
    """

    format: dict[str, Any] | None = None
    mapping: dict[str, str | None] = field(default_factory=dict)
    problem: str | None = None


def preview_job(connection: Connection, job_id: UUID, file: Path) -> Preview:
    """Of a job just submitted, from the file that it was made of."""
    with transaction(connection):
        job = require_job(connection, job_id)
        own = get_worker_job(connection, job_id)
        version = None if job.target_form_id is None else get_published_version(connection, job.target_form_id)
        try:
            given = None if own is None else find_mapping(connection, job, own)
        except JobFailed as error:
            return Preview(problem=str(error))
    if own is None or version is None:
        return Preview(problem="The form is not published; publish it before the import.")
    try:
        form, options = FormDefinition.parse(version.definition), JobOptions.parse(own.options)
        found, header = read_beginning(_blocks(file), options, recognised=header_counter(form, given))
    except JobFailed as error:
        return Preview(problem=str(error))
    try:
        mapping = compile_mapping(form, given, header, options)
    except JobFailed as error:
        return Preview(found.to_json(), dict.fromkeys(header), str(error))
    return Preview(found.to_json(), dict(match(form, mapping, header).by_header))


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while block := source.read(_BLOCK_BYTES):
            yield block
