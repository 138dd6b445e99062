"""Rollback: what nobody touched goes, what somebody did stays and is told, and no cell's value is left behind."""

import csv
import io
import threading
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support.audit_chain import append_as_the_host, broken_links
from tests.support.cli import Cli
from tests.support.host import Host

NOTE = "CREATE TABLE note (id int PRIMARY KEY, submission_id uuid REFERENCES form_submissions ON DELETE CASCADE)"
FILE = b"name,age\n" + b"".join(b"Person %d,%d\n" % (number, number % 90) for number in range(1, 13))


@pytest.fixture
def job_id(cli: Cli, host: Host) -> UUID:
    """A job of twelve rows, imported."""
    job_id = host.job(FILE)
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    return job_id


def _ids(host: Host, job_id: UUID) -> list[UUID]:
    rows = host.query("SELECT id FROM form_submissions WHERE import_job_id = %s ORDER BY id", job_id)
    return [row["id"] for row in rows]


def _kept(host: Host, job_id: UUID) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(host.read(f"imports/{job_id}/kept.csv"))))


def _numbers(host: Host, job_id: UUID) -> dict[str, str]:
    return {row["rowNumber"]: row["reason"] for row in _kept(host, job_id)}


def _edit_as_the_host(host: Host, submission: UUID) -> None:
    host.query(
        "UPDATE form_submissions SET payload = payload || '{\"age\": 5}', updated_at = now() WHERE id = %s", submission
    )


def _refer(host: Host, submission: UUID) -> None:
    task = uuid4()
    host.query("INSERT INTO reporting_tasks (id) VALUES (%s)", task)
    host.query(
        "INSERT INTO reporting_submissions (task_id, organization_id, form_submission_id) VALUES (%s, %s, %s)",
        task,
        host.organization_id,
        submission,
    )


def test_rows_that_people_touched_stay_and_are_told(cli: Cli, host: Host, job_id: UUID) -> None:
    ids = _ids(host, job_id)
    _edit_as_the_host(host, ids[0])
    host.query("UPDATE form_submissions SET status = 'approved' WHERE id = %s", ids[1])
    host.query(
        "INSERT INTO form_submission_versions (submission_id, version_number, payload_snapshot) VALUES (%s, 2, '{}')",
        ids[2],
    )
    _refer(host, ids[3])
    _edit_as_the_host(host, ids[4])
    _refer(host, ids[4])
    _hold_a_version(host, ids[5])

    preview = cli("rollback", job_id, "--preview", "--json")
    assert preview.code == 0, preview.err
    assert preview.json == {"jobId": str(job_id), "untouched": 6, "edited": 3, "referred": 3}
    assert len(_ids(host, job_id)) == 12
    assert "6 rows would be taken out" in cli("rollback", job_id, "--preview").out
    assert "3 rows edited since would be kept" in cli("rollback", job_id, "--preview").out
    assert "3 rows edited since would be taken" in cli("rollback", job_id, "--preview", "--edited", "take").out

    result = cli("rollback", job_id, "--reason", "wrong season", "--user", host.user_id)
    assert result.code == 0, result.err
    assert "6 rows taken out, 6 kept" in result.out
    assert "kept.csv" in result.out
    assert _ids(host, job_id) == ids[:6]
    assert _numbers(host, job_id) == {
        **dict.fromkeys(("1", "2", "3"), "edited"),
        **dict.fromkeys(("4", "5", "6"), "referred"),
    }
    versions = host.value("SELECT count(*) FROM form_submission_versions")
    assert versions == 7, "those of the kept rows, one of which has two"
    job = host.job_row(job_id)
    assert job["status"] == "rolled_back"
    assert job["can_rollback"] is False
    told = {
        name: job["error_summary"][name] for name in ("rolledBackBy", "rollbackReason", "deletedCount", "keptCount")
    }
    assert told == {
        "rolledBackBy": host.user_id,
        "rollbackReason": "wrong season",
        "deletedCount": 6,
        "keptCount": 6,
    }
    append_as_the_host(host, "LOGIN")
    assert broken_links(host) == []
    (entry,) = host.query("SELECT * FROM audit_logs WHERE action = 'IMPORT_JOB_ROLLBACK'")
    assert (entry["action_category"], entry["actor_user_id"]) == ("ADMIN", host.user_id)
    assert entry["changes"] == {"status": {"old": "completed", "new": "rolled_back"}}
    assert entry["metadata"] == {
        "deletedCount": 6,
        "keptCount": 6,
        "reason": "wrong season",
        "rawValuesSanitized": True,
    }
    status = cli("status", job_id)
    assert "imported" not in status.out
    for words in ("6 rows taken out", "6 kept", host.user_id, "wrong season"):
        assert words in status.out
    assert cli("status", job_id, "--json").json["rowsTakenOut"] == 6

    again = cli("rollback", job_id)
    assert (again.code, again.err) == (0, "")
    assert "was rolled back before: 6 rows taken out, 6 kept" in again.out
    refused = cli("rollback", job_id, "--edited", "take")
    assert refused.code == 5
    assert "kept what was edited since (rows: 3)" in refused.err
    assert len(_ids(host, job_id)) == 6


