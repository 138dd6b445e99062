"""Sheets are read by a helper process: choice of the sheet, stopping, limits, and nothing left behind."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from import_worker.errors import FailureReason, JobFailed, TransientError
from import_worker.sources.transcode import ERROR_MARK
from import_worker.sources.workbooks import workbook
from import_worker.sources.workbooks.sheets import Sheet, WorkbookKind
from import_worker.sources.workbooks.workbook import open_sheet
from tests.corpus.package import relationships, write_package, xlsx_parts
from tests.corpus.workbooks import KINDS, ErrorCell, Table, write_sheets, write_workbook


def no_checkpoint() -> None:
    pass


def read(path: Path, sheet: str | None = None) -> tuple[Sheet, bytes]:
    with open_sheet(path, sheet, checkpoint=no_checkpoint) as (found, blocks):
        return found, b"".join(blocks)


def helpers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "sources.workbooks.process" in " ".join(child.cmdline())]


def test_what_lies_in_the_current_folder_is_not_pythons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_workbook("xlsx", [["a"], [1]], tmp_path / "t")
    for name in ("json", "zipfile", "struct", "import_worker"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken from the current folder')\n")
    monkeypatch.chdir(tmp_path)
    assert read(path)[1] == b"a\n1\n"


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_visible_sheet_or_the_one_that_is_named(kind: str, tmp_path: Path) -> None:
    sheets: dict[str, Table] = {
        "Hidden": [["h"]],
        "Main": [["a", ErrorCell("#N/A")]],
        " Müller ": [["x"]],
        "main": [["b"]],
    }
    if kind in ("xlsx", "xls"):  # whose writers refuse two names that differ in case only
        del sheets["main"]
    path = write_sheets(kind, sheets, tmp_path / "no-matter.csv", hidden=["Hidden"])
    assert read(path) == (Sheet(WorkbookKind(kind), "Main", tuple(sheets)), b"a," + ERROR_MARK + b"#N/A\n")
    assert read(path, "Hidden")[1] == b"h\n"
    assert read(path, "MÜLLER")[1] == b"x\n"
    assert read(path, " MAIN")[0].name == "Main"
    if "main" in sheets:
        assert read(path, "main")[1] == b"b\n"
    with pytest.raises(
        JobFailed, match=r"no sheet named 'Other'; name one of these: 'Hidden', 'Main', ' Müller '"
    ) as caught:
        read(path, "Other")
    assert caught.value.reason is FailureReason.UNREADABLE_FILE


def test_chart_sheets_are_no_sheets(tmp_path: Path) -> None:
    parts = xlsx_parts("<row><c><v>1</v></c></row>")
    sheets = '<sheet name="Chart" sheetId="7" r:id="rId7"/><sheet name="Sheet1"'
    parts["xl/workbook.xml"] = str(parts["xl/workbook.xml"]).replace('<sheet name="Sheet1"', sheets)
    parts["xl/_rels/workbook.xml.rels"] = relationships(
        {
            "rId7": ("chartsheet", "chartsheets/sheet1.xml"),
            "rId1": ("worksheet", "worksheets/sheet1.xml"),
        }
    )
    assert read(write_package(tmp_path / "t", parts)) == (Sheet(WorkbookKind.XLSX, "Sheet1", ("Sheet1",)), b"1\n")


def test_if_all_sheets_are_hidden_the_first_is_read(tmp_path: Path) -> None:
    path = write_sheets("ods", {"A": [["a"]], "B": [["b"]]}, tmp_path / "t", hidden=["A", "B"])
    assert read(path)[1] == b"a\n"


def test_what_is_refused_is_refused_on_entering(tmp_path: Path) -> None:
    with (
        pytest.raises(JobFailed, match="unpack it") as caught,
        open_sheet(write_package(tmp_path / "t", {"a.csv": "x"}), None, checkpoint=no_checkpoint),
    ):
        pass
    assert caught.value.reason is FailureReason.UNSUPPORTED_FORMAT
    assert not helpers()


def test_what_shows_later_is_raised_by_the_iterator(tmp_path: Path) -> None:
    path = write_package(tmp_path / "t", xlsx_parts("<row><c><v>1</v></c></row>" * 50_000 + "</sheetData>"))
    with open_sheet(path, None, checkpoint=no_checkpoint) as (_, blocks):
        assert next(blocks).startswith(b"1\n1\n")
        with pytest.raises(JobFailed, match="The workbook is damaged"):
            list(blocks)


def test_a_file_that_is_not_there_may_be_there_later(tmp_path: Path) -> None:
    with pytest.raises(TransientError, match="could not be opened: No such file"):
        read(tmp_path / "missing")


def large(path: Path) -> Path:
    """A workbook that takes seconds to read."""
    row = "<row>" + "<c><v>1234567.5</v></c>" * 13 + "</row>"
    return write_package(path, xlsx_parts(row * 30_000))


def test_leaving_the_context_ends_the_process(tmp_path: Path) -> None:
    with open_sheet(large(tmp_path / "t"), None, checkpoint=no_checkpoint) as (_, blocks):
        next(blocks)
        (helper,) = helpers()
    assert not helper.is_running()


def test_the_checkpoint_is_called_and_may_stop(tmp_path: Path) -> None:
    path = write_package(tmp_path / "t", xlsx_parts('<row><c r="A1"/></row>' + "<row/>" * 2_000_000))
    calls: list[float] = []

    def stop() -> None:
        calls.append(time.monotonic())
        if len(calls) == 4:
            raise InterruptedError

    with pytest.raises(InterruptedError), open_sheet(path, None, checkpoint=stop) as (_, blocks):
        list(blocks)
    assert not helpers()
    assert max(after - before for before, after in pairwise(calls)) < 0.6


def test_the_checkpoint_is_called_while_blocks_come(tmp_path: Path) -> None:
    calls = 0

    def count() -> None:
        nonlocal calls
        calls += 1

    start = time.monotonic()
    with open_sheet(large(tmp_path / "t"), None, checkpoint=count) as (_, blocks):
        assert sum(block.count(b"\n") for block in blocks) == 30_000
    assert calls >= (time.monotonic() - start) / 0.5 - 3


def test_the_process_ends_with_its_parent(tmp_path: Path) -> None:
    path = large(tmp_path / "t")
    code = (
        "import os, sys; from pathlib import Path; from import_worker.sources.workbooks.workbook import open_sheet\n"
        "with open_sheet(Path(sys.argv[1]), None, checkpoint=lambda: None) as (_, blocks):\n"
        "    next(blocks); print('ready', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"ready\n"
        (child,) = psutil.Process(parent.pid).children()
        parent.kill()
    assert not psutil.wait_procs([child], timeout=5)[1]


@contextmanager
def signalled(number: signal.Signals) -> Iterator[None]:
    """Sends a signal to the helper process as soon as there is one."""

    def send() -> None:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            for helper in helpers():
                helper.send_signal(number)
                return
            time.sleep(0.01)

    thread = threading.Thread(target=send)
    thread.start()
    yield
    thread.join()


@pytest.mark.parametrize(
    ("number", "kind", "message"),
    [
        (signal.SIGPROF, JobFailed, "too long"),
        (signal.SIGXCPU, JobFailed, "too long"),
        (signal.SIGABRT, JobFailed, "too much memory"),
        (signal.SIGSEGV, JobFailed, "damaged"),
        (signal.SIGKILL, TransientError, "stopped from outside"),
    ],
)
def test_how_the_process_ends_says_why(
    number: signal.Signals, kind: type[Exception], message: str, tmp_path: Path
) -> None:
    path = large(tmp_path / "t")
    with signalled(number), pytest.raises(kind, match=message):
        read(path)


def test_a_process_that_stands_still_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_TIMEOUT_SECONDS", 1.0)
    path = large(tmp_path / "t")
    with signalled(signal.SIGSTOP), pytest.raises(TransientError, match="no progress"):
        read(path)
    assert not helpers()


def test_the_memory_of_the_worker_does_not_count(tmp_path: Path) -> None:
    """Linux tells a new process the largest size of the one that it was started by."""
    write_workbook("xlsx", [["a"], [1]], tmp_path / "t")
    script = (
        "import sys; from pathlib import Path; from import_worker.sources.workbooks.workbook import open_sheet;"
        " large = bytearray(b'x') * (1 << 30)\n"
        "with open_sheet(Path(sys.argv[1]), None, checkpoint=lambda: None) as (sheet, blocks): print(b''.join(blocks))"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "t")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("b'a\\n1\\n'\n", "")


def test_memory_is_limited(tmp_path: Path) -> None:
    """Each element that is left open costs the parser 150 bytes, far more than it takes in the file."""
    path = write_package(tmp_path / "t", xlsx_parts("<a>" * (12 << 20)))
    with pytest.raises(JobFailed, match="too much memory") as caught:
        read(path)
    assert caught.value.reason is FailureReason.LIMIT_EXCEEDED


@pytest.mark.parametrize("kind", KINDS)
def test_a_workbook_of_each_kind_through_the_process(kind: str, tmp_path: Path) -> None:
    table: Table = [["n", "text"], *([number, f"text {number}"] for number in range(5_000))]
    found, csv = read(write_workbook(kind, table, tmp_path / "t"))
    assert found == Sheet(WorkbookKind(kind), "Sheet1", ("Sheet1",))
    assert csv == b"n,text\n" + b"".join(b"%d,text %d\n" % (number, number) for number in range(5_000))
