"""The bounded engine: right answers, no hang, no process left behind."""

import gc
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import psutil
import pytest

from import_worker.errors import FailureReason, JobFailed, TransientError
from import_worker.forms.rules import bounded_patterns
from import_worker.forms.rules.bounded_patterns import BoundedPattern, Overruns

EVIL = r"^(?!x)(a+)+$"
HOPELESS = "a" * 40 + "!"


def helpers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "pattern_process" in " ".join(_command(child))]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline() or ["zombie of pattern_process"]
    except psutil.NoSuchProcess:
        return []


@pytest.fixture(autouse=True)
def _nothing_left() -> object:
    yield
    gc.collect()
    assert helpers() == []


def test_what_lies_in_the_current_folder_is_not_pythons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("json", "struct", "import_worker"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken from the current folder')\n")
    monkeypatch.chdir(tmp_path)
    assert BoundedPattern("^a$", "").found(pl.Series(["a", "b"]), Overruns()).to_list() == [True, False]


def test_decides_many_texts_and_keeps_its_helper() -> None:
    pattern = BoundedPattern(r"^(?=.*\d)(?=.*[a-zé😀])", "u")
    texts = pl.Series([f"{n}{'é' if n % 2 else ''}" for n in range(1_000)] * 2 + ["x", "", "\n1é", "😀1"])

    answers = [pattern.found(texts, Overruns()).to_list() for _ in range(2)]

    assert answers[0] == [bool(n % 2) for n in range(1_000)] * 2 + [False, False, False, True]
    assert answers[0] == answers[1]
    assert len(helpers()) == 1


def test_no_texts_need_no_helper() -> None:
    assert BoundedPattern("(?=a)", "u").found(pl.Series(dtype=pl.String), Overruns()).to_list() == []
    assert helpers() == []


def test_only_the_hopeless_text_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_patterns, "_BATCH_SECONDS", 0.2)
    pattern, overruns = BoundedPattern(EVIL, "u"), Overruns()

    found = pattern.found(pl.Series(["aa", HOPELESS, "aaa", "b", HOPELESS, "a"]), overruns)

    assert found.to_list() == [True, False, True, False, False, True]
    assert overruns.count == 1


def test_too_many_overruns_fail_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_patterns, "_BATCH_SECONDS", 0.05)
    with pytest.raises(JobFailed, match="takes too long") as caught:
        BoundedPattern(EVIL, "u").found(pl.Series([HOPELESS + str(n) for n in range(20)]), Overruns())
    assert caught.value.reason is FailureReason.INVALID_FORM_DEFINITION


def test_overruns_are_counted_for_the_chunk_not_the_pattern() -> None:
    overruns = Overruns()
    for _ in range(9):
        overruns.add("a")
    with pytest.raises(JobFailed):
        overruns.add("b")


def test_threads_share_a_pattern() -> None:
    pattern = BoundedPattern(r"(\d)\1", "u")
    texts = pl.Series([str(n) for n in range(10, 100)])
    expected = [n % 11 == 0 for n in range(10, 100)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: pattern.found(texts, Overruns()).to_list(), range(12)))

    assert answers == [expected] * 12


def test_a_helper_stopped_from_outside_is_no_verdict() -> None:
    pattern = BoundedPattern("(?=a)", "u")
    assert pattern.found(pl.Series(["a"]), Overruns()).to_list() == [True]
    helpers()[0].kill()

    with pytest.raises(TransientError):
        pattern.found(pl.Series(["a"]), Overruns())

    assert pattern.found(pl.Series(["a"]), Overruns()).to_list() == [True]


PROGRAM = """
import polars, sys, time
from import_worker.forms.rules.bounded_patterns import BoundedPattern, Overruns
pattern = BoundedPattern("(?=a)", "u")
pattern.found(polars.Series(["a"]), Overruns())
import psutil
print(psutil.Process().children()[0].pid, flush=True)
if sys.argv[1] == "wait":
    time.sleep(60)
"""


@pytest.mark.parametrize("end", ["normal", signal.SIGTERM, signal.SIGKILL])
def test_the_helper_ends_with_the_worker(end: str | signal.Signals) -> None:
    how = "exit" if end == "normal" else "wait"
    with subprocess.Popen([sys.executable, "-c", PROGRAM, how], stdout=subprocess.PIPE) as worker:
        assert worker.stdout
        helper = int(worker.stdout.readline())
        if isinstance(end, signal.Signals):
            worker.send_signal(end)
        worker.wait(10)

    until = time.monotonic() + 10
    while _alive(helper) and time.monotonic() < until:
        time.sleep(0.01)
    assert not _alive(helper)


def test_the_helper_inherits_neither_secrets_nor_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DatabaseUrl", "postgresql://secret")
    pattern = BoundedPattern("(?=a)", "u")
    read_end, write_end = os.pipe()
    try:
        os.set_inheritable(write_end, True)  # noqa: FBT003
        pattern.found(pl.Series(["a"]), Overruns())
        process = Path("/proc") / str(helpers()[0].pid)
        assert b"secret" not in (process / "environ").read_bytes()
        assert {int(entry.name) for entry in (process / "fd").iterdir()} == {0, 1, 2}
    finally:
        os.close(read_end)
        os.close(write_end)


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
