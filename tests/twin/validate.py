"""A table against a form, one row after the other."""

import json
from typing import Any, NamedTuple

from .cells import Stored, read_cell
from .conditions import holds
from .decimals import Digits
from .files import StoredFile, without_queries
from .rules import broken_rules
from .text import is_empty, same_ignoring_case, trim
from .type_failure import TypeFailure

RAW_VALUE_CHARACTERS = 1_000


class RowError(NamedTuple):
    row: int
    field_key: str
    error_type: str
    message: str
    raw_value: str
    column: str | None


class Binding(NamedTuple):
    """Where a field's cells come from."""

    position: int
    header: str
    options: dict[str, Any]


def validate_rows(
    definition: dict[str, Any], mapping: dict[str, Any], headers: list[str], rows: list[list[str]]
) -> tuple[list[tuple[int, str]], list[RowError]]:
    """The good rows' payloads as JSON text, and the errors of the bad ones; rows are numbered from 1."""
    bindings = _bindings(mapping, headers)
    payloads: list[tuple[int, str]] = []
    errors: list[RowError] = []
    for number, cells in enumerate(rows, start=1):
        payload, row_errors = _validate_row(definition["fields"], bindings, number, cells)
        if row_errors:
            errors.extend(row_errors)
        else:
            payloads.append((number, payload))
    return payloads, errors


def _bindings(mapping: dict[str, Any], headers: list[str]) -> dict[str, Binding]:
    bindings: dict[str, Binding] = {}
    for wanted, target in mapping.items():
        options = target if isinstance(target, dict) else {"field": target}
        if options.get("field"):
            position = _find_header(wanted, headers)
            bindings[options["field"]] = Binding(position, headers[position], options)
    return bindings


def _find_header(wanted: str, headers: list[str]) -> int:
    if wanted in headers:
        return headers.index(wanted)
    return next(index for index, header in enumerate(headers) if same_ignoring_case(trim(header), trim(wanted)))


def _validate_row(
    fields: list[dict[str, Any]], bindings: dict[str, Binding], number: int, cells: list[str]
) -> tuple[str, list[RowError]]:
    types = {field["key"]: field["type"] for field in fields}
    stored: dict[str, Stored] = {}
    failures: dict[str, TypeFailure] = {}
    for field in fields:
        key = field["key"]
        stored[key] = None
        if key in bindings:
            value = read_cell(field, bindings[key].options, cells[bindings[key].position])
            if isinstance(value, TypeFailure):
                failures[key] = value
            else:
                stored[key] = value

    errors: list[RowError] = []
    for field in fields:
        key = field["key"]
        binding = bindings.get(key)
        cell = "" if binding is None else cells[binding.position]
        found = [failures[key]] if key in failures else _failures(field, types, stored)
        errors.extend(
            RowError(
                number,
                key,
                failure.error_type,
                failure.message,
                _raw_value(field, cell),
                None if binding is None else binding.header,
            )
            for failure in found
        )
    return _payload(stored), errors


def _failures(field: dict[str, Any], types: dict[str, str], stored: dict[str, Stored]) -> list[TypeFailure]:
    """Required and rules, for a field whose type did not fail."""
    conditional = field.get("conditional")
    if conditional is not None:
        other = conditional["field"]
        if not holds(conditional, types[other], stored[other]):
            return []
    value = stored[field["key"]]
    if field.get("required") and (value is None or value is False):
        return [TypeFailure("required", "Missing required field")]
    if value is None:
        return []
    return [TypeFailure("validation", message) for message in broken_rules(field, value)]


def _raw_value(field: dict[str, Any], cell: str) -> str:
    if field.get("dataClassification") == "sensitive" and not is_empty(cell):
        return "***"
    if field["type"] == "file":
        cell = without_queries(cell)
    if len(cell) > RAW_VALUE_CHARACTERS:
        return cell[: RAW_VALUE_CHARACTERS - 1] + "…"
    return cell


def _payload(stored: dict[str, Stored]) -> str:
    # jsonb keeps keys by length in bytes, then by their bytes.
    keys = sorted((key for key, value in stored.items() if value is not None), key=lambda key: (len(key.encode()), key))
    members = (f"{_json(key)}:{_json(stored[key])}" for key in keys)
    return "{" + ",".join(members) + "}"


def _json(value: Stored) -> str:
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, StoredFile):
        return value.json()
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
