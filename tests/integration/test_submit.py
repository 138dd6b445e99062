"""A job that cannot be recorded once its file is stored: what is left is taken back, and what is not sure is said."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from import_worker.database.connection import connect
from import_worker.database.host import Actor
from import_worker.errors import DatabaseUnavailable, UsageError
from import_worker.jobs.form_documents import FormFile
from import_worker.jobs.incoming_file import _spool, open_incoming
from import_worker.jobs.submit import CheckedSubmission, Submission, check_submission, store_submission
from import_worker.objects import ObjectStore
from tests.support.host import SIMPLE_FORM, Host


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("name,age\nAda,36\n")
    return path


@pytest.fixture
def checked(host: Host, file: Path) -> Iterator[CheckedSubmission]:
    submission = Submission(host.organization_id, Actor(host.user_id, ()), form=FormFile("people", SIMPLE_FORM))
    with open_incoming(file, None) as incoming, connect(host.database_url) as connection:
        yield check_submission(connection, incoming, submission)


def _stored(artifacts: str) -> list[Path]:
    return [path for path in Path(ObjectStore.open(artifacts).locate(".")).rglob("*") if path.is_file()]


def test_a_refusal_that_comes_late_takes_the_file_back(
    checked: CheckedSubmission, host: Host, file: Path, artifacts: str
) -> None:
    host.query(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE insufficient_privilege; END $$"
    )
    host.query("CREATE TRIGGER refuse BEFORE INSERT ON import_jobs FOR EACH ROW EXECUTE FUNCTION refuse()")
    with (
        open_incoming(file, None) as incoming,
        connect(host.database_url) as connection,
        pytest.raises(UsageError, match=r"No job was made. The file that was stored as .* is removed again"),
    ):
        store_submission(connection, host.store, incoming, checked)
    assert _stored(artifacts) == []
    assert host.value("SELECT count(*) FROM forms") == 0


def test_a_connection_that_breaks_leaves_the_file_to_the_job_that_may_be_there(
    checked: CheckedSubmission, host: Host, file: Path, artifacts: str
) -> None:
    host.query(
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
    )
    host.query("CREATE TRIGGER die AFTER INSERT ON import_jobs FOR EACH ROW EXECUTE FUNCTION die()")
    with (
        open_incoming(file, None) as incoming,
        connect(host.database_url) as connection,
        pytest.raises(DatabaseUnavailable, match=rf"`import-worker status {checked.job.id}` tells"),
    ):
        store_submission(connection, host.store, incoming, checked)
    assert len(_stored(artifacts)) == 1


def test_a_pipe_is_put_aside_as_far_as_there_is_room(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100)
    with (tmp_path / "file").open("rb") as pipe, _spool(pipe, room_bytes=100) as file:
        file.seek(0)
        assert file.read() == b"x" * 100
    with (
        (tmp_path / "file").open("rb") as pipe,
        pytest.raises(UsageError, match="than the 99 bytes for which the temporary folder"),
        _spool(pipe, room_bytes=99),
    ):
        pass


def test_checking_locks_nothing_that_outlives_it(checked: CheckedSubmission, host: Host) -> None:
    with psycopg.connect(host.database_url) as other:
        assert other.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() == (0,)
        assert other.execute("SELECT count(*) FROM forms").fetchone() == (0,)
