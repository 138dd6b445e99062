"""The rows with which the host's templates explain themselves are no rows, wherever they stand and however written."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.cut.template_rows import WORD
from import_worker.sources.plan import SourcePlan
from import_worker.sources.read.chunk_reader import ChunkReader, pieces
from tests.corpus.workbooks import KINDS, write_workbook
from tests.unit.sources.test_plan import normalize, plan

ROWS = [
    ["Name", "Age"],
    [f"# description | {WORD} | required", "In years"],
    ["# example | Example", "18"],
    ["Ada", "36"],
    ["__meta__", "1"],
    ["Bo", "x"],
]


def frame_of(planned: SourcePlan, data: bytes) -> tuple[pl.DataFrame, list[int]]:
    """All rows, and the lines on which they begin."""
    reader = ChunkReader(planned.dialect, planned.header, (0, 1), pad=False)
    frames, lines = [], []
    for chunk in planned.chunks:
        for piece in pieces(data[chunk.first_byte : chunk.end_byte], chunk, planned.dialect):
            read = reader.read_piece(piece)
            assert read.bad == []
            frames.append(read.frame)
            lines += read.lines_of(read.frame["row"].to_numpy()).tolist()
    return pl.concat(frames), lines


def csv_text(rows: list[list[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)


@pytest.mark.parametrize("chunk_bytes", [1, 40, 10_000])
@pytest.mark.parametrize(
    "write",
    [
        lambda text: text.encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: "".join('"' + line.replace(",", '","') + '"\n' for line in text.splitlines()).encode(),
    ],
    ids=["plain", "bom", "utf-16", "crlf", "quoted"],
)
def test_they_are_left_out_of_a_text(write: Callable[[str], bytes], chunk_bytes: int) -> None:
    planned, data = normalize(write(csv_text(ROWS)), chunk_bytes=chunk_bytes)
    frame, lines = frame_of(planned, data)
    assert planned.header == ("Name", "Age")
    assert (planned.row_count, planned.template_rows) == (2, 3)
    assert frame.rows() == [(1, "Ada", "36"), (2, "Bo", "x")]
    assert lines == [4, 6]


@pytest.mark.parametrize("kind", KINDS)
def test_they_are_left_out_of_a_sheet(kind: str, tmp_path: Path) -> None:
    file = write_workbook(kind, ROWS, tmp_path / "file").read_bytes()
    planned, data = normalize(file, block=1 << 20)
    frame, lines = frame_of(planned, data)
    assert (planned.row_count, planned.template_rows) == (2, 3)
    assert frame.rows() == [(1, "Ada", "36"), (2, "Bo", "x")]
    assert lines == [4, 6]


def test_in_a_file_that_is_no_template_they_are_rows() -> None:
    rows = [ROWS[0], ["# description", "x"], ["__meta__", "1"]]
    planned = plan(csv_text(rows).encode())
    assert (planned.row_count, planned.template_rows) == (2, 0)
    assert "template" not in planned.dialect.to_json()


def test_above_the_header_they_are_no_header() -> None:
    planned = plan(csv_text([["__meta__", WORD], ["# example", "a"], *ROWS]).encode())
    assert planned.header == ("Name", "Age")
    assert (planned.format.text.header_row, planned.row_count, planned.template_rows) == (3, 2, 5)


def test_a_description_with_a_nul_and_a_broken_letter_harms_nobody() -> None:
    data = csv_text(ROWS).replace("In years", "In\0 years").encode().replace(b"required", b"r\xe9quired")
    planned = plan(data, encoding="utf-8")
    frame, _ = frame_of(planned, data)
    assert frame["c0"].to_list() == ["Ada", "Bo"]


def test_the_flag_comes_back_from_the_plan() -> None:
    dialect = Dialect(template=True, width=2)
    assert Dialect(**dialect.to_json()) == dialect
