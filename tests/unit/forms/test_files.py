"""File fields: what a cell may say, what is stored of it, and what is wrong with it."""

import json
from collections.abc import Iterable
from typing import Any

import polars as pl
import pytest

from import_worker.errors import FailureReason, JobFailed
from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.joining import bind
from import_worker.forms.types.file import FILE_SCHEMA, FileReader, files_of
from import_worker.forms.types.file_limits import FileLimits
from import_worker.forms.types.file_place import ArtifactsAddress, FilePlace
from import_worker.forms.validator import Validated, Validator

FORM_ID = "2f1d6a0e-3c1b-4a5f-9d52-0c6b7a8e9f10"
PREFIX = f"forms/{FORM_ID}/"
NAMES = ("a.pdf", "b/é b.pdf", 'q"uote.pdf', "a..b", ".hidden", "...", "%2e")
URL = "https://artifacts.s3.ca-central-1.amazonaws.com"
SIGNATURE = "X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027"


def place(names: Iterable[str] = NAMES) -> FilePlace:
    known = list(names)
    return FilePlace(FORM_ID, ArtifactsAddress("s3://artifacts"), lambda asked: asked.is_in(known))


def described(**changes: Any) -> dict[str, Any]:
    """A description of a file; a change to None takes the member out."""
    whole = {"fileName": "a.pdf", "mimeType": "application/pdf", "sizeBytes": 118, "storageKey": f"{PREFIX}a.pdf"}
    return {name: value for name, value in (whole | changes).items() if value is not None}


def run(cells: list[str], field: dict[str, object] | None = None, target: dict[str, object] | None = None) -> Validated:
    form = FormDefinition.parse({"fields": [{"key": "f", "type": "file", **(field or {})}]})
    bindings = bind(form, HeaderMapping.parse({"F": {"field": "f", **(target or {})}}), ["F"])
    frame = pl.DataFrame({"row": range(1, len(cells) + 1), "c0": cells}, schema={"row": pl.Int64, "c0": pl.String})
    return Validator(form, bindings, place()).validate(frame)


def told(cell: object, field: dict[str, object] | None = None) -> str:
    """The stored value, or the error as ``type: message``."""
    result = run([cell if isinstance(cell, str) else json.dumps(cell)], field)
    if len(result.errors):
        assert len(result.errors) == 1
        assert result.files.is_empty()
        return ": ".join(result.errors.select("error_type", "error_message").row(0))
    payload: str = result.payloads["payload"].item()
    return payload.removeprefix('{"f":').removesuffix("}") if payload != "{}" else "missing"


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        (described(), described()),
        (described(checksum="abc"), {"checksum": "abc", **described()}),
        (described(checksum=""), described()),
        (described(sizeBytes=None, size=7), described(sizeBytes=7)),
        (described(size=7), described()),
        (described(sizeBytes=118.0), described()),
        (described(sizeBytes=0), described(sizeBytes=0)),
        (described(mimeType="Application/PDF"), described(mimeType="Application/PDF")),
        (described(storageKey=None, artifactKey=f"{PREFIX}a.pdf"), described()),
        (described(artifactKey="elsewhere", url="https://example.org"), described()),
        (described(storageKey="", url=f"{URL}/{PREFIX}a.pdf?{SIGNATURE}"), described()),
        (described(storageKey=None, signedUrl=f"{URL}/{PREFIX}a.pdf?{SIGNATURE}", url="x"), described()),
        (
            described(storageKey=None, url=f"{URL}/{PREFIX}b/%C3%A9%20b.pdf"),
            described(storageKey=f"{PREFIX}b/é b.pdf"),
        ),
        (described(storageKey=f"{PREFIX}%2e"), described(storageKey=f"{PREFIX}%2e")),
        (described(storageKey=f"{PREFIX}a..b"), described(storageKey=f"{PREFIX}a..b")),
        (described(storageKey=f"{PREFIX}.hidden"), described(storageKey=f"{PREFIX}.hidden")),
        (described(storageKey=f"{PREFIX}..."), described(storageKey=f"{PREFIX}...")),
        (
            described(fileName='q"\\é\n😀', storageKey=f'{PREFIX}q"uote.pdf'),
            described(fileName='q"\\é\n😀', storageKey=f'{PREFIX}q"uote.pdf'),
        ),
        # What may hold a URL of whatever name is not kept.
        (described(downloadUrl=f"{URL}/x?{SIGNATURE}", id=5), described()),
    ],
)
def test_a_file_is_stored_by_its_key_and_without_its_url(cell: dict[str, Any], stored: dict[str, Any]) -> None:
    assert told(cell) == json.dumps(stored, ensure_ascii=False, separators=(",", ":"))


