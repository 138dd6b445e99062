"""The search for values that come twice, stopped in its middle, and made anew."""

import tempfile
from pathlib import Path
from uuid import UUID

import pytest

from import_worker.chunk import Chunk
from import_worker.database.connection import connect, transaction
from import_worker.database.duplicates import list_duplicates
from import_worker.errors import Interrupted, TransientError
from import_worker.importing.planned_job import PlannedJob
from import_worker.importing.planning_progress import PlanningProgress
from import_worker.importing.uniqueness.search import find_duplicates
from tests.support.attempts import planned_job
from tests.support.cli import Cli
from tests.support.host import Host
from tests.support.in_process import InProcess

FIELDS = [{"key": "n", "type": "text", "importValidation": {"type": "unique"}}]
ROWS = 30_000
ALL = Chunk(1, 0, 0, 1, ROWS, 2)


@pytest.fixture
def planned(host: Host, cli: Cli) -> UUID:
    """A job whose dry run is over, with every value of its second half twice."""
    data = b"n\n" + b"".join(b"%09d\n" % (number % (ROWS // 2)) for number in range(ROWS))
    job_id = host.job(data, form_id=host.form({"fields": FIELDS}))
    assert InProcess.like(cli)("run", "--job-id", job_id, "--dry-run").code == 0
    return job_id


def plan_of(database_url: str, job_id: UUID) -> tuple[PlannedJob, list[Chunk]]:
    with connect(database_url) as connection:
        rows = connection.execute(
            "SELECT number, first_byte, end_byte, first_row, row_count, first_line FROM import_worker.chunks"
            " WHERE job_id = %s ORDER BY number",
            [job_id],
        ).fetchall()
    return planned_job(database_url, job_id), [Chunk(*row) for row in rows]


def test_a_search_that_is_stopped_leaves_nothing_and_one_made_again_says_the_same(
    host: Host, database_url: str, planned: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    plan, chunks = plan_of(database_url, planned)
    progress, looks = PlanningProgress(), 0

    def search(stop_at: int | None) -> int:
        nonlocal looks
        looks = 0

        def checkpoint() -> None:
            nonlocal looks
            looks += 1
            if looks == stop_at:
                raise Interrupted("stopped")

        with connect(database_url) as connection, transaction(connection):
            return find_duplicates(connection, host.store, plan, chunks, checkpoint=checkpoint, progress=progress)

    assert search(None) == ROWS // 2
    assert (progress.rows, progress.bytes) == (ROWS, sum(chunk.end_byte - chunk.first_byte for chunk in chunks))
    everything = looks
    assert everything > len(chunks)
    for stop_at in (1, everything // 2, everything):
        with pytest.raises(Interrupted):
            search(stop_at)
        assert list(tmp_path.glob("import-worker-*")) == []
    with connect(database_url) as connection:
        found = list_duplicates(connection, planned, ALL)
    assert found.rows() == [(row, "n", row - ROWS // 2) for row in range(ROWS // 2 + 1, ROWS + 1)]


def test_without_room_for_temporary_files_nothing_is_stored(
    host: Host, database_url: str, planned: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, chunks = plan_of(database_url, planned)
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    with connect(database_url) as connection, pytest.raises(TransientError, match="TMPDIR"):
        find_duplicates(connection, host.store, plan, chunks, checkpoint=lambda: None, progress=PlanningProgress())
    assert host.value("SELECT count(*) FROM import_worker.duplicates") == ROWS // 2


def test_a_value_that_the_form_got_after_the_plan_is_not_looked_for(
    host: Host, database_url: str, planned: UUID, cli: Cli
) -> None:
    """What the plan found stands for the real run after a dry one."""
    form_id = host.job_row(planned)["target_form_id"]
    other = host.job(b"n\n000000007\n", form_id=form_id)
    assert InProcess.like(cli)("run", "--job-id", other).code == 0
    assert InProcess.like(cli)("run", "--job-id", planned).code == 0
    assert len(host.payloads(planned)) == ROWS // 2
