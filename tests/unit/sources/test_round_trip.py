"""Whatever table is written, in whatever way, comes back cell for cell, with its row numbers and lines."""

import gzip
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard

from import_worker.options import JobOptions
from import_worker.sources.detect import beginning as beginning_module
from import_worker.sources.plan import SourcePlan, plan_source
from import_worker.sources.read import chunk_reader as read_module
from import_worker.sources.read.chunk_reader import ChunkReader, pieces
from tests.corpus.languages import LANGUAGES
from tests.corpus.workbooks import KINDS, ErrorCell, write_workbook

GROUPS, EXAMPLES = 10, 205
WORKBOOKS_PER_KIND = 15
LATE = 100
TAME_SHARE = 0.2
"""So many of the tables are large and plain enough to leave their format to detection."""

BOMS = {
    "utf-8-sig": ("utf-8", b"\xef\xbb\xbf"),
    "utf-16-le-sig": ("utf-16-le", b"\xff\xfe"),
    "utf-16-be-sig": ("utf-16-be", b"\xfe\xff"),
    "utf-32-le-sig": ("utf-32-le", b"\xff\xfe\0\0"),
    "utf-32-be-sig": ("utf-32-be", b"\0\0\xfe\xff"),
}
UNICODE = ("utf-8", *BOMS)
ENCODINGS = (
    *("utf-8", *BOMS, "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "gb18030", "big5", "big5hkscs", "cp932"),
    *("shift_jis", "euc_jp", "iso2022_jp", "cp949", "euc_kr", "johab", "cp1250", "cp1251", "cp1252", "cp1253"),
    *("cp1255", "cp1256", "iso8859-2", "iso8859-15", "koi8-r", "mac-roman", "cp437", "cp874", "ascii"),
)
NEWLINES = ("\n", "\r\n", "\r")
# Letters of many scripts, blanks that are no line ends, two-byte characters with a ``|`` or a backslash in them.
LETTERS = "abcXYZ0189.-'\"\\ \t,;|^:ßéÿœ€łžőĄЖяёωΆשم ไ漢字ソ能ポ十表한글粒\u00a0\u3000\u2028\x85\x0b\x0c🙂"
SIMPLE = "abcde 0123456789"


@dataclass(frozen=True)
class Style:
    """``quoting``: none, minimal (where needed), all, or lazy (a quote inside a cell stands as it is)."""

    delimiter: str
    quote: str
    quoting: str
    backslash: bool
    spaced: bool
    newline: str
    encoding: str
    compression: str


@dataclass(frozen=True)
class Example:
    """``lines`` are those on which the rows begin, from 1; ``options`` what the job says."""

    style: Style
    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    data: bytes
    options: dict[str, Any]
    sample_bytes: int


@pytest.mark.parametrize("group", range(GROUPS))
def test_what_was_written_is_what_is_read(group: int, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = 0
    for seed in range(group * EXAMPLES, (group + 1) * EXAMPLES):
        rng = random.Random(seed)
        example = draw_tame(rng) if rng.random() < TAME_SHARE else draw_wild(rng)
        monkeypatch.setattr(beginning_module, "SAMPLE_BYTES", example.sample_bytes)
        monkeypatch.setattr(read_module, "PIECE_BYTES", rng.choice([200, 1_000, 1 << 20, 1 << 20]))
        try:
            check(example, rng)
        except Exception as error:
            raise AssertionError(
                f"seed {seed}, {example.style}, options {example.options}: {error}\n{example.data!r}"
            ) from error
        checked += 1
    assert checked * GROUPS >= 2_000


def check(example: Example, rng: random.Random) -> None:
    block = rng.randint(1, rng.choice([20, 4_000]))
    chunk_bytes = 1 + len(example.data) // rng.choice([1, 3, 8])
    planned, readable = plan(example.data, example.options, block, chunk_bytes)
    assert planned.header == tuple(example.header), planned.header
    assert planned.row_count == len(example.rows)
    reader = ChunkReader(planned.dialect, planned.header, tuple(range(len(planned.header))), pad=False)
    rows: list[list[str]] = []
    numbers: list[int] = []
    lines: list[int] = []
    end = 0
    for number, chunk in enumerate(planned.chunks, 1):
        assert (chunk.number, chunk.first_row) == (number, len(rows) + 1)
        assert end <= chunk.first_byte < chunk.end_byte
        assert number == 1 or chunk.first_byte == end
        end = chunk.end_byte
        for piece in pieces(readable[chunk.first_byte : chunk.end_byte], chunk, planned.dialect):
            read = reader.read_piece(piece)
            assert read.bad == []
            found = read.frame["row"].to_numpy()
            numbers += found.tolist()
            lines += read.lines_of(np.asarray(found, np.int64)).tolist()
            rows += [list(row[1:]) for row in read.frame.rows()]
    assert end == len(readable)
    for index, (got, expected) in enumerate(zip(rows, example.rows, strict=True)):
        assert got == expected, f"row {index + 1} is {got}, not {expected}"
    assert numbers == list(range(1, len(rows) + 1))
    assert lines == example.lines, f"lines {lines}, not {example.lines}"


def plan(data: bytes, options: dict[str, Any], block: int, chunk_bytes: int) -> tuple[SourcePlan, bytes]:
    """The plan, and the bytes that its chunks are ranges of."""
    written = bytearray()

    @contextmanager
    def open_normalized() -> Iterator[Callable[[bytes], object]]:
        written.clear()
        yield written.extend

    planned = plan_source(
        lambda: (data[start : start + block] for start in range(0, len(data), block)),
        JobOptions.parse(options),
        chunk_bytes,
        count_expected=lambda _: 0,
        open_normalized=open_normalized,
    )
    return planned, bytes(written) if planned.normalized else data


def test_letters_that_come_late_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample that the format is found from is ASCII; what comes behind it is not."""
    for seed in range(LATE):
        rng = random.Random(f"late {seed}")
        words = LANGUAGES[rng.choice([name for name in sorted(LANGUAGES) if name != "english"])]
        encoding, newline = rng.choice(["utf-8", *words.legacy]), rng.choice(NEWLINES)
        early = [[str(rng.randrange(1_000)), "lamp", "on time"] for _ in range(30)]
        late = [
            [str(rng.randrange(1_000)), rng.choice(words.articles), rng.choice(words.remarks)]
            for _ in range(rng.choice([3, 20, 200]))
        ]
        head, tail = (
            "".join(";".join(row) + newline for row in rows)
            for rows in ([["number", "article", "remark"], *early], late)
        )
        data = (head + tail).encode(encoding)
        monkeypatch.setattr(beginning_module, "SAMPLE_BYTES", len(head) - 5)
        planned, readable = plan(data, {}, 1 << 22, 1_000)
        reader = ChunkReader(planned.dialect, planned.header, (0, 1, 2), pad=False)
        rows = []
        for chunk in planned.chunks:
            rows += reader.read(readable[chunk.first_byte : chunk.end_byte], chunk).frame.rows()
        assert [list(row[1:]) for row in rows] == early + late, f"seed {seed}, {encoding}:\n{data!r}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_is_read_as_a_person_sees_it(kind: str, tmp_path: Path) -> None:
    for seed in range(WORKBOOKS_PER_KIND):
        rng = random.Random(f"{kind} {seed}")
        width = rng.choice([1, 2, 3, 6])
        header = [f"h{index}{rng.choice(['', ' é', ', x', ' 漢'])}" for index in range(width)]
        table = [[sheet_cell(rng, width) for _ in range(width)] for _ in range(rng.randint(1, 40))]
        table.append([1] * width)
        path = write_workbook(kind, [header, *table], tmp_path / f"{seed}.csv")
        data = gzip.compress(path.read_bytes()) if rng.random() < 0.2 else path.read_bytes()
        try:
            check_sheet(data, header, table, rng)
        except Exception as error:
            kept = tmp_path / f"{seed}.csv"
            raise AssertionError(f"{kind}, seed {seed} ({kept}): {error}\n{table}\n{data.hex()}") from error


def check_sheet(data: bytes, header: list[str], table: list[list[object]], rng: random.Random) -> None:
    block, chunk_bytes = rng.randint(1, rng.choice([100, 100_000])), rng.randint(1, rng.choice([60, 2_000]))
    planned, readable = plan(data, {"header_row": 1}, block, chunk_bytes)
    assert planned.header == tuple(header), planned.header
    expected = [(line, row) for line, row in enumerate(table, 2) if any(map(seen, row))]
    assert planned.row_count == len(expected)
    reader = ChunkReader(planned.dialect, planned.header, tuple(range(len(header))), pad=False)
    rows: list[tuple[int, list[str]]] = []
    errors: list[tuple[int, str | None, str]] = []
    for chunk in planned.chunks:
        read = reader.read(readable[chunk.first_byte : chunk.end_byte], chunk)
        assert {bad.problem.error_type for bad in read.bad} <= {"error_cell"}, read.bad
        errors += [(bad.row, bad.column, bad.raw) for bad in read.bad]
        lines = read.lines_of(read.frame["row"].to_numpy()).tolist()
        rows += [(line, list(row[1:])) for line, row in zip(lines, read.frame.rows(), strict=True)]
    without_errors = [
        (line, ["" if isinstance(cell, ErrorCell) else seen(cell) for cell in row]) for line, row in expected
    ]
    for got, wanted in zip(rows, without_errors, strict=True):
        assert got == wanted, f"{got}, not {wanted}"
    assert errors == [
        (number, name, cell.text)
        for number, (_, row) in enumerate(expected, 1)
        for name, cell in zip(header, row, strict=True)
        if isinstance(cell, ErrorCell)
    ]


def sheet_cell(rng: random.Random, width: int) -> object:
    day = date(1900, 3, 1) + timedelta(days=rng.randrange(2_900_000))
    clock = time(rng.randrange(24), rng.randrange(60), rng.randrange(60))
    lines = [rng.choice(["a" + ",b" * (width - 1), "a;b", 'say "x"', ""]) for _ in range(rng.randint(2, 8))]
    options: list[object] = [
        *(None, None, "", " ", "007", "1e5", "=1+1", "#N/A", "TRUE", "_x0041_", ErrorCell("#N/A"), ErrorCell("#REF!")),
        *(True, False, 0, -7, rng.randrange(-(2**53) + 1, 2**53), round(rng.uniform(-1e6, 1e6), 4), 0.1 + 0.2),
        *(day, datetime.combine(day, clock), clock, timedelta(seconds=rng.randrange(10**6))),
        "".join(rng.choices("ab,;\"'|\t\n =é漢🙂", k=rng.randint(1, 12))),
        "\n".join(lines),
    ]
    return rng.choice(options)


def seen(value: object) -> str:
    """What a person sees in a cell."""
    match value:
        case None:
            text = ""
        case ErrorCell(text):
            pass
        case bool():
            text = str(value).upper()
        case float():
            text = f"{Decimal(f'{value:.15g}'):f}"
            text = text.rstrip("0").rstrip(".") if "." in text else text
        case datetime():
            text = f"{value:%Y-%m-%d}" if value.time() == time(0) else f"{value:%Y-%m-%d %H:%M:%S}"
        case timedelta():
            minutes, second = divmod(int(value.total_seconds()), 60)
            text = f"{minutes // 60:02}:{minutes % 60:02}:{second:02}"
        case _:
            text = str(value)
    return "" if text.isspace() else text


def draw_wild(rng: random.Random) -> Example:
    """Few and strange cells; nobody could tell the format, so the options do, but for what the bytes prove."""
    quoting = rng.choice(["none", "minimal", "minimal", "all", "lazy"])
    style = Style(
        delimiter=rng.choice(",;\t|"),
        quote=rng.choice(['"', '"', "'"]),
        quoting=quoting,
        backslash=quoting in ("minimal", "all") and rng.random() < 0.25,
        spaced=quoting in ("minimal", "all") and rng.random() < 0.2,
        newline=rng.choice(NEWLINES),
        encoding=rng.choice(ENCODINGS),
        compression=draw_compression(rng),
    )
    letters = can_say(style.encoding)
    letters = letters if rng.random() < 0.7 else letters + "\n\r" + style.delimiter + style.quote + " "
    width = rng.choice([1, 2, 3, 4, 9])
    header = [f"h{index}" + wild_cell(rng, style, letters, width, most=3) for index in range(width)]
    rows = [
        [wild_cell(rng, style, letters, width, most=rng.choice([2, 8, 30])) for _ in range(width)]
        for _ in range(rng.randint(1, rng.choice([3, 30])))
    ]
    if width == 1 and style.quoting in ("none", "lazy"):
        rows = [[cell or "-"] for [cell] in rows]
    if style.backslash or style.spaced:
        # There is no option for these: the file has to show them.
        header = [SIMPLE[:3] + str(index) for index in range(width)]
        rows[0] = [f"a{style.quote}b" if style.backslash else f"a{style.delimiter}b" for _ in header]
    preamble = [rng.choice(["", "A list of 2026", "made by the till"]) for _ in range(rng.choice([0, 0, 1, 3]))]
    options = {"delimiter": style.delimiter, "quote": style.quote if style.quoting != "none" else ""}
    options["header_row"] = str(len(preamble) + 1)
    if style.encoding not in UNICODE or rng.random() < 0.5:
        options["encoding"] = BOMS.get(style.encoding, (style.encoding,))[0]
    return write(rng, style, header, rows, options, preamble=preamble, gaps=rng.random() < 0.3)


def wild_cell(rng: random.Random, style: Style, letters: str, width: int, *, most: int) -> str:
    """A cell that the style can say, and that no line inside it makes a stray quote."""
    kind = rng.random()
    if kind < 0.15:
        return ""
    if kind < 0.25 and style.quoting not in ("none", "lazy"):
        lines = ["".join(rng.choices("ab" + style.delimiter, k=rng.randint(0, 4))) for _ in range(rng.randint(2, 8))]
        cell = "".join(line + rng.choice(NEWLINES) for line in lines)
    else:
        cell = "".join(rng.choices(letters, k=rng.randint(1, most)))
    if style.quoting == "none":
        return re.sub(rf"[\r\n{re.escape(style.delimiter)}]", "", cell)
    if not style.backslash and (f"\\{style.quote}" in cell or (width == 1 and cell.endswith("\\"))):
        # What a backslash means is left to detection, and before a quote it may mean either.
        cell = cell.replace("\\", "")
    whole = re.split("\r\n|\r|\n", cell)[1:-1]
    alike = sum(line.count(style.delimiter) == width - 1 for line in whole)
    return "stray" if width >= 3 and len(whole) >= 3 and 2 * alike > len(whole) else cell


def draw_tame(rng: random.Random) -> Example:
    """A table such as people have, of which options say some properties and detection finds the others."""
    words = LANGUAGES[rng.choice(sorted(LANGUAGES))]
    quoting = rng.choice(["minimal", "minimal", "all", "none"])
    style = Style(
        delimiter=rng.choice(",;\t|"),
        quote=rng.choice(['"', '"', '"', "'"]) if quoting == "all" else '"',
        quoting=quoting,
        backslash=quoting != "none" and rng.random() < 0.2,
        spaced=quoting == "all" and rng.random() < 0.2,
        newline=rng.choice(NEWLINES),
        encoding=rng.choice([*UNICODE, *UNICODE, *words.legacy]),
        compression=draw_compression(rng),
    )
    marks = [" - ", " ", " (2) "] if quoting == "none" else [", ", "; ", " - ", "\n", "\r\n", f" {style.quote}", " | "]
    kinds: list[Callable[[], str]] = [
        lambda: rng.choice(words.articles),
        lambda: rng.choice(words.places),
        lambda: rng.choice(words.remarks) + rng.choice(marks) + rng.choice(words.articles),
        lambda: str(rng.randrange(10_000)),
        lambda: f"2026-05-{rng.randrange(10, 29)}",
        lambda: rng.choice([*words.remarks, ""]),
    ]
    width = rng.randint(2, 6)
    chosen = [kinds[0], *(rng.choice(kinds) for _ in range(width - 1))]
    header = [words.headers[index] for index in rng.sample(range(7), width)]
    rows = [[kind() for kind in chosen] for _ in range(rng.randint(8, 35))]
    if quoting == "none":
        rows = [[cell.replace(style.delimiter, " ") for cell in row] for row in rows]
    if style.backslash:
        rows[0][0] = f"{style.quote}{words.articles[0]}{style.quote}"
    given = {"delimiter": style.delimiter, "quote": style.quote if quoting != "none" else "", "header_row": "1"}
    given["encoding"] = BOMS.get(style.encoding, (style.encoding,))[0]
    options = {name: value for name, value in given.items() if rng.random() < 0.2}
    return write(rng, style, header, rows, options, preamble=[], gaps=False)


@cache
def can_say(encoding: str) -> str:
    """The letters that come back from that encoding as they were."""
    name = BOMS.get(encoding, (encoding,))[0]

    def comes_back(letter: str) -> bool:
        try:
            return letter.encode(name).decode(name) == letter
        except UnicodeError:
            return False

    return "".join(filter(comes_back, LETTERS))


def write(
    rng: random.Random,
    style: Style,
    header: list[str],
    rows: list[list[str]],
    options: dict[str, Any],
    *,
    preamble: list[str],
    gaps: bool,
) -> Example:
    """The file. ``gaps``: with wholly empty lines between its records."""
    text = "".join(line + style.newline for line in preamble) + record(rng, style, header) + style.newline
    header_end = len(text)
    lines = []
    for row in rows:
        if gaps:
            text += style.newline * rng.choice([0, 0, 1, 2])
        lines.append(1 + len(re.findall("\r\n|\r|\n", text)))
        text += record(rng, style, row) + style.newline
    if rng.random() < 0.3 and any(rows[-1]):
        text = text.removesuffix(style.newline)
    encoding, mark = BOMS.get(style.encoding, (style.encoding, b""))
    raw = mark + text.encode(encoding)
    sample_bytes = len(raw) + 1
    if len(options) == 4 and not style.backslash and not style.spaced and rng.random() < 0.3:
        sample_bytes = len(mark + text[:header_end].encode(encoding)) + rng.randint(1, 50)
    return Example(style, header, rows, lines, compress(rng, raw, style.compression), options, sample_bytes)


def record(rng: random.Random, style: Style, row: list[str]) -> str:
    return style.delimiter.join(written(rng, style, cell, place, len(row)) for place, cell in enumerate(row))


def written(rng: random.Random, style: Style, cell: str, place: int, width: int) -> str:
    opens = cell.lstrip(" ").startswith(style.quote)
    breaks = any(mark in cell for mark in (style.delimiter, "\r", "\n"))
    needs = opens or breaks or (style.quote in cell and style.quoting != "lazy") or (width == 1 and not cell)
    if style.backslash:
        cell = cell.replace("\\", "\\\\")
    if style.quoting == "none" or (style.quoting != "all" and not needs and rng.random() < 0.9):
        return cell
    escaped = cell.replace(style.quote, f"\\{style.quote}" if style.backslash else style.quote * 2)
    blanks = " " * rng.choice([1, 1, 2]) if style.spaced and place else ""
    return blanks + style.quote + escaped + style.quote


def draw_compression(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return "none"
    return rng.choice(["gzip", "members", "padded", "zstd", "frames", "skippable", "gzip in zstd"])


def compress(rng: random.Random, raw: bytes, how: str) -> bytes:
    cut = rng.randint(0, len(raw))
    level = rng.randint(1, 9)
    zstd = zstandard.ZstdCompressor(level=level, write_checksum=cut % 2 == 0).compress
    skippable = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
    return {
        "none": raw,
        "gzip": gzip.compress(raw, level),
        "members": gzip.compress(raw[:cut], level) + gzip.compress(b"") + gzip.compress(raw[cut:], level),
        "padded": gzip.compress(raw, level) + bytes(cut + 1),
        "zstd": zstd(raw),
        "frames": zstd(raw[:cut]) + zstd(raw[cut:]),
        "skippable": zstd(raw[:cut]) + skippable + zstd(raw[cut:]),
        "gzip in zstd": zstd(gzip.compress(raw, level)),
    }[how]
