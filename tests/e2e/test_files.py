"""Any file, through the command line: its rows, its errors, or the sentence that says why not."""

import csv
import io

import pytest

from tests.corpus.file_case import FileCase, RowError
from tests.corpus.files import CASES
from tests.support.file_importer import FileImporter


@pytest.mark.parametrize("case", [case for case in CASES if case.failure is None], ids=str)
def test_a_file_becomes_its_rows_and_errors(case: FileCase, desk: FileImporter) -> None:
    imported = desk.import_file(case)
    assert (imported.result.code, imported.result.err) == (0, "")
    assert imported.errors == list(case.errors)
    assert imported.payloads == list(case.payloads)
    plan = imported.document["plan"]
    assert plan["rowsTotal"] == len(case.payloads) + len({error.row for error in case.errors})
    assert {name: plan["format"][name] for name in case.found} == case.found
    assert _report(desk, imported.document["errorReportKey"]) == list(case.errors)


@pytest.mark.parametrize("case", [case for case in CASES if case.failure is not None], ids=str)
def test_a_file_that_cannot_be_imported_says_why(case: FileCase, desk: FileImporter) -> None:
    assert case.failure is not None
    before = _everything(desk)
    refused = desk.submit(case, "--run")
    assert refused.code == 2, refused.err
    assert (refused.json["jobId"], refused.json["reason"]) == (None, case.failure.reason)
    assert case.failure.says in refused.json["problem"]
    assert " ".join(refused.err.split()) == f"error: {' '.join(refused.json['problem'].split())}"
    assert _everything(desk) == before

    failed, job_id = desk.run_unchecked(case)
    assert failed.code == 3, failed.err
    summary = failed.json["errorSummary"]
    assert (summary["reason"], summary["message"]) == (case.failure.reason, refused.json["problem"])
    assert summary["message"].endswith(".")
    assert " ".join(failed.err.split()) == f"error: {' '.join(summary['message'].split())}"
    assert desk.host.payloads(job_id) == []


def _everything(desk: FileImporter) -> object:
    """What a refused file must leave as it is."""
    tables = "SELECT (SELECT count(*) FROM import_jobs), (SELECT count(*) FROM form_versions)"
    return desk.host.query(tables), sorted((desk.folder / "artifacts").rglob("*"))


def _report(desk: FileImporter, key: str | None) -> list[RowError]:
    """errors.csv; a value that a spreadsheet might take for a formula has a ``'`` before it."""
    if key is None:
        return []
    rows = csv.DictReader(io.StringIO(desk.host.read(key), newline=""))
    return [
        RowError(
            int(row["rowNumber"]),
            int(row["line"]),
            row["fieldKey"] or None,
            row["errorType"],
            row["rawValue"][1:] if row["rawValue"][:2] in FORMULAS else row["rawValue"],
        )
        for row in rows
    ]


FORMULAS = {f"'{mark}" for mark in "=+-@\t\r"}
