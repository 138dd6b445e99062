"""Files that are made to take memory or time, in a process of its own: both stay bounded, and a sentence says why."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from tests.corpus import stock
from tests.corpus.dialects import Style, write
from tests.corpus.file_case import ARTICLES
from tests.corpus.files_refused import gzip_bomb, xlsx_bomb, zstd_bomb
from tests.corpus.files_workbooks import stock_workbook, workbook
from tests.support.cli import Cli, Result
from tests.support.host import Host
from tests.support.memory import watch_peak

MAX_BYTES = 400 << 20
"""Of contract section 12; a small file takes about 200 MiB."""
MAX_WORKBOOK_BYTES = 600 << 20
"""With the helper process, which is a second interpreter."""
MAX_SECONDS = 45
GIB = 1 << 30
STRAYS = 4_000
LONG_RECORD = "longer than 16 MiB"


@dataclass(frozen=True)
class Heavy:
    """``size`` is what the file is stretched to by a hole at its end, which takes no room on the disk."""

    name: str
    blocks: Callable[[], Iterable[bytes]]
    reason: str
    says: str
    size: int = 0
    max_bytes: int = MAX_BYTES

    def __str__(self) -> str:
        return self.name


def _one(make: Callable[[], bytes]) -> Callable[[], Iterable[bytes]]:
    return lambda: [make()]


def _long_shared_string() -> bytes:
    """A short text in each of a few hundred thousand cells, and a long one: the sheet is far larger than its file."""
    long = "x" * 30_000
    return workbook("xlsx", {"Sheet1": [["article", "note"], *([["Lamp", long]] * 6_000)]})()


HEAVY = [
    Heavy("gzip bomb", _one(lambda: gzip_bomb(GIB)), "limit_exceeded", "200 times its size"),
    Heavy("zstd bomb", _one(lambda: zstd_bomb(GIB)), "limit_exceeded", "200 times its size"),
    Heavy(
        "gzip bomb without a line end",
        _one(lambda: gzip_bomb(GIB, block=b"x" * (1 << 20))),
        "limit_exceeded",
        LONG_RECORD,
    ),
    Heavy(
        "xlsx bomb",
        _one(lambda: xlsx_bomb(400 << 20)),
        "limit_exceeded",
        "200 times its size",
        max_bytes=MAX_WORKBOOK_BYTES,
    ),
    Heavy(
        "one long text in many cells",
        _one(_long_shared_string),
        "limit_exceeded",
        "200 times the size of the workbook",
        max_bytes=MAX_WORKBOOK_BYTES,
    ),
    Heavy("record over 16 MiB", lambda: [b"article,note\nLamp,", b"x" * (40 << 20)], "limit_exceeded", LONG_RECORD),
    Heavy(
        "record of 2 GiB",
        lambda: [b"article,note\nLamp,", b"x" * (2 << 20)],
        "limit_exceeded",
        LONG_RECORD,
        size=2 * GIB,
    ),
    Heavy(
        "quoted record of 2 GiB",
        lambda: [b'article,note\n"Rug","a, b"\n"Lamp","', b"x\n" * (1 << 20)],
        "limit_exceeded",
        LONG_RECORD,
        size=2 * GIB,
    ),
    Heavy("2 GiB without a first line", lambda: [b"x" * (2 << 20)], "unsupported_format", "no line end", size=2 * GIB),
    Heavy("2 GiB of nothing", lambda: [b""], "unsupported_format", "binary", size=2 * GIB),
    Heavy(
        "more than 1 TiB",
        lambda: [b"article,note\nLamp,a\n" * 10],
        "limit_exceeded",
        "larger than 1 TiB",
        size=(1 << 40) + 1,
    ),
]


@pytest.mark.parametrize("heavy", HEAVY, ids=str)
def test_a_heavy_file_fails_in_bounded_memory_and_time(heavy: Heavy, cli: Cli, host: Host) -> None:
    job_id = _job(host, heavy.blocks(), heavy.size)
    begun = time.monotonic()
    result, peak = _run(cli, job_id)
    assert result.code == 3, result.err
    summary = host.job_row(job_id)["error_summary"]
    assert summary["reason"] == heavy.reason
    assert heavy.says in summary["message"]
    assert host.payloads(job_id) == []
    assert peak < heavy.max_bytes, f"{peak >> 20} MiB"
    assert time.monotonic() - begun < MAX_SECONDS


def test_stray_quotes_all_over_a_large_file_cost_little(cli: Cli, host: Host) -> None:
    good = b"".join(b'Rug,%d,"a, b%s"\n' % (number, b"x" * 400) for number in range(10))
    blocks = [b"article,quantity,note\n", (good + b'Lamp,2,"x\n') * STRAYS]
    job_id = _job(host, blocks, 0)
    result, peak = _run(cli, job_id)
    assert result.code == 0, result.err
    stats = host.job_row(job_id)["stats"]
    assert (stats["rows_succeeded"], stats["rows_failed"]) == (10 * STRAYS, STRAYS)
    assert peak < MAX_BYTES, f"{peak >> 20} MiB"


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("stock.csv", lambda: write("", stock.TABLE, Style(delimiter=";", encoding="cp1252")).data),
        ("stock.txt", lambda: write("", stock.TABLE, Style(delimiter="\t", encoding="utf-16-le-sig")).data),
        ("stock.csv", stock_workbook("xlsx")),
        ("stock.xls", stock_workbook("xls")),
    ],
)
def test_a_file_through_the_programs_own_process(
    name: str, make: Callable[[], bytes], cli: Cli, host: Host, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(make())
    form_id = host.form({"fields": ARTICLES})
    result = cli("submit", tmp_path / name, "--form-id", form_id, "--run")
    assert result.code == 0, result.err
    assert "header in row 1" in result.out
    assert "4 of 5 rows imported" in result.out
    job_id = host.value("SELECT id FROM import_jobs")
    assert host.payloads(job_id) == stock.PAYLOADS


def _job(host: Host, blocks: Iterable[bytes], size: int) -> UUID:
    """A job for a file that is put in its place block by block."""
    key = f"imports/{host.organization_id}/heavy/file.csv"
    path = Path(host.store.locate(key))
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        for block in blocks:
            file.write(block)
        if size:
            file.truncate(size)
    return host.job(None, key=key, sha256=None, form_id=host.form({"fields": ARTICLES}))


def _run(cli: Cli, job_id: UUID) -> tuple[Result, int]:
    with cli.start("run", "--job-id", job_id) as process, watch_peak(process.pid) as peak:
        out, err = process.communicate(timeout=110)
    return Result(process.returncode, out, err), peak.resident_bytes
