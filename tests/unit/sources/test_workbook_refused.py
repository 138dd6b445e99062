"""What is refused, each with its sentence; and damaged workbooks, which end in rows or in a sentence and nothing
else."""

import io
import json
import random
import struct
import time
import zipfile
from pathlib import Path

import pytest

from import_worker.errors import FailureReason, JobFailed
from import_worker.sources.workbooks.messages import HEAD
from import_worker.sources.workbooks.process import Messages, answer
from import_worker.sources.workbooks.refusals import damaged
from tests.corpus import opendocument
from tests.corpus.package import XML, ole_file, relationships, write_package, xlsx_parts
from tests.corpus.workbooks import KINDS, ErrorCell, Table, write_sheets, write_workbook
from tests.unit.sources.test_workbook_cells import csv_of

ROW = "<row><c><v>1</v></c></row>"
MAIN_PART = {"r": ("officeDocument", "word/document.xml")}
DOCUMENT = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'


def refused(path: Path, sheet: str | None = None) -> tuple[str, str]:
    """Reason and sentence."""
    output = io.BytesIO()
    answer(path, sheet, Messages(output))
    (*_, (kind, body)) = messages(output.getvalue())
    assert kind == b"F", kind
    reason, sentence, details = json.loads(body)
    assert not details, details  # that is, nobody had to guess from an exception
    assert sentence.endswith(".")
    return reason, sentence


def messages(data: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 0
    while at < len(data):
        kind, size = HEAD.unpack_from(data, at)
        found.append((kind, data[at + HEAD.size : at + HEAD.size + size]))
        at += HEAD.size + size
    return found


def test_protected_by_a_password(tmp_path: Path) -> None:
    import xlwt  # type: ignore[import-untyped]

    encrypted = ("unreadable_file", "The workbook is protected by a password; save it without one and upload that.")
    assert refused(ole_file("EncryptedPackage", b"x" * 5_000, tmp_path / "ooxml")) == encrypted

    book = xlwt.Workbook()
    book.add_sheet("S").write(0, 0, 1)
    stream = book.get_biff_data()
    after_bof = 4 + struct.unpack_from("<HH", stream)[1]
    file_pass = struct.pack("<HHHHH", 0x2F, 6, 0, 1, 2)
    stream = stream[:after_bof] + file_pass + stream[after_bof:]
    assert refused(ole_file("Workbook", stream, tmp_path / "xls")) == encrypted

    manifest = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
    parts = opendocument.package("", manifest=manifest)
    assert refused(write_package(tmp_path / "ods", {**parts, "content.xml": b"\x93\x01secret"})) == encrypted

    data = bytearray(write_package(tmp_path / "zip", xlsx_parts(ROW)).read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(signature, at + 1)) >= 0:
            data[at + flags] |= 1
    (tmp_path / "zip").write_bytes(data)
    assert refused(tmp_path / "zip") == encrypted


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({"word/document.xml": DOCUMENT, "_rels/.rels": relationships(MAIN_PART)}, "a Word document"),
        ({"ppt/presentation.xml": "<p/>", "_rels/.rels": relationships({})}, "a PowerPoint presentation"),
        ({"data.csv": "a,b\n"}, "a zip archive, not a workbook; unpack it and upload the table inside"),
        ({"Index/Document.iwa": "x"}, "iWork"),
        ({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}, "another OpenDocument file"),
    ],
)  # fmt: skip
def test_zip_archives_that_are_no_workbooks(parts: dict[str, str | bytes], what: str, tmp_path: Path) -> None:
    reason, sentence = refused(write_package(tmp_path / "t.xlsx", parts))
    assert reason == "unsupported_format"
    assert what in sentence


@pytest.mark.parametrize(
    ("stream", "what"),
    [
        ("WordDocument", "a Word document"), ("PowerPoint Document", "a PowerPoint presentation"),
        ("__properties_version1.0", "an Outlook message"), ("Anything", "another Office document"),
    ],
)  # fmt: skip
def test_office_documents_that_are_no_workbooks(stream: str, what: str, tmp_path: Path) -> None:
    reason, sentence = refused(ole_file(stream, b"x" * 5_000, tmp_path / "t"))
    assert (reason, what in sentence) == ("unsupported_format", True)


