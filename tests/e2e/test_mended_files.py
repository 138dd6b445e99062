"""rejected.csv of any file is a file of its own: as it is, its rows are rejected again; mended, they are in."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.corpus.file_case import FileCase
from tests.corpus.files import CASES
from tests.corpus.files_workbooks import workbook
from tests.corpus.workbooks import KINDS, ErrorCell, Table
from tests.support.file_importer import FileImporter, ImportOutcome

UNMENDED = (
    "semicolon",
    "pipe, no quotes",
    "everything in single quotes",
    "quotes behind blanks",
    "quotes escaped by backslashes",
    "line ends crlf",
    "line ends cr",
    "utf-8-sig",
    "utf-16-be-sig",
    "windows-1252, semicolon",
    "notes above the header",
    "sep=;, CRLF and a BOM",
    "zstd",
    "too many and too few cells",
    "ragged rows with line ends in their cells",
    "lines behind cells of several lines, empty ones in them, too",
    "a NUL rejects its row, whose other errors are told, too",
    "bytes that are not UTF-8",
    "encoding=gb18030",
    "values and default",
    "xlsx",
    "ods",
)
# They say how to read the source, and not what is made of it.
OF_SOURCE = ("header_row", "encoding", "sheet")
LINES = [
    *(f'Kühlschrank {number};{number};"für draußen, grün"' for number in range(11, 19)),
    "Kühlschrank;1;für draußen",
    "Théière;viele;geändert; größer",
    '"Bürostuhl;3;rot',
    "Schlüssel;4;groß",
    "Gießkanne;?;grün",
    'Türgriff;6;"schön, groß"',
    ";7;Ähre",
    "Wäsche;8",
    "Größe;9;a;b",
    'Tür;10;"zu',
]
GOOD = [
    *(
        {"article": f"Kühlschrank {number}", "quantity": number, "note": "für draußen, grün"}
        for number in range(11, 19)
    ),
    {"article": "Kühlschrank", "quantity": 1, "note": "für draußen"},
    {"article": "Schlüssel", "quantity": 4, "note": "groß"},
    {"article": "Türgriff", "quantity": 6, "note": "schön, groß"},
]
MENDED = [
    {"article": "Théière", "quantity": 2, "note": "geändert"},
    {"article": "Bürostuhl", "quantity": 3, "note": "rot"},
    {"article": "Gießkanne", "quantity": 5, "note": "grün"},
    {"article": "Ähre", "quantity": 7, "note": "Ähre"},
    {"article": "Wäsche", "quantity": 8},
    {"article": "Größe", "quantity": 9, "note": "a"},
    {"article": "Tür", "quantity": 10, "note": "zu"},
]
# What the rejected rows become, by their numbers.
MENDS = {
    "10": ["Théière", "2", "geändert"],
    "11": ["Bürostuhl", "3", "rot"],
    "13": ["Gießkanne", "5", "grün"],
    "15": ["Ähre", "7", "Ähre"],
    "16": ["Wäsche", "8", ""],
    "17": ["Größe", "9", "a"],
    "18": ["Tür", "10", "zu"],
}
FIELDS = (
    {"key": "article", "type": "text", "required": True},
    {"key": "quantity", "type": "number"},
    {"key": "note", "type": "text"},
)


def _file(encoding: str, delimiter: str = ";", newline: str = "\n") -> bytes:
    content = newline.join(["article;quantity;note", *LINES, ""]).replace(";", delimiter)
    return content.encode(encoding)


def _rejected(desk: FileImporter, imported: ImportOutcome) -> bytes:
    key = imported.document["rejectedRowsKey"]
    info = desk.host.store.head(key)
    return desk.host.store.read_range(key, info.etag, 0, info.size)


def _mend(data: bytes, encoding: str, delimiter: str, mends: Mapping[str, list[str]]) -> bytes:
    """As somebody's script would do it: every record whose ``_row`` has a mend gets the mended cells."""
    header, *rows = csv.reader(io.StringIO(data.decode(encoding), newline=""), delimiter=delimiter)
    assert header[-2:] == ["_row", "_errors"]
    assert [row[-2] for row in rows] == list(mends)
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([header, *(mends[row[-2]] + row[-2:] for row in rows)])
    return out.getvalue().encode(encoding)