def _hold_a_version(host: Host, submission: UUID) -> None:
    """What the host's history does: it refers to a version, and so holds the submission."""
    task = uuid4()
    host.query("INSERT INTO reporting_tasks (id) VALUES (%s)", task)
    reporting = uuid4()
    host.query(
        "INSERT INTO reporting_submissions (id, task_id, organization_id) VALUES (%s, %s, %s)",
        reporting,
        task,
        host.organization_id,
    )
    host.query(
        "INSERT INTO reporting_submission_history (reporting_submission_id, action, form_submission_version_id)"
        " SELECT %s, 'submitted', id FROM form_submission_versions WHERE submission_id = %s",
        reporting,
        submission,
    )


def test_edited_rows_are_taken_when_somebody_says_so_and_referred_ones_never(
    cli: Cli, host: Host, job_id: UUID
) -> None:
    ids = _ids(host, job_id)
    _edit_as_the_host(host, ids[0])
    host.query(
        "INSERT INTO form_submission_versions (submission_id, version_number, payload_snapshot) VALUES (%s, 2, '{}')",
        ids[1],
    )
    _refer(host, ids[2])
    result = cli("rollback", job_id, "--edited", "take")
    assert result.code == 0, result.err
    assert "11 rows taken out" in result.out
    assert _ids(host, job_id) == [ids[2]]
    assert _numbers(host, job_id) == {"3": "referred"}
    assert host.value("SELECT count(*) FROM form_submission_versions") == 1


def test_locked_and_frozen_rows_are_not_edited(cli: Cli, host: Host, job_id: UUID) -> None:
    host.query("SELECT * FROM form_submissions FOR KEY SHARE")
    host.query("SELECT * FROM form_submissions FOR UPDATE")
    host.query("VACUUM FREEZE form_submissions")
    ids = _ids(host, job_id)
    _edit_as_the_host(host, ids[7])
    host.query("VACUUM FREEZE form_submissions")
    result = cli("rollback", job_id)
    assert result.code == 0, result.err
    assert _ids(host, job_id) == [ids[7]]
    assert _numbers(host, job_id) == {"8": "edited"}


def test_rows_loaded_under_savepoints_are_not_edited(cli: Cli, host: Host) -> None:
    """Rows that the database refuses are found under savepoints, whose ids the other rows then carry."""
    host.query("ALTER TABLE form_submissions ADD CHECK (payload->>'name' NOT LIKE '%%7')")
    job_id = host.job(FILE)
    assert cli("run", "--job-id", job_id).code == 0
    ids = _ids(host, job_id)
    assert len(ids) == 11
    assert host.value("SELECT count(DISTINCT xmin::text) FROM form_submissions") > 1
    _edit_as_the_host(host, ids[0])
    assert "10 rows taken out" in cli("rollback", job_id).out
    assert _ids(host, job_id) == [ids[0]]


