"""What a person may not have meant is told before a row is in."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from import_worker.forms.definition import FormDefinition
from import_worker.forms.notices import NoticeCode, find_sample_notices
from tests.corpus.workbooks import write_workbook
from tests.support.cli import Cli
from tests.support.host import Host
from tests.support.in_process import InProcess
from tests.support.pause import paused

FIELDS: list[dict[str, Any]] = [
    {"key": "name", "type": "text", "label": "Name"},
    {"key": "email", "type": "email", "label": "E-mail", "dataClassification": "sensitive"},
    {"key": "phone", "type": "phone", "label": "Phone"},
]
SWAPPED = b"name,email,phone\n" + b"".join(
    b"Ada,604 555 01%02d,ada%d@example.org\n" % (number, number) for number in range(20)
)


def run(cli: Cli, host: Host, data: bytes, fields: list[dict[str, Any]] = FIELDS, **more: Any) -> tuple[UUID, Any]:
    job_id = host.job(data, form_id=host.form({"fields": fields}), **more)
    return job_id, InProcess.like(cli)("run", "--job-id", job_id)


def notices(cli: Cli, job_id: UUID) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = InProcess.like(cli)("status", job_id, "--json").json["notices"]
    return found


def test_swapped_columns_are_told_without_a_cell(cli: Cli, host: Host) -> None:
    job_id, result = run(cli, host, SWAPPED)
    assert result.code == 0
    told = notices(cli, job_id)
    assert [(each["code"], each["column"], each["fieldKey"], each["looksLike"]) for each in told] == [
        ("swapped_columns", "email", "email", "phone"),
        ("swapped_columns", "phone", "phone", "email"),
    ]
    for each in told:
        assert f"notice: {each['message']}" in result.err
        assert each["message"][:40] in InProcess.like(cli)("status", job_id).out
        assert "555" not in str(each)
        assert "example.org" not in str(each)


def test_they_are_there_before_a_row_is(cli: Cli, host: Host, database_url: str) -> None:
    job_id = host.job(SWAPPED.replace(b"Ada,604", b"Ada,x604"), form_id=host.form({"fields": FIELDS[:1]}))
    form_id = host.job_row(job_id)["target_form_id"]
    host.publish(form_id, {"fields": [*FIELDS[:1], {"key": "unfed", "type": "number"}]})
    with (
        paused(database_url, "form_submissions", "INSERT") as pause,
        cli.start("run", "--job-id", job_id) as worker,
    ):
        pause.wait_until_reached()
        assert host.payloads(job_id) == []
        assert [each["fieldKeys"] for each in notices(cli, job_id)] == [["unfed"]]
        pause.release()
        assert worker.wait(60) == 0


def test_a_field_without_a_column_is_told_but_no_file_field(cli: Cli, host: Host) -> None:
    fields = [*FIELDS, {"key": "photo", "type": "file"}]
    job_id, _ = run(cli, host, b"name\nAda\n", fields)
    (told,) = notices(cli, job_id)
    assert told == {
        "code": "field_without_column",
        "message": "No column feeds the fields 'email', 'phone'; they stay empty.",
        "fieldKeys": ["email", "phone"],
    }


def test_a_file_already_imported_is_told(cli: Cli, host: Host) -> None:
    data = b"name,email,phone\nAda,,\n"
    form_id, elsewhere = host.form({"fields": FIELDS}), host.form({"fields": FIELDS})
    program = InProcess.like(cli)
    for other in (elsewhere, form_id, form_id):
        job_id = host.job(data, form_id=other)
        assert program("run", "--job-id", job_id).code == 0
    (told,) = notices(cli, job_id)
    assert told["code"] == "already_imported"
    first = host.value("SELECT id FROM import_jobs WHERE target_form_id = %s ORDER BY created_at LIMIT 1", form_id)
    assert told["otherJobId"] == str(first)
    assert str(first) in told["message"]
    for taken_out in (first, job_id):
        assert program("rollback", taken_out).code == 0
    again = host.job(data, form_id=form_id)
    assert program("run", "--job-id", again).code == 0
    assert notices(cli, again) == []


TEMPLATE = [
    ["Name", "X"],
    ["# description | solstice-import-template | Required", ""],
    ["# example | Example", "Example"],
    ["Ada", "1"],
    ["", ""],
    ["Bo", "x"],
]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_rows_of_a_template_are_left_out_and_told(kind: str, cli: Cli, host: Host, tmp_path: Path) -> None:
    fields: list[dict[str, Any]] = [
        {"key": "name", "type": "text", "label": "Name", "required": True},
        {"key": "x", "type": "number", "label": "X"},
    ]
    data = "".join(",".join(row).replace(",\n", "\n") + "\n" if any(row) else "\n" for row in TEMPLATE).encode()
    if kind == "xlsx":
        cells = [[cell or None for cell in row] for row in TEMPLATE]
        data = write_workbook(kind, cells, tmp_path / "file").read_bytes()
    job_id, result = run(cli, host, data, fields)
    assert result.code == 0
    assert host.payloads(job_id) == [{"name": "Ada", "x": 1}]
    (error,) = host.errors(job_id)
    assert (error["row_number"], error["line"], error["raw_value"]) == (2, 6, "x")
    job = host.job_row(job_id)
    assert (job["source_row_count"], job["stats"]["rows_total"]) == (2, 2)
    rejected = host.read(f"imports/{job_id}/rejected.csv").lstrip("\ufeff").splitlines()
    assert [line.split(",")[:3] for line in rejected] == [["Name", "X", "_row"], ["Bo", "x", "2"]]
    (told,) = notices(cli, job_id)
    assert (told["code"], told["rows"]) == ("template_row_skipped", 2)
    assert told["message"] == "2 rows that explain the template were left out."


def test_a_job_that_takes_no_notice_fails_before_a_row_is_in(cli: Cli, host: Host) -> None:
    job_id = host.job(SWAPPED, form_id=host.form({"fields": FIELDS}))
    host.query("INSERT INTO import_worker.jobs (job_id, options) VALUES (%s, '{\"max_notices\": 0}')", job_id)
    result = InProcess.like(cli)("run", "--job-id", job_id)
    assert result.code == 3
    summary = host.job_row(job_id)["error_summary"]
    assert summary["reason"] == "limit_exceeded"
    assert summary["message"].startswith("There are 2 notices, more than the 0 of max_notices: The cells of the column")
    assert [each["code"] for each in notices(cli, job_id)] == ["swapped_columns"] * 2
    assert host.value("SELECT count(*) FROM import_worker.chunks") == 0

    host.query("UPDATE import_worker.jobs SET options = '{\"max_notices\": 2}'")
    assert InProcess.like(cli)("retry", job_id).code == 0


def test_a_preview_can_ask_for_what_its_rows_show() -> None:
    import polars as pl

    from import_worker.forms.header_names import match_headers
    from import_worker.forms.joining import bind

    form, header = FormDefinition.parse({"fields": FIELDS}), ["email", "name"]
    found = find_sample_notices(
        form, bind(form, match_headers(header, form), header), pl.DataFrame({"c0": ["a"], "c1": ["b"]})
    )
    assert [notice.code for notice in found] == [NoticeCode.FIELD_WITHOUT_COLUMN]


def test_notices_of_a_job_that_was_planned_by_the_version_before(cli: Cli, host: Host) -> None:
    job_id, _ = run(cli, host, b"name\nAda\n")
    host.query("UPDATE import_worker.jobs SET notices = NULL")
    assert notices(cli, job_id) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_submit_tells_them_before_anything_runs(encoding: str, cli: Cli, tmp_path: Path) -> None:
    form, file = tmp_path / "form.json", tmp_path / "members.csv"
    form.write_text(json.dumps({"fields": FIELDS}))
    file.write_bytes(SWAPPED.decode().encode(encoding))
    shown = InProcess.like(cli)("submit", file, "--form", form)
    assert shown.code == 0, shown.err
    assert shown.out.count("notice:") == 2
    document = InProcess.like(cli)("submit", file, "--form", form, "--again", "--json").json
    assert [notice["code"] for notice in document["notices"]] == ["swapped_columns", "swapped_columns"]
