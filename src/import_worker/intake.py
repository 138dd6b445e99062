"""Taking a file in: it is stored, its form and mapping are settled, and the job is created."""

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from import_worker.database.connection import Connection, transaction
from import_worker.database.jobs import ensure_worker_job
from import_worker.database.queries import query
from import_worker.errors import JobFailed, UsageError
from import_worker.forms.definition import FormDefinition
from import_worker.forms.mapping import Mapping as FieldMapping
from import_worker.objects import ObjectStore
from import_worker.options import JobOptions
from import_worker.sources.container import SIGNATURE_BYTES, Container, detect_container

_BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Request:
    """What a person wants imported. Exactly one of ``form_file`` and ``form_id`` is given."""

    file: Path
    organization_id: UUID
    user_id: str
    form_file: Path | None
    form_id: UUID | None
    mapping_file: Path | None
    mapping_template_id: UUID | None
    options: JobOptions


def submit_file(connection: Connection, store: ObjectStore, request: Request) -> UUID:
    """Stores the file and creates the job; returns its id. Everything that can be checked without reading rows is
    checked first.

    Raises UsageError, ObjectStoreUnavailable or DatabaseUnavailable; in each case there is no job.
    """
    if not request.file.is_file():
        raise UsageError(f"There is no file {request.file}; name the file to import.")
    definition = None if request.form_file is None else read_definition(request.form_file)
    mapping = None if request.mapping_file is None else _read_mapping(request.mapping_file)
    job_id = uuid4()
    key = f"imports/{request.organization_id}/{job_id}/{_safe_name(request.file.name)}"
    digest = _sha256(request.file)
    store.put_file(key, request.file)
    with transaction(connection):
        form_id = request.form_id
        if definition is not None and request.form_file is not None:
            form_id = publish_form(
                connection, request.organization_id, request.user_id, request.form_file.stem, definition
            )
        connection.execute(
            query("create_job"),
            {
                "job_id": job_id,
                "organization_id": request.organization_id,
                "type": _type(request.file),
                "source_file_key": key,
                "source_file_hash": digest,
                "form_id": form_id,
                "mapping_template_id": request.mapping_template_id,
                "user_id": request.user_id,
            },
        )
        ensure_worker_job(connection, job_id, request.options.changed(), mapping)
    return job_id


def read_definition(path: Path) -> dict[str, Any]:
    """A form definition from a JSON file, checked. Raises UsageError."""
    document = _read_json(path, "form")
    # A form as the host exports it wraps the definition.
    if isinstance(document, dict) and "fields" not in document and isinstance(document.get("definition"), dict):
        document = document["definition"]
    try:
        FormDefinition.parse(document)
    except JobFailed as error:
        raise UsageError(f"The form in {path} cannot be used: {error}") from None
    assert isinstance(document, dict)  # parse takes nothing else
    return document


def publish_form(
    connection: Connection, organization_id: UUID, user_id: str, name: str, definition: Mapping[str, Any]
) -> UUID:
    """The organisation's form of that name with this definition as its newest published version, made where it
    differs."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "form"
    row = connection.execute(
        "SELECT id FROM forms WHERE organization_id = %s AND slug = %s ORDER BY created_at LIMIT 1 FOR UPDATE",
        [organization_id, slug],
    ).fetchone()
    if row is None:
        form_id = uuid4()
        connection.execute(
            "INSERT INTO forms (id, organization_id, name, slug, status, created_by, created_at, updated_at)"
            " VALUES (%s, %s, %s, %s, 'published', %s, now(), now())",
            [form_id, organization_id, name, slug, user_id],
        )
        version = 1
    else:
        form_id = row[0]
        newest = connection.execute(
            "SELECT version_number, definition = %s, published_at IS NOT NULL FROM form_versions WHERE form_id = %s"
            " ORDER BY version_number DESC LIMIT 1",
            [Jsonb(dict(definition)), form_id],
        ).fetchone()
        if newest is not None and newest[1] and newest[2]:
            return UUID(str(form_id))
        version = 1 if newest is None else newest[0] + 1
    connection.execute(
        "INSERT INTO form_versions (id, form_id, version_number, definition, published_at, published_by, created_at)"
        " VALUES (%s, %s, %s, %s, now(), %s, now())",
        [uuid4(), form_id, version, Jsonb(dict(definition)), user_id],
    )
    return UUID(str(form_id))


def _read_mapping(path: Path) -> dict[str, Any]:
    document = _read_json(path, "mapping")
    try:
        FieldMapping.parse(document)
    except JobFailed as error:
        raise UsageError(f"The mapping in {path} cannot be used: {error}") from None
    assert isinstance(document, dict)  # parse takes nothing else
    return document


def _read_json(path: Path, what: str) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise UsageError(f"There is no {what} file {path}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The {what} file {path} cannot be read: {error}.") from None
    except json.JSONDecodeError as error:
        raise UsageError(f"The {what} file {path} is not JSON: {error}.") from None


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _type(path: Path) -> str:
    """The job's type, which is a hint: the content decides."""
    with path.open("rb") as file, suppress(JobFailed):  # of a file that is no table, the import tells
        if detect_container(file.read(SIGNATURE_BYTES)) is Container.WORKBOOK:
            return "excel"
    return "csv"


def _safe_name(name: str) -> str:
    """The file's name without what object keys or shells would trip over; never empty, never `..`."""
    return re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII).strip("._") or "file"
