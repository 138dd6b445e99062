"""A worker is killed while it loads files: each is there once in the end, as after an undisturbed run."""

import signal

import pytest

from tests.support.cli import Cli
from tests.support.end_state import end_state, finished_chunks
from tests.support.files import FILE_FORM, MAPPING, describe, file_rows, store_file, table
from tests.support.host import Host
from tests.support.pause import paused

ROWS = 1_500


@pytest.mark.parametrize("point", ["submission_files", "form_submission_versions", "import_worker.chunks"])
def test_a_worker_killed_while_files_are_loaded(
    point: str, survived: None, cli: Cli, host: Host, database_url: str
) -> None:
    form_id = host.form(FILE_FORM)
    keys = [store_file(host, form_id, f"{number}.pdf") for number in range(7)]
    rows = [
        [str(row), describe(keys[row % 7]), describe(keys[row % 5] if row % 10 else "elsewhere")] for row in range(ROWS)
    ]
    job_id = host.job(table(rows), form_id=form_id, template_id=host.template(MAPPING, form_id))
    when = {
        "submission_files": f"NEW.file_name = '3.pdf' AND NEW.storage_key <> '{keys[0]}'",
        "form_submission_versions": "NEW.payload_snapshot->>'name' = '777'",
        "import_worker.chunks": "NEW.number = 3",
    }[point]
    event = "UPDATE" if point == "import_worker.chunks" else "INSERT"
    with paused(database_url, point, event, when=when) as pause, cli.start("run", "--job-id", job_id) as worker:
        pause.wait_until_reached()
        before = finished_chunks(host, job_id)
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(10) == -signal.SIGKILL

    result = cli("run", "--job-id", job_id, NODE_ENV="production")

    assert result.code == 0, result.err
    state = end_state(host, job_id)
    assert (state["stats"]["rows_succeeded"], state["stats"]["rows_failed"]) == (ROWS * 9 // 10, ROWS // 10)
    files = file_rows(host, job_id)
    assert [(file["name"], file["field_key"], file["storage_key"]) for file in files] == [
        (str(row), field, keys[row % count])
        for row in range(ROWS)
        if row % 10
        for field, count in (("photo", 5), ("report", 7))
    ]
    assert host.value("SELECT count(*) FROM submission_files") == len(files)
    assert host.value("SELECT sum(file_count) FROM import_worker.chunks WHERE job_id = %s", job_id) == len(files)
    after = finished_chunks(host, job_id)
    assert {number: after[number] for number in before} == before
    assert result.err.count("files listed") == 1