def test_files_of_no_such_kind(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(b"a,b\n1,2\n")
    assert refused(path)[0] == "unsupported_format"
    path.write_bytes(b"")
    assert refused(path)[0] == "source_file_empty"


@pytest.mark.parametrize("kind", KINDS)
def test_empty_workbooks(kind: str, tmp_path: Path) -> None:
    reason, sentence = refused(write_workbook(kind, [[], [None], ["", "  "]], tmp_path / "t"))
    assert reason == "source_file_empty"
    assert sentence == "The sheet 'Sheet1' has no rows; upload a workbook with a header and rows."
    reason, sentence = refused(write_sheets(kind, {"A": [], "B": [["x"]]}, tmp_path / "t"))
    assert reason == "source_file_empty"
    assert sentence == "The sheet 'A' has no rows; name another one with the option sheet: 'B'."


def test_workbooks_without_a_worksheet(tmp_path: Path) -> None:
    parts = xlsx_parts(ROW)
    parts["xl/_rels/workbook.xml.rels"] = relationships({"rId1": ("chartsheet", "chartsheets/sheet1.xml")})
    assert refused(write_package(tmp_path / "t", parts))[0] == "source_file_empty"
    assert refused(write_package(tmp_path / "t", opendocument.package("")))[0] == "source_file_empty"


@pytest.mark.parametrize("kind", KINDS)
def test_truncated_workbooks(kind: str, tmp_path: Path) -> None:
    path = write_workbook(
        kind, [[f"text {row} {column}" for column in range(20)] for row in range(200)], tmp_path / "t"
    )
    data = path.read_bytes()
    for share in (0.1, 0.3, 0.6, 0.9, 0.99):
        path.write_bytes(data[: int(len(data) * share)])
        output = io.BytesIO()
        answer(path, None, Messages(output))
        (*_, (last, body)) = messages(output.getvalue())
        assert last == b"F", (share, last)
        assert json.loads(body)[0] == "unreadable_file"


def test_damaged_parts_are_noticed(tmp_path: Path) -> None:
    path = write_package(tmp_path / "t", xlsx_parts(ROW * 1_000))
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    data = bytearray(path.read_bytes())
    data[info.header_offset + 100] ^= 0xFF
    path.write_bytes(data)
    assert refused(path)[0] == "unreadable_file"


def test_wrong_checksums_are_noticed(tmp_path: Path) -> None:
    path = write_package(tmp_path / "t", xlsx_parts(ROW))
    with zipfile.ZipFile(path) as archive:
        crc = struct.pack("<I", archive.getinfo("xl/worksheets/sheet1.xml").CRC)
    path.write_bytes(path.read_bytes().replace(crc, b"\1\2\3\4"))
    assert "cannot be unpacked" in refused(path)[1]


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels", "xl/workbook.xml"])
def test_missing_parts(part: str, tmp_path: Path) -> None:
    parts = xlsx_parts(ROW)
    del parts[part]
    assert refused(write_package(tmp_path / "t", parts))[0] == "unreadable_file"


def test_entities_are_neither_expanded_nor_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    billion = '<!DOCTYPE t [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    external = f'<!DOCTYPE t [<!ENTITY b SYSTEM "file://{secret}">]>'
    for doctype in (billion, external):
        parts = xlsx_parts('<row><c t="inlineStr"><is><t>&b;</t></is></c></row>')
        for part in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "_rels/.rels"):
            original = parts[part]
            text = original if isinstance(original, str) else original.decode()
            path = write_package(tmp_path / "t", {**parts, part: text.replace(XML, XML + doctype)})
            assert refused(path) == (
                "unreadable_file",
                str(damaged("its XML has a document type, as no spreadsheet program writes it")),
            )
    parts = xlsx_parts('<row><c t="inlineStr"><is><t>&b;</t></is></c></row>')
    assert refused(write_package(tmp_path / "t", parts))[0] == "unreadable_file"


def bomb(path: Path, part: str, head: bytes, body: bytes, times: int, parts: dict[str, str | bytes]) -> Path:
    """A package whose ``part`` is ``head`` and then ``body`` over and over, never whole in memory."""
    write_package(path, parts)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(part, "w", force_zip64=True) as file:
        file.write(head)
        for _ in range(times):
            file.write(body)
    return path


SHEET_START = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
MIB = 1 << 20


@pytest.mark.parametrize(
    ("part", "head", "body"),
    [
        ("xl/worksheets/sheet1.xml", SHEET_START, b"<row>" + b" " * MIB + b"</row>"),
        ("xl/sharedStrings.xml", b"<sst>", b"<si><t>" + b" " * MIB + b"</t></si>"),
        ("xl/styles.xml", b"<styleSheet>", b"<xf>" + b" " * MIB + b"</xf>"),
        ("xl/workbook.xml", b"<workbook>", b"<sheet/>" + b" " * MIB),
    ],
)
def test_decompression_bombs(part: str, head: bytes, body: bytes, tmp_path: Path) -> None:
    parts = xlsx_parts("", shared="")
    del parts[part]
    path = bomb(tmp_path / "t", part, head, body, 130, parts)
    assert path.stat().st_size < MIB
    reason, sentence = refused(path)
    assert reason == "limit_exceeded"
    assert "unpacks to more than 200 times its size" in sentence


