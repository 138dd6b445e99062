"""The same data in any kind of file gives the same submissions and the same errors."""

import codecs
import gzip
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import zstandard

from tests.corpus.dialects import Style, write
from tests.corpus.file_case import FileCase, RowError
from tests.corpus.files_workbooks import workbook
from tests.corpus.workbooks import KINDS
from tests.support.file_importer import FileImporter, ImportOutcome

FIELDS: list[dict[str, Any]] = [
    {"key": "code", "type": "text", "label": "Code", "required": True},
    {"key": "article", "type": "text", "label": "Article", "validation": [{"type": "max_length", "value": 20}]},
    {"key": "quantity", "type": "number", "label": "Quantity", "validation": [{"type": "min", "value": 0}]},
    {"key": "price", "type": "number", "label": "Price"},
    {"key": "made", "type": "date", "label": "Made"},
    {"key": "sold", "type": "date", "label": "Sold at"},
    {"key": "stock", "type": "checkbox", "label": "In stock", "required": True},
    {"key": "size", "type": "select", "label": "Size", "options": [{"value": "S"}, {"value": "L", "label": "groß"}]},
    {"key": "colours", "type": "multiselect", "options": [{"value": "red"}, {"value": "blue"}]},
    {"key": "mail", "type": "email", "label": "Mail"},
    {"key": "note", "type": "textarea", "label": "Note"},
]
HEADER = [str(field["key"]) for field in FIELDS]
ARTICLES = ("Kühlschrank", "Théière", "Leiter, zweiteilig", 'Bild 5" breit', "Gießkanne", "Âne en bois", "Rug")
NOTES = ("für draußen; geändert", "Erste Zeile\nzweite Zeile\n\nvierte", '"so" nicht', "déjà payé | ça va", "'", "")
BAD: dict[int, dict[str, object]] = {
    # What is wrong in a row, by its number.
    3: {"code": None},
    7: {"quantity": "viele", "made": "2023-02-29"},
    8: {"quantity": -1},
    15: {"size": "XL", "colours": "red,grün"},
    16: {"stock": False},
    22: {"mail": "shop at example", "price": "1,5", "article": "Ein viel zu langer Name für einen Artikel"},
    23: {"code": None, "stock": None, "sold": "gestern"},
    40: {"made": "überübermorgen\nmorgens", "note": "Zeile\nZeile"},
}
ROWS = 60
Values = list[list[object]]


def _table() -> Values:
    table: Values = [list(HEADER)]
    for number in range(1, ROWS + 1):
        row: dict[str, object] = {
            "code": f"{number * 7:05}",
            "article": ARTICLES[number % len(ARTICLES)],
            "quantity": number * 1_000,
            "price": number / 8,
            "made": date(2020, number % 12 + 1, number % 28 + 1),
            "sold": datetime(2024, number % 12 + 1, 3, number % 24, 30) if number % 3 else None,  # noqa: DTZ001
            "stock": True,
            "size": ("S", "groß", None)[number % 3],
            "colours": ("red", "red,blue", "blue")[number % 3],
            "mail": f"shop{number}@example.org" if number % 2 else None,
            "note": NOTES[number % len(NOTES)],
        }
        table.append(list((row | BAD.get(number, {})).values()))
    return table