@pytest.mark.parametrize("how", ["alike", "refused rows", "written again by a trigger"])
def test_a_chunk_knows_all_ids_that_its_rows_carry(how: str, cli: Cli, host: Host) -> None:
    if how == "refused rows":
        host.query("ALTER TABLE form_submissions ADD CHECK (payload->>'name' NOT LIKE '%77')")
    if how == "written again by a trigger":
        host.query(
            "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF NEW.payload->>'name' NOT LIKE '%77' THEN RETURN NULL; END IF;"
            " BEGIN UPDATE form_submissions SET updated_at = updated_at WHERE id = NEW.id;"
            " EXCEPTION WHEN division_by_zero THEN RAISE; END; RETURN NULL; END $$"
        )
        host.query("CREATE TRIGGER touch AFTER INSERT ON form_submissions FOR EACH ROW EXECUTE FUNCTION touch()")
    rows = 12_000
    job_id = host.job(b"name,age\n" + b"".join(b"name %d,%d\n" % (row, row) for row in range(1, rows + 1)))
    assert cli("run", "--job-id", job_id, SIN_IMPORT_CHUNK_BYTES="65536").code == 0
    carried = host.query(
        "SELECT array_agg(DISTINCT s.xmin::text) AS carried, c.row_xacts::text[] AS known"
        " FROM import_worker.chunks c JOIN form_submissions s"
        " ON ('x' || right(s.id::text, 10))::bit(40)::bigint BETWEEN c.first_row AND c.first_row + c.row_count - 1"
        " GROUP BY 2"
    )
    assert len(carried) > 2
    assert all(sorted(chunk["carried"]) == sorted(chunk["known"]) for chunk in carried)
    assert all((len(chunk["known"]) == 1) == (how == "alike") for chunk in carried)


def test_transactions_too_long_ago_say_nothing_and_the_rows_own_columns_do(cli: Cli, host: Host, job_id: UUID) -> None:
    ids = _ids(host, job_id)
    _edit_as_the_host(host, ids[0])
    host.query("UPDATE form_submissions SET updated_at = now() + interval '2 s' WHERE id = %s", ids[1])
    host.query("UPDATE form_submissions SET updated_at = updated_at WHERE id = %s", ids[2])
    # As if they were of a time that the server cannot tell from another one any more.
    host.query("UPDATE import_worker.chunks SET row_xacts = ARRAY[(xmin::text::bigint + 7)::text::xid]")
    host.query("UPDATE import_worker.chunks SET xact_id = (pg_current_xact_id()::text::bigint + 5000)::text::xid8")
    assert cli("rollback", job_id).code == 0
    assert _ids(host, job_id) == ids[:2]


def test_a_job_of_the_version_before_is_rolled_back(cli: Cli, host: Host, job_id: UUID) -> None:
    """Its chunks do not say which transactions wrote their rows, nor its plan what its ids are made of."""
    ids = _ids(host, job_id)
    _edit_as_the_host(host, ids[3])
    host.query("UPDATE import_worker.chunks SET xact_id = NULL, row_xacts = NULL")
    host.query("UPDATE import_worker.jobs SET plan = plan - 'job_created_at'")
    assert cli("rollback", job_id).code == 0
    assert _ids(host, job_id) == [ids[3]]


def test_rows_of_another_program_go_whatever_ids_they_have(cli: Cli, host: Host, job_id: UUID) -> None:
    foreign = _add_foreign_rows(host, job_id, 3)
    host.query("UPDATE form_submissions SET payload = '{\"x\": 1}', updated_at = now() WHERE id = %s", foreign[1])
    host.query(
        "UPDATE form_submissions SET created_at = created_at - interval '1 min' WHERE id = ANY(%s)", foreign[1:2]
    )
    result = cli("rollback", job_id)
    assert result.code == 0, result.err
    assert "14 rows taken out" in result.out
    assert _ids(host, job_id) == [foreign[1]]
    assert _kept(host, job_id) == [{"rowNumber": "", "submissionId": str(foreign[1]), "reason": "edited"}]


