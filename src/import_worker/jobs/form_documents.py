"""Reading forms and mappings that a person submits: JSON files, checked when they are read."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from import_worker.errors import JobFailed, UsageError
from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping


@dataclass(frozen=True)
class FormFile:
    """A form to be published under ``name``; ``definition`` is its JSON, which FormDefinition has parsed."""

    name: str
    definition: dict[str, Any]


def read_form(path: Path) -> FormFile:
    """The form in a JSON file. Raises UsageError."""
    document = _read_json(path, "form")
    # A form as the host exports it wraps the definition.
    if isinstance(document, dict) and "fields" not in document and isinstance(document.get("definition"), dict):
        document = document["definition"]
    try:
        FormDefinition.parse(document)
    except JobFailed as error:
        raise UsageError(f"The form in {path} cannot be used: {error}") from None
    assert isinstance(document, dict)  # parse takes nothing else
    return FormFile(path.stem, document)


def read_mapping(path: Path) -> dict[str, Any]:
    """The mapping in a JSON file, as a document. Raises UsageError."""
    document = _read_json(path, "mapping")
    try:
        HeaderMapping.parse(document)
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
    except RecursionError:
        raise UsageError(f"The {what} file {path} is nested too deeply.") from None