def test_white_space_around_it_is_nothing_and_an_empty_cell_stores_nothing() -> None:
    assert told(f"\u00a0\n{json.dumps(described(), indent=2)}\t ") != "missing"
    assert told(" \u2003") == "missing"


PAYLOAD = "invalid_file_payload: Not a JSON object with fileName, mimeType and sizeBytes"
SEVERAL = "multi_file_not_supported: More than one file; the field takes one"
NO_REFERENCE = "missing_file_reference: No storageKey, artifactKey, signedUrl or url"
BAD_REFERENCE = "invalid_file_reference: Not a key or a URL of the artifacts bucket"
SIZE = "validation: The file's size is not a whole number of bytes"
KEY = f"validation: The file's key is not under {PREFIX}"
ABSENT = "validation: There is no such file in the artifacts bucket"


@pytest.mark.parametrize(
    ("cell", "error"),
    [
        ("a.pdf", PAYLOAD),
        ('"a.pdf"', PAYLOAD),
        ("null", PAYLOAD),
        ("12", PAYLOAD),
        ("{", PAYLOAD),
        ("{}", PAYLOAD),
        ('{"fileName": NaN}', PAYLOAD),
        ("[" * 100_000, PAYLOAD),
        (json.dumps(described()).replace("a.pdf", "\\ud800", 1), PAYLOAD),
        (described(fileName="a\0"), PAYLOAD),
        (described(fileName=None), PAYLOAD),
        (described(fileName=" "), PAYLOAD),
        (described(fileName=5), PAYLOAD),
        (described(mimeType=None), PAYLOAD),
        (described(mimeType=["application/pdf"]), PAYLOAD),
        (described(sizeBytes=None), PAYLOAD),
        (described(checksum=5), PAYLOAD),
        ([described()], SEVERAL),
        ([], SEVERAL),
        ([described(), described()], SEVERAL),
        (f"{json.dumps(described())}, {json.dumps(described())}", SEVERAL),
        (described(storageKey=None), NO_REFERENCE),
        (described(storageKey="", url=" "), NO_REFERENCE),
        (described(storageKey=5), BAD_REFERENCE),
        (described(storageKey={"key": "x"}), BAD_REFERENCE),
        (described(storageKey=f"{PREFIX}a.pdf\0"), BAD_REFERENCE),
        (described(storageKey=None, url=f"{URL}/{PREFIX}a.pdf%00"), BAD_REFERENCE),
        (described(storageKey=None, url=f"https://example.org/{PREFIX}a.pdf?{SIGNATURE}"), BAD_REFERENCE),
        (described(storageKey=None, signedUrl="not a url"), BAD_REFERENCE),
        (described(sizeBytes=1.5), SIZE),
        (described(sizeBytes=-1), SIZE),
        (described(sizeBytes="118"), SIZE),
        (described(sizeBytes=True), SIZE),
        (json.dumps(described()).replace("118", "1e999"), SIZE),
        (described(storageKey="a.pdf"), KEY),
        (described(storageKey=f"/{PREFIX}a.pdf"), KEY),
        (described(storageKey=f"FORMS/{FORM_ID}/a.pdf"), KEY),
        (described(storageKey=f"forms/{FORM_ID.upper()}/a.pdf"), KEY),
        (described(storageKey=f" {PREFIX}a.pdf"), KEY),
        (described(storageKey=PREFIX), KEY),
        (described(storageKey=PREFIX[:-1]), KEY),
        (described(storageKey=f"{PREFIX}/a.pdf"), KEY),
        (described(storageKey=f"{PREFIX}a.pdf/"), KEY),
        (described(storageKey=f"{PREFIX}b//a.pdf"), KEY),
        (described(storageKey=f"{PREFIX}../a.pdf"), KEY),
        (described(storageKey=f"{PREFIX}b/../a.pdf"), KEY),
        (described(storageKey=f"{PREFIX}b/.."), KEY),
        (described(storageKey=f"{PREFIX}./a.pdf"), KEY),
        (described(storageKey=f"{URL}/{PREFIX}a.pdf"), KEY),
        (described(storageKey=None, url=f"{URL}/{PREFIX}%2e%2e/a.pdf"), KEY),
        (described(storageKey=f"{PREFIX}A.pdf"), ABSENT),
        (described(storageKey=f"{PREFIX}a.pdf "), ABSENT),
        (described(storageKey=f"{PREFIX}b/%C3%A9%20b.pdf"), ABSENT),
    ],
)
def test_what_is_wrong_is_told(cell: object, error: str) -> None:
    assert told(cell) == error


