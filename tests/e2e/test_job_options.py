"""Job options: taken from ``submit`` and from the launch event, checked by name and value, kept, and stronger than
what is found."""

import json
from collections.abc import Callable, Mapping
from uuid import UUID

import pytest

from tests.corpus import stock
from tests.corpus.file_case import FileCase, text
from tests.corpus.files_workbooks import stock_workbook
from tests.support.file_importer import FileImporter

FILE = FileCase("", text("article,quantity\nLamp,1\nRug,x\nChair,3\n"))
ROWS = [{"article": "Lamp", "quantity": 1}, {"article": "Chair", "quantity": 3}]
WRONG = [
    ("delimeter", ",", "There is no job option 'delimeter'; there are: delimiter, quote, encoding"),
    ("delimiter", ";;", "one ASCII character"),
    ("delimiter", "", "one ASCII character"),
    ("delimiter", "ü", "one ASCII character"),
    ("delimiter", "\n", "one ASCII character"),
    ("quote", "''", "one ASCII character, or none"),
    ("encoding", "utf-9", "not an encoding that Python knows"),
    ("encoding", "base64", "not an encoding that Python knows"),
    ("header_row", "0", "greater than or equal to 1"),
    ("header_row", "first", "valid integer"),
    ("ragged_rows", "keep", "'reject' or 'pad'"),
    ("max_rejected_rows", "-1", "greater than or equal to 0"),
    ("max_rejected_ratio", "1.5", "less than or equal to 1"),
    ("dry_run", "perhaps", "boolean"),
    ("connections", "0", "greater than or equal to 1"),
    ("connections", "65", "less than or equal to 64"),
]


def _kept(desk: FileImporter, job_id: UUID) -> Mapping[str, object]:
    kept: Mapping[str, object] = desk.host.value("SELECT options FROM import_worker.jobs WHERE job_id = %s", job_id)
    return kept


def _event(job_id: UUID, options: object) -> str:
    return json.dumps({"detail": {"jobId": str(job_id), "options": options}})


@pytest.mark.parametrize(("name", "value", "says"), WRONG)
def test_a_wrong_option_is_refused_before_there_is_a_job(name: str, value: str, says: str, desk: FileImporter) -> None:
    before = desk.host.value("SELECT count(*) FROM import_jobs")
    result = desk.submit(FileCase("", FILE.make, options={name: value}), "--run")
    _check_refused(result.code, result.out, result.err, name, says)
    assert desk.host.value("SELECT count(*) FROM import_jobs") == before


@pytest.mark.parametrize(("name", "value", "says"), WRONG)
def test_a_wrong_option_in_the_launch_event_is_refused(name: str, value: str, says: str, desk: FileImporter) -> None:
    job_id = desk.host.job(FILE.make())
    result = desk.run("run", SST_EVENT=_event(job_id, {name: value}))
    _check_refused(result.code, result.out, result.err, name, says)
    assert desk.host.job_row(job_id)["status"] == "pending"


def _check_refused(code: int, out: str, err: str, name: str, says: str) -> None:
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.endswith(".\n")
    assert name in err
    assert says in err
    assert "Traceback" not in err


def test_options_that_are_no_object_are_refused(desk: FileImporter) -> None:
    job_id = desk.host.job(FILE.make())
    result = desk.run("run", SST_EVENT=_event(job_id, ["dry_run"]))
    assert result.code == 2
    assert "must be an object" in result.err


def test_an_option_without_a_value_is_refused(desk: FileImporter) -> None:
    result = desk.submit(FILE, "--option", "dry_run")
    assert result.code == 2
    assert "KEY=VALUE" in result.err


def test_options_of_the_launch_event_are_used_and_kept(desk: FileImporter) -> None:
    form_id = desk.host.form({"fields": [{"key": "day", "type": "date"}, {"key": "note", "type": "text"}]})
    data = "Liste\nday;note\n'31/12/2024';'für;draußen'\n1/2/2024\n".encode("cp1252")
    job_id = desk.host.job(data, form_id=form_id)
    options = {
        "delimiter": ";",
        "quote": "'",
        "encoding": "cp1252",
        "header_row": 2,
        "date_formats": ["DD/MM/YYYY"],
        "ragged_rows": "pad",
        "max_rejected_rows": 5,
        "max_rejected_ratio": 0.5,
        "connections": 1,
    }
    result = desk.run("run", "--json", SST_EVENT=_event(job_id, options))
    assert result.code == 0, result.err
    assert desk.host.payloads(job_id) == [{"day": "2024-12-31", "note": "für;draußen"}, {"day": "2024-02-01"}]
    assert _kept(desk, job_id) == options
    assert result.json["plan"]["options"] == options
    assert set(result.json["plan"]["format"]["sure"].values()) == {"given"}


def test_a_sheet_named_in_the_launch_event_is_read(desk: FileImporter) -> None:
    job_id = desk.host.job(stock_workbook("ods")(), form_id=desk.host.form({"fields": FILE.fields}))
    result = desk.run("run", "--json", SST_EVENT=_event(job_id, {"sheet": "sheet1"}))
    assert result.code == 0, result.err
    assert desk.host.payloads(job_id) == stock.PAYLOADS


