"""Shared by the tests of forms: one field, a list of cells, and what becomes of them."""

from collections.abc import Callable, Sequence

import polars as pl
import pytest

from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.joining import bind
from import_worker.forms.known import KnownValues
from import_worker.forms.validator import Validated, Validator

Run = Callable[..., Validated]


def validated(
    fields: Sequence[dict[str, object]],
    rows: Sequence[Sequence[str]],
    mapping: dict[str, object] | None = None,
    known: KnownValues | None = None,
) -> Validated:
    """Validate ``rows`` whose columns are headed by the fields' keys, each mapped to its field unless told else."""
    form = FormDefinition.parse({"fields": list(fields)})
    headers = [field.key for field in form.fields]
    bindings = bind(
        form, HeaderMapping.parse(mapping if mapping is not None else dict(zip(headers, headers, strict=True))), headers
    )
    columns = {f"c{n}": pl.Series([row[n] for row in rows], dtype=pl.String) for n in range(len(headers))}
    frame = pl.DataFrame({"row": pl.Series(range(1, len(rows) + 1), dtype=pl.Int64), **columns})
    return Validator(form, bindings).validate(frame, known)


@pytest.fixture
def run() -> Run:
    return validated


@pytest.fixture
def read_cell() -> Callable[..., str]:
    """The payload's value of one cell (JSON text, ``missing``), or its error as ``type: message``."""

    def read(cell: str, field: dict[str, object], target: dict[str, object] | None = None) -> str:
        mapping: dict[str, object] = {"f": {"field": "f", **(target or {})}}
        result = validated([{"key": "f", **field}], [[cell]], mapping)
        if len(result.errors):
            return "; ".join(
                f"{kind}: {text}" for kind, text in result.errors.select("error_type", "error_message").rows()
            )
        payload: str = result.payloads["payload"].item()
        return payload.removeprefix('{"f":').removesuffix("}") if payload != "{}" else "missing"

    return read