@pytest.mark.parametrize(
    ("config", "kind", "size", "allowed"),
    [
        (None, "image/webp", 10_485_760, True),
        (None, "image/webp", 10_485_761, False),
        (None, "application/zip", 1, False),
        ({}, "application/zip", 1, False),
        ({"maxFiles": 3, "maxSizeBytes": None}, "image/gif", 10_485_761, False),
        ({"allowedTypes": []}, "application/zip", 1, True),
        ({"allowedTypes": ["image/*"]}, "IMAGE/heic", 1, True),
        ({"allowedTypes": ["image/*"]}, "imagery/heic", 1, False),
        ({"allowedTypes": ["*/*"]}, "text/csv", 1, True),
        ({"allowedTypes": ["text/csv"]}, "application/pdf", 1, False),
        ({"maxSizeBytes": 5}, "application/pdf", 5, True),
        ({"maxSizeBytes": 5}, "application/pdf", 6, False),
        ({"maxSizeBytes": 1e12}, "application/pdf", 2_147_483_647, True),
        ({"maxSizeBytes": 1e12}, "application/pdf", 2_147_483_648, False),
        ({"maxSizeBytes": 1e12}, "application/pdf", 10**30, False),
    ],
)
def test_type_and_size_are_the_field_s_or_the_host_s_defaults(
    config: dict[str, object] | None, kind: str, size: int, allowed: bool
) -> None:
    outcome = told(described(mimeType=kind, sizeBytes=size), {"fileConfig": config})
    assert outcome.startswith('{"fileName"') if allowed else outcome.startswith("validation: The file"), outcome


@pytest.mark.parametrize("config", [5, {"allowedTypes": "image/png"}, {"maxSizeBytes": -1}, {"maxSizeBytes": "10"}])
def test_a_config_that_cannot_be_used_is_the_form_s_fault_where_the_field_is_mapped(config: object) -> None:
    with pytest.raises(JobFailed, match="fileConfig") as caught:
        told(described(), {"fileConfig": config})
    assert caught.value.reason is FailureReason.INVALID_FORM_DEFINITION
    FormDefinition.parse({"fields": [{"key": "f", "type": "file", "fileConfig": config}]})


def test_case_leaves_keys_alone_and_values_and_default_act_before_the_type() -> None:
    cell = json.dumps(described())
    result = run([cell, "", "none"], target={"case": "upper", "values": {"none": None}, "default": cell})
    assert len(result.errors) == 0
    assert result.files["storage_key"].to_list() == [f"{PREFIX}a.pdf"] * 3


def test_an_error_keeps_the_cell_but_no_signature() -> None:
    cells = [
        json.dumps(described(storageKey=None, url=f"https://example.org/x?{SIGNATURE}&b=1", note="kept")),
        f"https://example.org/x?{SIGNATURE} and more",
        f'{{"url": "https:\\/\\/example.org\\/x\\u003f{SIGNATURE}"}}',
    ]
    raw = run(cells).errors["raw_value"]
    assert all("fe5f80f77d5fa3beca038a248ff027" not in value for value in raw)
    assert raw[0].endswith('"url": "https://example.org/x?…", "note": "kept"}')
    assert raw[1] == "https://example.org/x?… and more"
    assert run(cells, {"dataClassification": "sensitive"}).errors["raw_value"].to_list() == ["***"] * 3


def test_the_rows_of_good_files_come_with_their_field_and_row() -> None:
    cells = [json.dumps(described()), "", "bad", json.dumps(described(fileName='"\\', checksum="c", sizeBytes=2))]
    files = run(cells).files
    assert files.to_dicts() == [
        {
            "row": 1, "field_key": "f", "file_name": "a.pdf", "mime_type": "application/pdf", "size_bytes": 118,
            "checksum": "", "storage_key": f"{PREFIX}a.pdf",
        },
        {
            "row": 4, "field_key": "f", "file_name": '"\\', "mime_type": "application/pdf", "size_bytes": 2,
            "checksum": "c", "storage_key": f"{PREFIX}a.pdf",
        },
    ]  # fmt: skip


