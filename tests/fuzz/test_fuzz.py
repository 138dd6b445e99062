"""Damaged files: whatever the bytes, the job ends completed, or failed with a reason and a sentence, in bounded memory
and time, and leaves nothing lying about."""

import os
import random
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest
from structlog.testing import capture_logs

from import_worker.errors import FailureReason, JobFailed
from import_worker.importing.worker import Worker, WorkerSettings
from tests.fuzz.files import FORM, draw
from tests.support.host import Host

INPUTS = int(os.environ.get("FUZZ_INPUTS", "500"))
GROUP = 100
"""Inputs to a database; small enough for the time that one test has."""
KEPT = Path(__file__).parents[2] / ".tools" / "fuzz"
"""The input that is being run is there, and stays when it fails or hangs."""
SECONDS_EACH = 30
MAX_GROWTH_BYTES = 600 << 20

# What a damaged file may be blamed for. Every other reason would be a defect.
BLAMED_ON_THE_FILE = {
    FailureReason.SOURCE_FILE_EMPTY,
    FailureReason.UNSUPPORTED_FORMAT,
    FailureReason.UNREADABLE_FILE,
    FailureReason.HEADER_MISSING,
    FailureReason.DUPLICATE_HEADER,
    FailureReason.MAPPED_HEADER_MISSING,
    FailureReason.REQUIRED_FIELD_NOT_MAPPED,
    FailureReason.INVALID_MAPPING,
    FailureReason.LIMIT_EXCEEDED,
}
OPTIONS: tuple[dict[str, Any], ...] = (
    *({}, {}, {}, {}, {"ragged_rows": "pad"}, {"delimiter": ","}, {"quote": ""}, {"header_row": 1}),
    *({"encoding": "cp1252"}, {"encoding": "utf-16"}, {"encoding": "utf-8", "delimiter": ";", "quote": "'"}),
)


@pytest.mark.parametrize("group", range(-(-INPUTS // GROUP)))
def test_any_bytes_end_well(group: int, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    fuzzer = Fuzzer(host, host.form(FORM), temporary)
    fuzzer.run(b"name\nx\n", {}, dry_run=False)  # what is imported and cached once is no growth
    before = peak_bytes(reset=True)
    outcomes: Counter[str] = Counter()
    seeds = range(group * GROUP, min((group + 1) * GROUP, INPUTS))
    for seed in seeds:
        rng = random.Random(seed)
        kind, data = draw(rng)
        with kept(seed, kind, data) as path:
            outcomes[fuzzer.run(data, rng.choice(OPTIONS), dry_run=rng.random() < 0.25)] += 1
            grown = peak_bytes() - before
            assert grown < MAX_GROWTH_BYTES, f"{grown >> 20} MiB more than before, after {path}"
    # Were most of them refused at once, little would have been tried.
    assert outcomes.total() == len(seeds)
    assert outcomes["imported"] >= len(seeds) // 5, outcomes


@contextmanager
def kept(seed: int, kind: str, data: bytes) -> Iterator[Path]:
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"seed-{seed}"
    path.write_bytes(data)
    try:
        yield path
    except BaseException as error:
        raise AssertionError(f"seed {seed} ({kind}, {len(data):,} bytes, kept in {path}): {error!r}") from error
    path.unlink()


def peak_bytes(*, reset: bool = False) -> int:
    """The most memory that this process had (proc(5), VmHWM), since the last reset."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM"))


@dataclass
class Fuzzer:
    """Runs jobs of one host by the product's worker, in this process, and looks at what each leaves behind."""

    host: Host
    form_id: UUID
    temporary: Path

    def run(self, data: bytes, options: dict[str, Any], *, dry_run: bool) -> str:
        """How the job ended: its status, or the reason of its failure."""
        job_id = self.host.job(data, form_id=self.form_id)
        settings = WorkerSettings(connections=1, chunk_bytes=2_000, max_attempts=1, deadline_seconds=SECONDS_EACH)
        worker = Worker(self.host.database_url, self.host.store, settings)
        failure = None
        with capture_logs() as logs:
            try:
                worker.run(job_id, options=options, dry_run=dry_run)
            except JobFailed as error:
                failure = error  # and with it everything that its traceback holds
                self._check_failure(job_id, error)
            else:
                assert self.host.job_row(job_id)["status"] == ("validated" if dry_run else "completed")
                assert self._count("pending", job_id) == 0
        assert [entry for entry in logs if entry["log_level"] not in ("debug", "info")] == []
        self._check_counts(job_id, dry_run=dry_run)
        reason = None if failure is None else failure.reason
        self._check_nothing_is_left(job_id, reason)
        return str(reason or "imported")

    def _check_failure(self, job_id: UUID, error: JobFailed) -> None:
        job = self.host.job_row(job_id)
        assert job["status"] == "failed"
        assert job["error_summary"]["reason"] == error.reason
        assert error.reason in BLAMED_ON_THE_FILE, f"{error.reason}: {error}"
        message = job["error_summary"]["message"]
        assert message == str(error)
        assert message.endswith("."), message
        assert message[0].isupper(), message
        assert message.isprintable(), message
        assert len(message) < 500, message

    def _check_counts(self, job_id: UUID, *, dry_run: bool) -> None:
        stats = self.host.job_row(job_id)["stats"] or {}
        submissions = self.host.value("SELECT count(*) FROM form_submissions WHERE import_job_id = %s", job_id)
        errors = self.host.query(
            "SELECT count(*) AS errors, count(DISTINCT row_number) AS rows, min(line) AS first, min(row_number) AS row"
            " FROM import_worker.errors WHERE job_id = %s",
            job_id,
        )[0]
        if not stats:
            assert (submissions, errors["errors"]) == (0, 0)
            return
        assert stats["rows_total"] == stats["rows_processed"] == stats["rows_succeeded"] + stats["rows_failed"] > 0
        assert submissions == (0 if dry_run else stats["rows_succeeded"])
        assert (errors["errors"], errors["rows"]) == (stats["error_count"], stats["rows_failed"])
        assert not errors["errors"] or errors["first"] > errors["row"] > 0

    def _check_nothing_is_left(self, job_id: UUID, reason: str | None) -> None:
        assert list(self.temporary.iterdir()) == []
        # Left to the garbage collector, the end of such a thread was once waited for within the start of another: for
        # ever.
        threads = [thread.name for thread in threading.enumerate() if thread.name.startswith("read-ahead")]
        assert threads == []
        helper = "sources.workbooks.process"
        children = [child for child in psutil.Process().children() if helper in " ".join(command(child))]
        assert children == []
        folder = Path(self.host.store.locate(f"imports/{job_id}"))
        names = {path.name for path in folder.iterdir()} if folder.exists() else set()
        allowed = {"normalized-1.csv"} if reason is None else set()
        if reason is None:
            allowed |= {"errors.csv", "rejected.csv"}
        assert names <= allowed, names

    def _count(self, state: str, job_id: UUID) -> int:
        statement = "SELECT count(*) FROM import_worker.chunks WHERE job_id = %s AND state = %s"
        return int(self.host.value(statement, job_id, state))


def command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