@pytest.mark.parametrize(
    ("written", "delimiter", "newline", "encoding"),
    [
        ("utf-8", ";", "\n", "utf-8"),
        ("utf-8-sig", ",", "\r\n", "utf-8-sig"),
        ("cp1252", ";", "\r\n", "cp1252"),
        ("mac_roman", "\t", "\r", "mac_roman"),
        ("utf-16", "\t", "\r\n", "utf-8-sig"),
        ("utf-16-be", "|", "\n", "utf-8-sig"),
    ],
)
def test_mended_rows_of_a_text_file_are_in(
    written: str, delimiter: str, newline: str, encoding: str, desk: FileImporter
) -> None:
    case = FileCase("", lambda: _file(written, delimiter, newline), fields=FIELDS)
    first = desk.import_file(case)
    assert first.payloads == GOOD
    mended = _mend(_rejected(desk, first), encoding, delimiter, MENDS)
    second = desk.import_file(replace(case, file_name="rejected.csv"), data=mended)
    assert second.errors == []
    assert second.payloads == MENDED


@pytest.mark.parametrize("kind", KINDS)
def test_mended_rows_of_a_workbook_are_in(kind: str, desk: FileImporter) -> None:
    table: Table = [
        ["Stock list"],
        ["article", "quantity", "note"],
        ["Kühlschrank", 1, "für draußen"],
        ["Théière", ErrorCell("#N/A"), 'in zwei Teilen, "so"\nund spät'],
        ["007", "viele", "geändert"],
        [None, 5, "Ähre"],
    ]
    case = FileCase("", workbook(kind, {"Sheet1": table}), fields=FIELDS)
    first = desk.import_file(case)
    assert first.payloads == [{"article": "Kühlschrank", "quantity": 1, "note": "für draußen"}]
    assert [error.error_type for error in first.errors] == ["error_cell", "invalid_number", "required"]
    rejected = _rejected(desk, first)
    mends = {
        "2": ["Théière", "2", 'in zwei Teilen, "so"\nund spät'],
        "3": ["007", "3", "geändert"],
        "4": ["Ähre", "5", "Ähre"],
    }
    second = desk.import_file(FileCase("", case.make, fields=FIELDS), data=_mend(rejected, "utf-8-sig", ",", mends))
    assert second.errors == []
    assert second.payloads == [
        {"article": cells[0], "quantity": int(cells[1]), "note": cells[2]} for cells in mends.values()
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_beyond_the_header_of_a_sheet_keeps_its_row_out_again(kind: str, desk: FileImporter) -> None:
    table: Table = [["article", "quantity"], ["Lamp", 1, None, "see below"], ["Rug", 2], ["Door", "x"]]
    case = FileCase("", workbook(kind, {"Sheet1": table}), fields=FIELDS)
    first = desk.import_file(case)
    assert [(error.row, error.error_type) for error in first.errors] == [(1, "malformed_row"), (3, "invalid_number")]
    rejected = _rejected(desk, first)
    lines = rejected.decode("utf-8-sig").splitlines()
    assert lines[0] == "article,quantity,_row,_errors"
    assert [line.split(",")[:-1] for line in lines[1:]] == [["Lamp", "1", "", "see below", "1"], ["Door", "x", "3"]]
    again = desk.import_file(replace(case, file_name="rejected.csv"), data=rejected)
    assert again.payloads == []
    assert [(error.row, error.error_type) for error in again.errors] == [(1, "malformed_row"), (2, "invalid_number")]


def test_rows_mended_in_an_editor_are_in(desk: FileImporter) -> None:
    """With nothing but the wrong characters replaced, and the two columns of ours left where they are."""
    data = "article,quantity,note\nKühlschrank,1,a\nBürostuhl\x00,2,b\nTürgriff,l0,c\n".encode() + b"T\xfcr,4,d\n"
    case = FileCase("", lambda: data, fields=FIELDS)
    first = desk.import_file(case)
    assert [error.row for error in first.errors] == [2, 3, 4]
    rejected = _rejected(desk, first)
    mended = rejected.replace(b"\x00", b"").replace(b"l0", b"10").replace(b"T\xfcr", "Tür".encode())
    second = desk.import_file(case, data=mended)
    assert second.errors == []
    assert [payload["article"] for payload in second.payloads] == ["Bürostuhl", "Türgriff", "Tür"]


@pytest.mark.parametrize("name", UNMENDED)
def test_rejected_rows_that_nobody_mended_are_rejected_again(name: str, desk: FileImporter) -> None:
    case = next(case for case in CASES if case.name == name)
    first = desk.import_file(case)
    kept = {key: value for key, value in case.options.items() if key not in OF_SOURCE}
    again = desk.import_file(replace(case, options=kept, file_name="rejected.csv"), data=_rejected(desk, first))
    assert again.result.code == 0, again.result.err
    assert again.payloads == []
    rows = sorted({error.row for error in first.errors})
    assert [(rows.index(error.row) + 1, error.field_key, error.error_type) for error in first.errors] == [
        (error.row, error.field_key, error.error_type) for error in again.errors
    ]