def _add_foreign_rows(host: Host, job_id: UUID, count: int) -> list[UUID]:
    rows = host.query(
        "INSERT INTO form_submissions (form_id, form_version_id, organization_id, import_job_id, submitter_id, status,"
        " payload) SELECT j.target_form_id, v.id, j.organization_id, j.id, j.created_by, 'submitted', '{\"x\": 0}'"
        " FROM import_jobs j JOIN form_versions v ON v.form_id = j.target_form_id CROSS JOIN generate_series(1, %s)"
        " WHERE j.id = %s RETURNING id",
        count,
        job_id,
    )
    return [row["id"] for row in rows]


def test_a_job_that_this_program_never_saw_is_rolled_back(cli: Cli, host: Host) -> None:
    job_id = host.job(None, sha256="aa")
    host.query(
        "UPDATE import_jobs SET status = 'completed', error_summary = NULL,"
        " error_report_key = 'imports/old/errors.csv',"
        ' stats = \'{"rows_total": 2, "rows_succeeded": 2}\' WHERE id = %s',
        job_id,
    )
    host.store.put("imports/old/errors.csv", [b"row,value\n1,a value of a cell\n"])
    host.query(
        "INSERT INTO import_job_errors (job_id, row_number, error_type, error_message, raw_value)"
        " VALUES (%s, 1, 'x', 'y', 'a value of a cell')",
        job_id,
    )
    _add_foreign_rows(host, job_id, 2)
    result = cli("rollback", job_id, "--json")
    assert result.code == 0, result.err
    assert (result.json["status"], result.json["rowsTakenOut"]) == ("rolled_back", 2)
    assert _ids(host, job_id) == []
    assert host.value("SELECT raw_value FROM import_job_errors WHERE job_id = %s", job_id) is None
    assert "a value" not in host.read("imports/old/errors.csv")


def test_the_time_of_creation_may_be_changed_under_a_job(cli: Cli, host: Host, job_id: UUID) -> None:
    """As by a migration from timestamp to timestamptz in another time zone; ids are made of that time."""
    host.query("UPDATE import_jobs SET created_at = created_at + interval '5 hours' WHERE id = %s", job_id)
    assert "12 rows taken out" in cli("rollback", job_id).out
    assert _ids(host, job_id) == []


def test_the_same_for_a_job_of_the_version_before(cli: Cli, host: Host, job_id: UUID) -> None:
    host.query("UPDATE import_worker.jobs SET plan = plan - 'job_created_at'")
    host.query("UPDATE import_worker.chunks SET xact_id = NULL, row_xacts = NULL")
    host.query("UPDATE import_jobs SET created_at = created_at + interval '5 hours' WHERE id = %s", job_id)
    assert "12 rows taken out" in cli("rollback", job_id).out
    assert _ids(host, job_id) == []


def test_a_job_of_the_other_lane_is_refused(cli: Cli, host: Host) -> None:
    job_id = host.job(None, lane="interactive")
    host.query("UPDATE import_jobs SET status = 'completed' WHERE id = %s", job_id)
    _add_foreign_rows(host, job_id, 2)
    result = cli("rollback", job_id)
    assert result.code == 5
    assert "lane interactive" in result.err
    assert len(_ids(host, job_id)) == 2


def test_a_job_that_is_called_rolled_back_with_rows_there_is_told_so(cli: Cli, host: Host, job_id: UUID) -> None:
    host.query("UPDATE import_jobs SET status = 'rolled_back' WHERE id = %s", job_id)
    result = cli("rollback", job_id)
    assert result.code == 5
    assert "rows of it are in form_submissions" in result.err
    host.query("UPDATE import_jobs SET status = 'completed' WHERE id = %s", job_id)
    assert cli("rollback", job_id).code == 0
    assert cli("rollback", job_id).code == 0
    assert host.events(job_id).count("rolled_back") == 1


