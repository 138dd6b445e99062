"""How many rejected rows a job puts up with. What is in stays in, is reported, and can be rolled back."""

import json
from pathlib import Path

import pytest

from tests.support.cli import Cli, Result
from tests.support.host import SIMPLE_FORM, Host

FILE = b"name,age\n" + b"".join(b"name %d,%s\n" % (row, b"x" if row % 10 == 0 else b"1") for row in range(1, 2_001))


@pytest.mark.parametrize(
    ("option", "says"),
    [("max_rejected_rows=199", "more than the 199"), ("max_rejected_ratio=0.0999", "more than the 0.0999")],
)
def test_too_many_rejected_rows_fail_the_job(option: str, says: str, cli: Cli, host: Host, tmp_path: Path) -> None:
    result = _submit(cli, tmp_path, option)
    assert result.code == 3, result.err
    assert says in result.err
    job = host.query("SELECT * FROM import_jobs")[0]
    assert (job["status"], job["error_summary"]["reason"]) == ("failed", "too_many_rejected_rows")
    assert job["error_summary"]["byType"] == {"invalid_number": job["stats"]["error_count"]}
    assert len(host.payloads(job["id"])) == job["stats"]["rows_succeeded"] > 0
    assert len(host.read(job["error_report_key"]).splitlines()) == job["stats"]["error_count"] + 1
    assert cli("rollback", job["id"]).code == 0
    assert host.payloads(job["id"]) == []


@pytest.mark.parametrize("option", ["max_rejected_rows=200", "max_rejected_ratio=0.1"])
def test_as_many_as_allowed_are_no_failure(option: str, cli: Cli, tmp_path: Path) -> None:
    assert _submit(cli, tmp_path, option).code == 0


def _submit(cli: Cli, folder: Path, option: str) -> Result:
    (folder / "form.json").write_text(json.dumps(SIMPLE_FORM))
    (folder / "file.csv").write_bytes(FILE)
    return cli("submit", folder / "file.csv", "--form", folder / "form.json", "--option", option, "--run")