def _as_text(value: object) -> str:
    """As a person sees the value in a sheet."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float():
            return f"{value:.15g}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}" if value.time().isoformat() != "00:00:00" else f"{value:%Y-%m-%d}"
        case _:
            return str(value)


TEXTS = [[_as_text(value) for value in row] for row in _table()]


def _styled(**style: Any) -> Callable[[], bytes]:
    return lambda: write("same data", TEXTS, Style(**style)).data


def _compressed(compress: Callable[[bytes], bytes], **style: Any) -> Callable[[], bytes]:
    return lambda: compress(_styled(**style)())


WRITERS: dict[str, Callable[[], bytes]] = {
    "UTF-8 with BOM, CRLF": _styled(encoding="utf-8-sig", newline="crlf"),
    "UTF-16 LE": _styled(encoding="utf-16-le-sig"),
    "UTF-16 BE, CRLF, tabs": _styled(encoding="utf-16-be-sig", newline="crlf", delimiter="\t"),
    "UTF-16 without BOM": _styled(encoding="utf-16-le"),
    "Windows-1252, semicolons": _styled(encoding="cp1252", delimiter=";", newline="crlf"),
    "Latin-1, all in quotes": _styled(encoding="latin-1", quoting="all"),
    "Mac Roman, CR": _styled(encoding="mac_roman", newline="cr", delimiter=";"),
    "tabs": _styled(delimiter="\t"),
    "pipes": _styled(delimiter="|"),
    "CR": _styled(newline="cr"),
    "mixed line ends": _styled(newline="mixed"),
    "single quotes": _styled(quoting="all", quote="'"),
    "backslashes": _styled(quoting="all", backslash=True),
    "spaced quotes": _styled(quoting="all", spaced=True),
    "title above the header": _styled(preamble="title and blank"),
    "gzip": _compressed(gzip.compress),
    "gzip of Windows-1252": _compressed(gzip.compress, encoding="cp1252", delimiter=";"),
    "zstd": _compressed(zstandard.ZstdCompressor().compress),
    "zstd of UTF-16": _compressed(zstandard.ZstdCompressor().compress, encoding="utf-16-le-sig", delimiter="\t"),
    **{kind: workbook(kind, {"Sheet1": _table()}) for kind in KINDS},
    **{f"{kind}, not the first sheet": workbook(kind, {"Notes": [["-"]], "Data": _table()}) for kind in KINDS},
    "xlsx in gzip": lambda: gzip.compress(workbook("xlsx", {"Sheet1": _table()})()),
}


def _case(name: str, make: Callable[[], bytes]) -> FileCase:
    return FileCase(name, make, fields=FIELDS, options={"sheet": "Data"} if "not the first" in name else {})


@pytest.fixture(scope="module")
def plain(desk: FileImporter) -> ImportOutcome:
    """What becomes of the plain CSV file."""
    return desk.import_file(_case("plain", lambda: write("same data", TEXTS, Style()).data))


def test_the_plain_file_is_read_as_it_is_meant(plain: ImportOutcome) -> None:
    assert plain.result.code == 0, plain.result.err
    assert [payload["code"] for payload in plain.payloads] == [
        f"{number * 7:05}" for number in range(1, ROWS + 1) if number not in BAD
    ]
    assert plain.payloads[0] == {
        "code": "00007",
        "article": "Théière",
        "quantity": 1_000,
        "price": 0.125,
        "made": "2020-02-02",
        "sold": "2024-02-03",
        "stock": True,
        "size": "L",
        "colours": ["red", "blue"],
        "mail": "shop1@example.org",
        "note": "Erste Zeile\nzweite Zeile\n\nvierte",
    }
    assert sorted({error.row for error in plain.errors}) == sorted(BAD)
    assert [error[2:] for error in plain.errors if error.row == 22] == [
        ("article", "validation", "Ein viel zu langer Name für einen Artikel"),
        ("price", "invalid_number", "1,5"),
        ("mail", "invalid_email", "shop at example"),
    ]


@pytest.mark.parametrize("name", WRITERS)
def test_any_other_file_gives_the_same(name: str, plain: ImportOutcome, desk: FileImporter) -> None:
    other = desk.import_file(_case(name, WRITERS[name]))
    assert other.result.code == 0, other.result.err
    for number, (ours, theirs) in enumerate(zip(other.payloads, plain.payloads, strict=True), 1):
        assert ours == theirs, number
        assert list(map(type, ours.values())) == list(map(type, theirs.values())), number
    assert [_without_line(error) for error in other.errors] == [_without_line(error) for error in plain.errors]
    _check_lines(name, [error.line - error.row for error in other.errors], plain)


def _without_line(error: RowError) -> tuple[object, ...]:
    return error.row, error.field_key, error.error_type, error.raw


def _check_lines(name: str, offsets: list[int], plain: ImportOutcome) -> None:
    if any(kind in name for kind in KINDS):
        assert set(offsets) == {1}  # the header is the only other row of the sheet
        return
    above = 2 if "title" in name else 0
    assert offsets == [error.line - error.row + above for error in plain.errors]


def test_the_files_are_all_different() -> None:
    written = {name: make() for name, make in WRITERS.items()}
    assert len(set(written.values())) == len(WRITERS)
    assert written["UTF-16 LE"].startswith(codecs.BOM_UTF16_LE)
