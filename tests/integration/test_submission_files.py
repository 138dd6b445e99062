"""Rows of submission_files by ranges of computed ids: counted, and never there twice."""

import psycopg
import pytest

from import_worker.database.connection import connect, transaction
from import_worker.plan import JobPlan
from import_worker.targets.submissions.files import count_files
from import_worker.targets.submissions.keys import SubmissionKeys
from tests.support.attempts import planned_job
from tests.support.cli import Cli
from tests.support.files import FILE_FORM, MAPPING, describe, store_file, table
from tests.support.host import Host

ROWS = 40


@pytest.fixture
def target(cli: Cli, host: Host) -> SubmissionKeys:
    """Of a job that is in: each row has a report, every second one a photo. A second job lies beside it."""
    form_id = host.form(FILE_FORM)
    key = store_file(host, form_id, "a.pdf")
    rows = [[str(row), describe(key), describe(key) if row % 2 else ""] for row in range(1, ROWS + 1)]
    for _ in range(2):
        job_id = host.job(table(rows), form_id=form_id, template_id=host.template(MAPPING, form_id))
        result = cli("run", "--job-id", job_id)
        assert result.code == 0, result.err
    return planned_job(host.database_url, job_id).keys


def test_files_are_counted_by_rows_and_no_others(host: Host, target: SubmissionKeys) -> None:
    assert target.file_fields == ("report", "photo")
    with connect(host.database_url) as connection, transaction(connection):
        assert count_files(connection, target) == 60
        assert count_files(connection, target, 1, 4) == 6
        assert count_files(connection, target, 3, 10) == 12
    assert host.value("SELECT count(*) FROM submission_files") == 120


def test_counting_uses_the_primary_key(host: Host, target: SubmissionKeys) -> None:
    ids = target.file_ids("report")
    with psycopg.connect(host.database_url) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(
            "EXPLAIN SELECT count(*) FROM submission_files WHERE id BETWEEN %s AND %s AND field_key = 'report'",
            ids.bounds(),
        ).fetchall()
    assert "submission_files_pkey" in str(plan)


def test_ids_say_which_row_and_field_a_file_is_of(host: Host, target: SubmissionKeys) -> None:
    rows = host.query(
        "SELECT f.id, f.field_key, f.submission_id FROM submission_files f JOIN form_submissions s"
        " ON s.id = f.submission_id WHERE s.import_job_id = %s",
        target.job_id,
    )
    expected = {
        (target.file_ids(key).of_row(row), key, target.ids.of_row(row))
        for row in range(1, ROWS + 1)
        for key in ("report", "photo")
        if key == "report" or row % 2
    }
    assert {(row["id"], row["field_key"], row["submission_id"]) for row in rows} == expected


def test_a_plan_without_files_is_one_of_the_version_before(cli: Cli, host: Host) -> None:
    job_id = host.job()
    assert cli("run", "--job-id", job_id, "--dry-run").code == 0
    plan = host.value("SELECT plan FROM import_worker.jobs WHERE job_id = %s", job_id)
    assert "file_fields" not in plan
    assert JobPlan.from_json(plan).to_json() == plan


def test_a_plan_of_the_version_before_has_no_file_fields(host: Host, target: SubmissionKeys) -> None:
    host.query("UPDATE import_worker.jobs SET plan = plan - 'file_fields' WHERE job_id = %s", target.job_id)
    before = planned_job(host.database_url, target.job_id).keys
    assert before.file_fields == ()
    with connect(host.database_url) as connection, transaction(connection):
        assert count_files(connection, before) == 0


@pytest.mark.parametrize("later", ['{"table": "t"}', '{"options": {"priority": 1}}'])
def test_a_plan_of_a_later_version_is_refused_with_a_sentence(cli: Cli, host: Host, later: str) -> None:
    job_id = host.job()
    assert cli("run", "--job-id", job_id, "--dry-run").code == 0
    host.query('UPDATE import_worker.jobs SET plan = plan || \'{"table": "t"}\' WHERE job_id = %s', job_id)
    for arguments in (("run", "--job-id", job_id), ("status", job_id)):
        result = cli(*arguments)
        assert (result.code, "planned by a later version" in result.err) == (5, True), result.err
