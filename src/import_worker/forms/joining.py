"""Which column of the file feeds which field of the form: joins form, mapping and header, or refuses them."""

from collections.abc import Mapping, Sequence

from import_worker.errors import FailureReason, JobFailed
from import_worker.forms.binding import Binding
from import_worker.forms.definition import FormDefinition
from import_worker.forms.field import Field
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.header_names import columns_of
from import_worker.forms.unusable import invalid_form


def bind(form: FormDefinition, mapping: HeaderMapping, headers: Sequence[str]) -> tuple[Binding, ...]:
    """Joins form, mapping and the file's headers into bindings.

    The bindings are in the form's order. Those of one field are in the order of the file's columns, after those for
    columns that the file lacks; in each row the last one that is not empty counts.

    Raises ``JobFailed``: unknown_mapped_field, duplicate_header, mapped_header_missing,
    required_field_not_mapped, invalid_form_definition (a field that a header feeds is defective). No retry helps.
    """
    columns = columns_of(mapping, headers)
    _refuse_headers(form, mapping, columns)
    if mapping.entries and not any(columns.values()):
        names = ", ".join(map(repr, list(mapping.entries)[:10]))
        raise _missing_header(f"None of the headers that the mapping names ({names}) is in the file")
    headers_of: dict[str, list[str]] = {}
    for name, entry in mapping.entries.items():
        headers_of.setdefault(entry.field, []).append(name)
    bindings: list[Binding] = []
    for field in form.fields:
        named = headers_of.get(field.key, [])
        if field.always_required and not any(columns[name] for name in named):
            _refuse_without_column(field, named)
        found = _bindings(field, mapping, {name: columns[name] for name in named}, headers)
        if found and field.key in form.defects:
            raise invalid_form(form.defects[field.key])
        bindings += found
    return tuple(bindings)


def _bindings(
    field: Field, mapping: HeaderMapping, columns: Mapping[str, tuple[int, ...]], headers: Sequence[str]
) -> list[Binding]:
    found: dict[int, Binding] = {}
    lacking = []
    # jsonb does not keep the order of a mapping's headers.
    for name in sorted(columns):
        entry = mapping.entries[name]
        for column in columns[name]:
            # Two headers of the mapping may mean one column: the exact match wins.
            if column not in found or headers[column] == name:
                found[column] = Binding(field, column, headers[column], name, entry)
        if not columns[name] and entry.fills_empty_cells:
            lacking.append(Binding(field, None, None, name, entry))
    return lacking + [found[column] for column in sorted(found)]


def _refuse_headers(form: FormDefinition, mapping: HeaderMapping, columns: Mapping[str, tuple[int, ...]]) -> None:
    keys = {field.key for field in form.fields}
    for name, entry in mapping.entries.items():
        if entry.field not in keys:
            raise JobFailed(
                FailureReason.UNKNOWN_MAPPED_FIELD,
                f"The header {name!r} is mapped to {entry.field!r}, which is not a field of the form.",
            )
        if len(columns[name]) > 1:
            raise JobFailed(
                FailureReason.DUPLICATE_HEADER,
                f"The mapped header {name!r} appears {len(columns[name])} times in the file; rename all but one.",
            )


def _refuse_without_column(field: Field, named: Sequence[str]) -> None:
    if not named:
        raise JobFailed(
            FailureReason.REQUIRED_FIELD_NOT_MAPPED,
            f"The field {field.key!r} ({field.label}) is required, and no header is mapped to it.",
        )
    names = " or ".join(map(repr, named))
    raise _missing_header(f"The field {field.key!r} ({field.label}) is required, and {names} is not in the file")


def _missing_header(what: str) -> JobFailed:
    return JobFailed(FailureReason.MAPPED_HEADER_MISSING, f"{what}; mend the mapping or the file's headers.")