def test_a_bomb_of_ods(tmp_path: Path) -> None:
    parts = opendocument.package("")
    head = str(parts.pop("content.xml")).encode().partition(b"</office:spreadsheet>")[0]
    assert refused(bomb(tmp_path / "t", "content.xml", head, b"<x/>" + b" " * MIB, 130, parts))[0] == "limit_exceeded"


def test_a_text_of_16_mib_is_too_long(tmp_path: Path) -> None:
    head = SHEET_START + b'<row><c t="inlineStr"><is><t>'
    parts = xlsx_parts("")
    del parts["xl/worksheets/sheet1.xml"]
    path = bomb(tmp_path / "t", "xl/worksheets/sheet1.xml", head, b"x" * MIB, 20, parts)
    reason, sentence = refused(path)
    assert (reason, "16 MiB of text" in sentence) == ("limit_exceeded", True)


@pytest.mark.parametrize("start", [b'<row r="', b"<!-- ", b"<row><![CDATA[", b"<?x "])
def test_a_tag_without_end_is_given_up(start: bytes, tmp_path: Path) -> None:
    parts = xlsx_parts("")
    del parts["xl/worksheets/sheet1.xml"]
    path = bomb(tmp_path / "t", "xl/worksheets/sheet1.xml", SHEET_START + start, b" x" * (MIB // 2), 20, parts)
    before = time.process_time()
    reason, sentence = refused(path)
    assert reason == "limit_exceeded", sentence
    assert time.process_time() - before < 10


def test_a_long_text_that_a_million_cells_share_is_a_bomb_too(tmp_path: Path) -> None:
    rows = ('<row><c t="s"><v>0</v></c></row>') * 10_000
    path = write_package(tmp_path / "t", xlsx_parts(rows, shared=f"<si><t>{'x' * 32_767}</t></si>"))
    reason, sentence = refused(path)
    assert (reason, "repeat themselves" in sentence) == ("limit_exceeded", True)


def test_what_repeats_below_100_mib_is_no_bomb(tmp_path: Path) -> None:
    path = write_package(tmp_path / "t", xlsx_parts(ROW * 200_000))
    assert path.stat().st_size * 20 < 200_000 * len(ROW)
    assert csv_of(path) == b"1\n" * 200_000


TABLE: Table = [
    ["id", "text", "number", "flag", "error"],
    *([number, f"text {number}", number / 7, True, ErrorCell("#N/A")] for number in range(12)),
]
REASONS = {
    FailureReason.UNREADABLE_FILE,
    FailureReason.UNSUPPORTED_FORMAT,
    FailureReason.LIMIT_EXCEEDED,
    FailureReason.SOURCE_FILE_EMPTY,
}


def mutated(data: bytes, random_: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random_.choice((1, 1, 2, 8))):
        at = random_.randrange(len(changed) or 1)
        match random_.randrange(4):
            case 0:
                changed[at : at + 1] = random_.randbytes(1)
            case 1:
                del changed[at : at + random_.choice((1, 4, 100))]
            case 2:
                changed[at:at] = changed[at : at + random_.choice((1, 4, 100))]
            case _:
                changed[at : at + 4] = random_.choice((b"\xff" * 4, bytes(4), b"\x00\x00\x00\x7f", b"&<>]"))
    return bytes(changed)


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_files_end_in_rows_or_a_sentence(kind: str, tmp_path: Path) -> None:
    data = write_workbook(kind, TABLE, tmp_path / "t").read_bytes()
    random_ = random.Random(f"file {kind}")
    check([mutated(data, random_) for _ in range(100)], tmp_path / "t")


@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "ods"])
def test_mutated_parts_end_in_rows_or_a_sentence(kind: str, tmp_path: Path) -> None:
    path = write_workbook(kind, TABLE, tmp_path / "t")
    with zipfile.ZipFile(path) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    random_ = random.Random(f"part {kind}")
    files = []
    for _ in range(200):
        name = random_.choice(sorted(parts))
        original = parts[name]
        assert isinstance(original, bytes)
        files.append(write_package(path, {**parts, name: mutated(original, random_)}).read_bytes())
    ends = check(files, path)
    assert ends[b"D"] > 20
    assert ends[b"F"] > 20


def check(files: list[bytes], path: Path) -> dict[bytes, int]:
    ends = {b"D": 0, b"F": 0}
    for data in files:
        path.write_bytes(data)
        output = io.BytesIO()
        answer(path, None, Messages(output))
        (*_, (last, body)) = messages(output.getvalue())
        ends[last] += 1
        if last == b"F":
            assert json.loads(body)[0] in REASONS
    return ends


def test_job_failed_is_what_the_readers_raise(tmp_path: Path) -> None:
    with pytest.raises(JobFailed):
        csv_of(write_package(tmp_path / "t", {"a": "b"}))
