"""Notices: what they say and when."""

from datetime import UTC, datetime
from uuid import UUID

import polars as pl
import pytest

from import_worker.errors import FailureReason, JobFailed
from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.joining import bind
from import_worker.forms.notices import (
    Notice,
    NoticeCode,
    already_imported,
    find_sample_notices,
    refuse_too_many,
    template_rows_skipped,
)


def notices(types: dict[str, str], mapped: list[str]) -> list[Notice]:
    form = FormDefinition.parse({"fields": [{"key": key, "type": name} for key, name in types.items()]})
    bindings = bind(form, HeaderMapping.parse(dict(zip(mapped, mapped, strict=True))), mapped)
    return find_sample_notices(form, bindings, pl.DataFrame({f"c{n}": ["x"] for n in range(len(mapped))}))


def test_fields_that_no_column_feeds_are_named_but_those_of_files() -> None:
    (notice,) = notices({"a": "text", "b": "text", "c": "file"}, ["a"])
    assert notice.to_json() == {
        "code": "field_without_column",
        "message": "No column feeds the field 'b'; it stays empty.",
        "fieldKeys": ["b"],
    }
    assert notices({"a": "text", "c": "file"}, ["a"]) == []


def test_of_many_fields_the_first_are_named_and_the_rest_counted() -> None:
    (notice,) = notices({f"f{n}": "text" for n in range(9)}, ["f0"])
    assert notice.message == "No column feeds the fields 'f1', 'f2', 'f3', 'f4', 'f5' and 3 more; they stay empty."
    assert len(notice.details["fieldKeys"]) == 8


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (1, ["1 row that explains the template was left out."]),
        (1_200, ["1,200 rows that explain the template were left out."]),
        (0, []),
    ],
)
def test_template_rows_are_counted(rows: int, words: list[str]) -> None:
    assert [notice.message for notice in template_rows_skipped(rows)] == words


def test_a_file_that_was_imported_is_told_with_its_job() -> None:
    job = UUID(int=7)
    moment = datetime(2025, 3, 4, 5, 6, tzinfo=UTC)
    assert f"on 2025-03-04 05:06 by job {job}" in already_imported(job, moment).message
    unknown = already_imported(job, None)
    assert f"into the form by job {job}" in unknown.message
    assert unknown.details == {"otherJobId": str(job), "completedAt": None}


@pytest.mark.parametrize(("found", "limit"), [(0, 0), (3, 3), (9, None)])
def test_so_many_notices_may_be(found: int, limit: int | None) -> None:
    refuse_too_many([Notice(NoticeCode.SWAPPED_COLUMNS, "m")] * found, limit)


@pytest.mark.parametrize(
    ("found", "words"),
    [(1, "There is 1 notice, more than the 0 of max_notices: m0 Mend"), (7, "There are 7 notices, more than")],
)
def test_more_are_refused_with_the_first_of_them(found: int, words: str) -> None:
    with pytest.raises(JobFailed) as failed:
        refuse_too_many([Notice(NoticeCode.SWAPPED_COLUMNS, f"m{n}") for n in range(found)], 0)
    assert failed.value.reason == FailureReason.LIMIT_EXCEEDED
    assert str(failed.value).startswith(words)
    assert "m5" not in str(failed.value)
    assert len(failed.value.details["notices"]) == found