def test_a_dry_run_inserts_nothing_until_the_real_one(desk: FileImporter) -> None:
    imported = desk.import_file(FileCase("", FILE.make, options={"dry_run": "true"}))
    assert imported.result.code == 0
    assert (imported.document["status"], imported.payloads) == ("validated", [])
    assert [error.row for error in imported.errors] == [2]
    real = desk.run("run", "--job-id", imported.job_id, "--json")
    assert (real.code, real.json["status"]) == (0, "completed")
    assert desk.host.payloads(imported.job_id) == ROWS
    assert desk.errors_of(imported.job_id) == imported.errors


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"max_rejected_rows": "0"}, 3),
        ({"max_rejected_rows": "1"}, 0),
        ({"max_rejected_ratio": "0.33"}, 3),
        ({"max_rejected_ratio": "0.34"}, 0),
    ],
    ids=str,
)
def test_rejected_rows_are_put_up_with_as_far_as_allowed(
    options: dict[str, str], code: int, desk: FileImporter
) -> None:
    imported = desk.import_file(FileCase("", FILE.make, options=options))
    assert imported.result.code == code, imported.result.err
    assert imported.document["errorSummary"].get("reason") == ("too_many_rejected_rows" if code else None)


@pytest.mark.parametrize("connections", [1, 3])
def test_connections_is_how_many_chunks_are_in_flight(connections: int, desk: FileImporter) -> None:
    data = "article,quantity\n" + "".join(f"Lamp {'x' * 200},{number}\n" for number in range(3_000))
    desk.host.query("CREATE TABLE IF NOT EXISTS seen (job uuid, backend int)")
    desk.host.query(
        "CREATE OR REPLACE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO seen VALUES (NEW.job_id, pg_backend_pid()); PERFORM pg_sleep(0.1); RETURN NEW; END $$"
    )
    desk.host.query(
        "CREATE OR REPLACE TRIGGER see AFTER UPDATE ON import_worker.chunks FOR EACH ROW EXECUTE FUNCTION see()"
    )
    try:
        imported = desk.import_file(FileCase("", text(data), options={"connections": str(connections)}))
    finally:
        desk.host.query("DROP TRIGGER see ON import_worker.chunks")
    assert imported.result.code == 0, imported.result.err
    assert imported.document["stats"]["chunks_done"] > 5
    assert desk.host.value("SELECT count(DISTINCT backend) FROM seen WHERE job = %s", imported.job_id) == connections


@pytest.mark.parametrize("kind", ["csv", "excel"])
@pytest.mark.parametrize("make", [stock_workbook("xlsx"), text("\n".join(map(";".join, stock.PLAIN_TABLE)))])
def test_the_jobs_type_is_a_hint(kind: str, make: Callable[[], bytes], desk: FileImporter) -> None:
    job_id = desk.host.job(make(), form_id=desk.host.form({"fields": FILE.fields}))
    desk.host.query("UPDATE import_jobs SET type = %s WHERE id = %s", kind, job_id)
    result = desk.run("run", "--job-id", job_id, "--json")
    assert result.code == 0, result.err
    assert [payload["article"] for payload in desk.host.payloads(job_id)] == [row["article"] for row in stock.PAYLOADS]
    assert desk.host.job_row(job_id)["type"] == kind


@pytest.mark.parametrize(("before", "after"), [(None, 5), (7, 7)])
def test_the_source_row_count_is_filled_in_where_it_is_missing(
    before: int | None, after: int, desk: FileImporter
) -> None:
    job_id = desk.host.job(stock_workbook("xls")(), form_id=desk.host.form({"fields": FILE.fields}))
    desk.host.query("UPDATE import_jobs SET source_row_count = %s WHERE id = %s", before, job_id)
    assert desk.run("run", "--job-id", job_id).code == 0
    row = desk.host.job_row(job_id)
    assert (row["source_row_count"], row["stats"]["rows_total"]) == (after, 5)


def test_submit_and_status_show_what_was_found(desk: FileImporter) -> None:
    case = FileCase("", text("Stock list\narticle;quantity\nKühlschrank;x\n", "cp1252"), file_name="list.xlsx")
    shown = desk.submit(case)
    assert shown.json["problem"] is None
    assert shown.json["mapping"] == {"article": "article", "quantity": "quantity"}
    found = shown.json["format"]
    assert (found["encoding"], found["delimiter"], found["headerRow"]) == ("cp1252", ";", 2)
    job_id = shown.json["jobId"]
    assert desk.run("run", "--job-id", job_id).code == 0
    assert desk.run("status", job_id, "--json").json["plan"]["format"] == found
    words = desk.run("status", job_id).out
    assert all(word in words for word in ("cp1252", "semicolon", "header in row 2"))


def test_submit_says_what_will_keep_the_file_out(desk: FileImporter) -> None:
    case = FileCase("", stock_workbook("xlsx"), options={"sheet": "Chairs"})
    shown = desk.submit(case)
    assert shown.code == 2
    assert shown.json["format"] is None
    assert "no sheet named 'Chairs'" in shown.json["problem"]
