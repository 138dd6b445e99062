"""Files that form submissions refer to: objects under the form's prefix, and the cells that describe them."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tests.support.host import Host

FILE_FORM: dict[str, Any] = {
    "fields": [
        {"key": "name", "type": "text", "label": "Name", "required": True},
        {"key": "report", "type": "file", "label": "Report"},
        {"key": "photo", "type": "file", "label": "Photo"},
    ]
}
MAPPING = {"name": "name", "report": "report", "photo": "photo"}


def store_file(host: Host, form_id: UUID, name: str, content: bytes = b"%PDF") -> str:
    """Puts an object under the form's prefix; its key."""
    key = f"forms/{form_id}/{name}"
    host.store.put(key, [content])
    return key


def describe(key: str | None, **changes: Any) -> str:
    """A cell that describes a file. A change to None takes a member out."""
    name = "" if key is None else key.rsplit("/", 1)[-1]
    members = {"fileName": name, "mimeType": "application/pdf", "sizeBytes": 4, "storageKey": key} | changes
    return json.dumps({member: value for member, value in members.items() if value is not None})


def table(rows: Sequence[Sequence[str]], header: Sequence[str] = ("name", "report", "photo")) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def file_rows(host: Host, job_id: UUID) -> list[dict[str, Any]]:
    """The rows of submission_files of a job's submissions, in order of rows and fields, without ids and times."""
    return host.query(
        "SELECT s.payload->>'name' AS name, f.field_key, f.file_name, f.mime_type, f.size_bytes, f.checksum,"
        " f.storage_key, f.uploaded_by FROM submission_files f JOIN form_submissions s ON s.id = f.submission_id"
        " WHERE s.import_job_id = %s ORDER BY s.id, f.field_key",
        job_id,
    )
