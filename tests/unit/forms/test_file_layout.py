"""Descriptions of files that are written alike, read a column at a time."""

import json
from typing import Any

import polars as pl
import pytest

from import_worker.forms.types.file import FILE_SCHEMA
from import_worker.forms.types.file_layout import read_alike

EXAMPLE: dict[str, Any] = {
    "fileName": "a.pdf",
    "mimeType": "application/pdf",
    "sizeBytes": 10,
    "storageKey": "forms/1/a.pdf",
    "uploaded": True,
}


def read(*cells: str, example: dict[str, Any] = EXAMPLE) -> pl.DataFrame | None:
    return read_alike(pl.Series(cells, dtype=pl.String), example)


def test_cells_that_are_written_alike_are_read() -> None:
    spaced = '{ "fileName" : "b c.pdf",\n"mimeType":"x/y", "sizeBytes":0, "storageKey":"k", "uploaded": false }'
    files = read(json.dumps(EXAMPLE), spaced)
    assert files is not None
    assert dict(files.schema) == FILE_SCHEMA
    assert files.select("file_name", "mime_type", "size_bytes", "checksum", "storage_key").rows() == [
        ("a.pdf", "application/pdf", 10, "", "forms/1/a.pdf"),
        ("b c.pdf", "x/y", 0, "", "k"),
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"fileName": 'a"b.pdf'},  # an escape is not plain
        {"fileName": " "},
        {"sizeBytes": -1},
        {"sizeBytes": 10**15},
        {"sizeBytes": "10"},
        {"uploaded": None},
        {"more": 1},
        {"storageKey": "a\\b"},
    ],
)
def test_a_cell_that_is_not_is_left(changed: dict[str, Any]) -> None:
    files = read(json.dumps(EXAMPLE), json.dumps(EXAMPLE | changed))
    assert files is not None
    assert files["storage_key"].to_list() == ["forms/1/a.pdf", None]
    assert all(value is None for value in files.row(1))


@pytest.mark.parametrize(
    "changed",
    [{"sizeBytes": None}, {"storageKey": ""}, {"fileName": None}, {"owner": {"id": 1}}, {"a b": 1}, {"size": 2.5}],
)
def test_an_example_that_is_not_plain_shows_nothing(changed: dict[str, Any]) -> None:
    assert read(json.dumps(EXAMPLE), example=EXAMPLE | changed) is None


def test_other_members_may_name_size_and_key() -> None:
    example = {"size": 5, "mimeType": "x/y", "artifactKey": "k", "fileName": "f", "checksum": "abc"}
    files = read(json.dumps(example), example=example)
    assert files is not None
    assert files.select("size_bytes", "storage_key", "checksum").rows() == [(5, "k", "abc")]
