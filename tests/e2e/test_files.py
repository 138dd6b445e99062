"""Any file, through the command line: its rows, its errors, or the sentence that says why not."""

import csv
import io

import pytest

from tests.corpus.file_case import FileCase, RowError
from tests.corpus.files import CASES
from tests.support.file_desk import FileDesk


@pytest.mark.parametrize("case", [case for case in CASES if case.failure is None], ids=str)
def test_a_file_becomes_its_rows_and_errors(case: FileCase, desk: FileDesk) -> None:
    imported = desk.import_file(case)
    assert (imported.result.code, imported.result.err) == (0, "")
    assert imported.errors == list(case.errors)
    assert imported.payloads == list(case.payloads)
    plan = imported.document["plan"]
    assert plan["rowsTotal"] == len(case.payloads) + len({error.row for error in case.errors})
    assert {name: plan["format"][name] for name in case.found} == case.found
    assert _report(desk, imported.document["errorReportKey"]) == list(case.errors)


@pytest.mark.parametrize("case", [case for case in CASES if case.failure is not None], ids=str)
def test_a_file_that_cannot_be_imported_says_why(case: FileCase, desk: FileDesk) -> None:
    assert case.failure is not None
    imported = desk.import_file(case)
    assert imported.result.code == 3, imported.result.err
    summary = imported.document["errorSummary"]
    assert summary["reason"] == case.failure.reason
    assert case.failure.says in summary["message"]
    assert summary["message"].endswith(".")
    assert " ".join(imported.result.err.split()) == f"error: {' '.join(summary['message'].split())}"
    assert imported.payloads == []


def _report(desk: FileDesk, key: str | None) -> list[RowError]:
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
