"""Suggestions through the command line: read, followed, and every row is in."""

import json
from pathlib import Path
from uuid import UUID

from tests.support.cli import Cli
from tests.support.host import Host

FORM = {
    "fields": [
        {"key": "name", "type": "text", "label": "Name", "required": True},
        {"key": "born", "type": "date", "label": "Date of birth", "required": True},
        {"key": "gender", "type": "select", "options": [{"value": "male"}, {"value": "female"}]},
    ]
}
ROWS = 60


def _submit(cli: Cli, folder: Path, data: str, *more: object, form: object = FORM) -> UUID:
    (folder / "members.csv").write_text(data, encoding="utf-8")
    (folder / "form.json").write_text(json.dumps(form), encoding="utf-8")
    result = cli("submit", folder / "members.csv", "--form", folder / "form.json", *more, "--again", "--run", "--json")
    assert result.code == 0, result.err
    return UUID(result.json["jobId"])


def _members() -> str:
    rows = (f"name {n},{n % 28 + 1:02}/{n % 12 + 1:02}/{1950 + n},{'MF'[n % 2]}\n" for n in range(ROWS))
    return "Name,Date Of Birth,Gender\n" + "".join(rows)


def test_the_mapping_that_is_suggested_imports_every_row(cli: Cli, host: Host, tmp_path: Path) -> None:
    first = _submit(cli, tmp_path, _members())
    assert host.job_row(first)["stats"]["rows_succeeded"] == 0
    document = cli("errors", first, "--json").json
    born, gender = document["suggestions"]
    assert born == {
        "fieldKey": "born",
        "column": "Date Of Birth",
        "errorType": "invalid_date",
        "errors": ROWS,
        "message": '60 values look like DD/MM/YYYY: add "date_formats": ["DD/MM/YYYY"] to the mapping of "Date Of'
        ' Birth", or submit with --option date_formats=DD/MM/YYYY.',
        "mapping": {"Date Of Birth": {"field": "born", "date_formats": ["DD/MM/YYYY"]}},
    }
    assert gender["mapping"] == {"Gender": {"field": "gender", "values": {"M": "male", "F": "female"}}}
    assert document["suggestedMapping"] == {"Name": "name", **born["mapping"], **gender["mapping"]}

    (tmp_path / "mapping.json").write_text(json.dumps(document["suggestedMapping"]), encoding="utf-8")
    second = _submit(cli, tmp_path, _members(), "--mapping", tmp_path / "mapping.json")
    assert [payload["born"] for payload in host.payloads(second)] == [
        f"{1950 + n}-{n % 12 + 1:02}-{n % 28 + 1:02}" for n in range(ROWS)
    ]
    clean = cli("errors", second, "--json").json
    assert (clean["summary"], clean["suggestions"], clean["suggestedMapping"]) == ([], [], None)


def test_the_option_that_is_suggested_imports_every_row(cli: Cli, host: Host, tmp_path: Path) -> None:
    data = _members().replace(",M\n", ",male\n").replace(",F\n", ",female\n")
    message = cli("errors", _submit(cli, tmp_path, data), "--json").json["suggestions"][0]["message"]
    option = message.split("--option ")[1].rstrip(".")
    second = _submit(cli, tmp_path, data, "--option", option)
    assert host.job_row(second)["stats"]["rows_succeeded"] == ROWS


def test_people_are_told_after_the_run_and_with_the_errors(cli: Cli, host: Host, tmp_path: Path) -> None:
    (tmp_path / "members.csv").write_text(_members(), encoding="utf-8")
    (tmp_path / "form.json").write_text(json.dumps(FORM), encoding="utf-8")
    run = cli("submit", tmp_path / "members.csv", "--form", tmp_path / "form.json", "--run")
    assert run.code == 0, run.err
    sentence = "suggestion: born: 60 values look like DD/MM/YYYY: "
    assert sentence in run.out
    job_id = host.value("SELECT id FROM import_jobs")
    shown = cli("errors", job_id, "--field", "born").out
    assert sentence in shown
    assert shown.index("invalid_date") < shown.index(sentence) < shown.index("01/01/1950")
    assert f"errors {job_id} --json" in shown
    assert "suggestion: gender" not in shown
    assert "suggestion:" not in cli("errors", job_id, "--type", "required").out


def test_ambiguous_dates_are_a_question(cli: Cli, tmp_path: Path) -> None:
    data = "name,born\n" + "".join(f"name {n},0{n}/04/1990\n" for n in range(1, 10))
    document = cli("errors", _submit(cli, tmp_path, data), "--json").json
    (suggestion,) = document["suggestions"]
    assert suggestion["message"].startswith(
        "9 dates such as 01/04/1990 are ambiguous: name the format, DD/MM/YYYY or MM/DD/YYYY, "
    )
    assert suggestion["mapping"] is None
    assert document["suggestedMapping"] is None


def test_what_was_accepted_already_stays_accepted(cli: Cli, host: Host, tmp_path: Path) -> None:
    data = "name,born\n" + "a,1990-04-03\nb,32874\n" + "c,13.04.1990\n" * 5
    document = cli("errors", _submit(cli, tmp_path, data), "--json").json
    (tmp_path / "mapping.json").write_text(json.dumps(document["suggestedMapping"]), encoding="utf-8")
    second = _submit(cli, tmp_path, data, "--mapping", tmp_path / "mapping.json")
    assert host.job_row(second)["stats"]["rows_succeeded"] == 7


def test_nothing_is_told_of_sensitive_cells(cli: Cli, tmp_path: Path) -> None:
    born = {"key": "born", "type": "date", "dataClassification": "sensitive"}
    job_id = _submit(cli, tmp_path, "born\n" + "13/04/1990\n" * 9, form={"fields": [born]})
    document = cli("errors", job_id, "--json").json
    assert document["summary"][0]["errors"] == 9
    assert document["suggestions"] == []