def test_a_pending_job_with_rows_of_another_program_is_rolled_back(cli: Cli, host: Host) -> None:
    job_id = host.job()
    result = cli("rollback", job_id)
    assert result.code == 5
    assert "has inserted nothing" in result.err
    _add_foreign_rows(host, job_id, 2)
    assert "2 rows taken out" in cli("rollback", job_id).out
    assert host.events(job_id) == ["cancelled", "rolled_back"]


def test_an_unknown_user_is_refused_before_anything_happens(cli: Cli, host: Host, job_id: UUID) -> None:
    for command in (("rollback", job_id, "--user", "nobody"), ("rollback", job_id, "--edited", "maybe")):
        result = cli(*command)
        assert result.code == 2, result.err
    assert len(_ids(host, job_id)) == 12
    assert cli("cancel", host.job(), SIN_IMPORT_ACTOR_USER_ID="nobody").code == 2


def test_rows_that_go_with_a_submission_go_by_sets_and_those_of_others_stay(cli: Cli, host: Host, job_id: UUID) -> None:
    other = host.job(FILE)
    assert cli("run", "--job-id", other).code == 0
    host.query(
        "INSERT INTO submission_files (submission_id, field_key, file_name, mime_type, size_bytes, checksum,"
        " storage_key) SELECT id, 'f', 'a.pdf', 'application/pdf', 1, '', 'k' FROM form_submissions"
    )
    host.query(NOTE)
    host.query("CREATE TABLE note_part (id int, note_id int REFERENCES note ON DELETE CASCADE)")
    host.query("INSERT INTO note SELECT row_number() OVER (), id FROM form_submissions")
    host.query("INSERT INTO note_part SELECT 1, id FROM note")
    assert cli("rollback", job_id).code == 0
    assert _ids(host, job_id) == []
    for table in ("submission_files", "note", "note_part"):
        assert host.value(f"SELECT count(*) FROM {table}") == 12, table


def test_a_row_two_tables_away_that_holds_is_told(cli: Cli, host: Host, job_id: UUID) -> None:
    host.query(NOTE)
    host.query("CREATE TABLE seal (note_id int REFERENCES note)")
    host.query("INSERT INTO note SELECT row_number() OVER (ORDER BY id), id FROM form_submissions")
    host.query("INSERT INTO seal VALUES (2)")
    assert cli("rollback", job_id).code == 0
    assert _numbers(host, job_id) == {"2": "referred"}
    assert host.value("SELECT count(*) FROM note") == 1


@pytest.mark.parametrize("row_by_row", [False, True], ids=["by sets", "row by row"])
def test_a_row_referred_to_while_the_rollback_runs_stays(
    row_by_row: bool, cli: Cli, host: Host, job_id: UUID, database_url: str
) -> None:
    """Somebody has begun to refer to a row when the rollback comes to it, and commits while it waits."""
    ids = _ids(host, job_id)
    if row_by_row:  # a trigger of the host's must fire, so PostgreSQL's own keys stay on
        host.query("CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'")
        host.query("CREATE TRIGGER t BEFORE DELETE ON form_submissions FOR EACH ROW EXECUTE FUNCTION nothing()")
    host.query("CREATE TABLE review (submission_id uuid REFERENCES form_submissions)")
    with psycopg.connect(database_url) as other:
        other.execute("INSERT INTO review VALUES (%s)", [ids[4]])
        timer = threading.Timer(2.5, other.commit)
        timer.start()
        result = cli("rollback", job_id)
        timer.join()
    assert result.code == 0, result.err
    assert _ids(host, job_id) == [ids[4]]
    assert _numbers(host, job_id) == {"5": "referred"}
    assert host.value("SELECT count(*) FROM form_submission_versions") == 1