def test_required_and_conditions_know_files() -> None:
    form = FormDefinition.parse(
        {
            "fields": [
                {"key": "f", "type": "file", "required": True},
                {"key": "g", "type": "text", "required": True,
                 "conditional": {"field": "f", "operator": "not_equals", "value": "x"}},
                {"key": "h", "type": "text", "required": True,
                 "conditional": {"field": "f", "operator": "contains", "value": "a.pdf"}},
            ]
        }
    )  # fmt: skip
    bindings = bind(form, HeaderMapping.parse({"f": "f", "g": "g", "h": "h"}), ["f", "g", "h"])
    frame = pl.DataFrame({"row": [1, 2], "c0": ["", json.dumps(described())], "c1": ["", ""], "c2": ["", ""]})
    errors = Validator(form, bindings, place()).validate(frame).errors
    assert errors.select("row", "field_key", "error_type").rows() == [
        (1, "f", "required"),
        (1, "g", "required"),
        (2, "g", "required"),
    ]


def test_cells_written_alike_and_cells_written_otherwise_are_read_alike() -> None:
    """The first cell shows how to read the others; each of these differs from it in one thing."""
    plain = json.dumps(described(checksum="c"))
    others = {
        json.dumps(described(checksum="c"), indent=1): "fine",
        json.dumps(described(checksum="")): "fine",
        json.dumps(dict(reversed(described(checksum="c").items()))): "fine",
        json.dumps(described(checksum="c", fileName="é")): "fine",
        json.dumps(described(checksum="c", fileName="é"), ensure_ascii=False): "fine",
        plain[:-1] + ', "fileName": "last one counts"}': "fine",
        plain[:-1] + ', "fileName": 5}': PAYLOAD,
        plain.replace("118", "118.0"): "fine",
        plain.replace("118", "0118"): PAYLOAD,
        plain.replace("118", "99999999999999999999"): "validation: The file is larger than 10,485,760 bytes",
        plain.replace("118", "-1"): SIZE,
        plain.replace('"a.pdf"', '"\u3000"', 1): PAYLOAD,
        plain.replace('"a.pdf"', '"a\tb"', 1): PAYLOAD,
        plain.replace("/a.pdf", "//a.pdf"): KEY,
        plain + "}": PAYLOAD,
        plain.replace('"c"', "null"): "fine",
    }
    result = run([plain, *others])
    errors = {
        row: f"{kind}: {text}" for row, kind, text in result.errors.select("row", "error_type", "error_message").rows()
    }
    assert [errors.get(row, "fine") for row in range(1, len(others) + 2)] == ["fine", *others.values()]
    alone = {row + 1: told(cell) for row, cell in enumerate([plain, *others])}
    assert {row: error for row, error in alone.items() if not error.startswith("{")} == errors
    names = dict(result.files.select("row", "file_name").rows())
    assert names[7] == "last one counts"
    assert names[5] == names[6] == "é"


@pytest.mark.parametrize(
    "first",
    [
        {"note": {"nested": 1}},
        {"sizeBytes": 118.0},
        {"storageKey": None, "artifactKey": f"{PREFIX}a.pdf"},
        {"storageKey": "", "artifactKey": f"{PREFIX}a.pdf"},
        {"sizeBytes": None, "size": 118, "note": True, "other": None, "third": 5, "fourth": "x"},
        {"odd.name": 1},
        {"fileName": "\\"},
    ],
)
def test_any_cell_may_be_the_first(first: dict[str, Any]) -> None:
    cells = [json.dumps(described(**first)), json.dumps(described(**first)), json.dumps(described())]
    files = run(cells).files
    assert files["storage_key"].to_list() == [f"{PREFIX}a.pdf"] * 3
    assert files["size_bytes"].to_list() == [118] * 3


def test_where_no_cell_names_a_file_nobody_asks_which_there_are() -> None:
    def asked(names: pl.Series) -> pl.Series:
        raise AssertionError(names)

    form = FormDefinition.parse({"fields": [{"key": "f", "type": "file"}]})
    bindings = bind(form, HeaderMapping.parse({"F": "f"}), ["F"])
    validator = Validator(form, bindings, FilePlace(FORM_ID, ArtifactsAddress("s3://artifacts"), asked))
    frame = pl.DataFrame({"row": [1, 2, 3], "c0": ["", "x", json.dumps(described(storageKey="x"))]})
    assert validator.validate(frame).errors.height == 2
    with pytest.raises(AssertionError):
        validator.validate(pl.DataFrame({"row": [1], "c0": [json.dumps(described())]}))


def test_stored_values_say_the_same_as_the_details_of_their_reading() -> None:
    cells = [json.dumps(described()), json.dumps(described(fileName='"\\', checksum="c")), "bad"]
    reading = FileReader(FileLimits(), place()).careful(pl.Series(cells))
    assert reading.details is not None
    assert files_of(reading.stored.drop_nulls()).equals(reading.details.head(2))
    assert files_of(pl.Series(dtype=pl.String)).schema == FILE_SCHEMA
