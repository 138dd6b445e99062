"""Where a chunk's time goes is told by `status`, for people and programs."""

from import_worker.local.sample import FORM, registry
from tests.support.cli import Cli
from tests.support.host import Host

STEPS = {"read", "validate", "copy", "versions", "commit"}


def test_status_tells_what_a_chunk_takes(cli: Cli, host: Host) -> None:
    job_id = host.job(b"".join(registry(3_000)), form_id=host.form(FORM))
    assert cli("status", job_id, "--json").json["chunkSeconds"] == {}
    assert cli("run", "--job-id", job_id).code == 0
    seconds = cli("status", job_id, "--json").json["chunkSeconds"]
    assert set(seconds) == STEPS
    assert all(0 <= value < 60 for value in seconds.values())
    assert seconds["validate"] > 0
    shown = cli("status", job_id).out
    assert "a chunk takes" in shown
    assert "COPY" in shown


def test_a_dry_run_copies_and_commits_nothing_worth_telling(cli: Cli, host: Host) -> None:
    job_id = host.job(b"".join(registry(3_000)), form_id=host.form(FORM))
    assert cli("run", "--job-id", job_id, "--dry-run").code == 0
    assert set(cli("status", job_id, "--json").json["chunkSeconds"]) == STEPS - {"commit"}
