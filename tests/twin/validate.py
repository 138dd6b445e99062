"""A table against a form, one row after the other."""

import json
from typing import Any, NamedTuple

from .cells import Stored, has_content, is_filled, read_cell
from .conditions import holds
from .decimals import Digits
from .files import StoredFile, without_queries
from .markup import shows_nothing
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
    """A column from which a field's cells come; one that the file lacks has no position and no header."""

    position: int | None
    header: str | None
    options: dict[str, Any]

    def cell(self, cells: list[str]) -> str:
        return "" if self.position is None else cells[self.position]


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


def _bindings(mapping: dict[str, Any], headers: list[str]) -> dict[str, list[Binding]]:
    """By field, in the order in which they count: columns that the file lacks, then its own."""
    bindings: dict[str, list[Binding]] = {}
    for wanted in sorted(mapping):
        target = mapping[wanted]
        options = target if isinstance(target, dict) else {"field": target}
        if not options.get("field"):
            continue
        position = _find_header(wanted, headers)
        binding = Binding(position, None if position is None else headers[position], options)
        others = bindings.setdefault(options["field"], [])
        twice = [other for other in others if position is not None and other.position == position]
        if twice and wanted != binding.header:
            continue
        others[:] = [other for other in others if other not in twice] + [binding]
    for of_field in bindings.values():
        of_field.sort(key=lambda binding: -1 if binding.position is None else binding.position)
    return bindings


def _find_header(wanted: str, headers: list[str]) -> int | None:
    if wanted in headers:
        return headers.index(wanted)
    same = (index for index, header in enumerate(headers) if same_ignoring_case(trim(header), trim(wanted)))
    return next(same, None)


def _counting(bindings: list[Binding], cells: list[str]) -> Binding:
    """Of a field's columns the last that is not empty; else the last that has something for an empty cell; else the
    last."""
    filled = [binding for binding in bindings if is_filled(binding.options, binding.cell(cells))]
    supplied = [binding for binding in bindings if has_content(binding.options, binding.cell(cells))]
    return (filled or supplied or bindings)[-1]


def _validate_row(
    fields: list[dict[str, Any]], bindings: dict[str, list[Binding]], number: int, cells: list[str]
) -> tuple[str, list[RowError]]:
    types = {field["key"]: field.get("type") for field in fields}
    stored: dict[str, Stored] = {}
    failures: dict[str, TypeFailure] = {}
    counting: dict[str, Binding] = {}
    for field in fields:
        key = field["key"]
        stored[key] = None
        if key in bindings:
            binding = counting[key] = _counting(bindings[key], cells)
            value = read_cell(field, binding.options, binding.cell(cells))
            if isinstance(value, TypeFailure):
                failures[key] = value
            else:
                stored[key] = value

    errors: list[RowError] = []
    for field in fields:
        key = field["key"]
        source = counting.get(key)
        cell = "" if source is None else source.cell(cells)
        found = [failures[key]] if key in failures else _failures(field, types, stored)
        errors.extend(
            RowError(
                number,
                key,
                failure.error_type,
                failure.message,
                _raw_value(field, cell),
                None if source is None else source.header,
            )
            for failure in found
        )
    return _payload(stored), errors


def _failures(field: dict[str, Any], types: dict[str, Any], stored: dict[str, Stored]) -> list[TypeFailure]:
    """Required and rules, for a field whose type did not fail."""
    conditional = field.get("conditional")
    if conditional is not None and not holds(conditional, types, stored):
        return []
    value = stored[field["key"]]
    if field.get("required") and _is_missing(field, value):
        return [TypeFailure("required", "Missing required field")]
    if value is None:
        return []
    return [TypeFailure("validation", message) for message in broken_rules(field, value)]


def _is_missing(field: dict[str, Any], value: Stored) -> bool:
    if field.get("type") == "rich_text" and isinstance(value, str):
        return shows_nothing(value)
    return value is None or value is False


def _raw_value(field: dict[str, Any], cell: str) -> str:
    if field.get("dataClassification") == "sensitive" and not is_empty(cell):
        return "***"
    if field.get("type") == "file":
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
