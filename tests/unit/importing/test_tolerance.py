"""How many rejected rows a job puts up with."""

from dataclasses import replace

import pytest

from import_worker.errors import FailureReason, JobFailed
from import_worker.importing.stats import Stats
from import_worker.importing.tolerance import check_tolerance
from import_worker.options import JobOptions

STATS = Stats.from_json({"rows_total": 1_000, "rows_processed": 500})


@pytest.mark.parametrize(
    ("options", "failed"),
    [
        ({}, 1_000),
        ({"max_rejected_rows": 10}, 10),
        ({"max_rejected_rows": 0}, 0),
        ({"max_rejected_ratio": 0.1}, 100),
        ({"max_rejected_ratio": 0}, 0),
        ({"max_rejected_ratio": 1}, 1_000),
        ({"max_rejected_rows": 200, "max_rejected_ratio": 0.1}, 100),
    ],
)
def test_a_limit_that_is_reached_is_not_passed(options: dict[str, float], failed: int) -> None:
    check_tolerance(replace(STATS, rows_failed=failed), JobOptions.model_validate(options))


@pytest.mark.parametrize(
    ("options", "failed", "sentence"),
    [
        ({"max_rejected_rows": 10}, 11, "11 rows were rejected, more than the 10 of max_rejected_rows"),
        ({"max_rejected_rows": 0}, 1, "1 rows were rejected, more than the 0 of max_rejected_rows"),
        ({"max_rejected_ratio": 0.1}, 101, "101 of 1,000 rows were rejected, more than the 0.1 of max_rejected_ratio"),
        ({"max_rejected_ratio": 0}, 1, "1 of 1,000 rows were rejected, more than the 0 of max_rejected_ratio"),
    ],
)
def test_one_more_row_than_the_limit_fails_the_job(options: dict[str, float], failed: int, sentence: str) -> None:
    with pytest.raises(JobFailed, match=sentence) as failure:
        check_tolerance(replace(STATS, rows_failed=failed), JobOptions.model_validate(options))
    assert failure.value.reason is FailureReason.TOO_MANY_REJECTED_ROWS


def test_the_ratio_is_of_all_rows_of_the_file_and_not_of_those_looked_at() -> None:
    early = replace(STATS, rows_processed=20, rows_failed=20)
    check_tolerance(early, JobOptions(max_rejected_ratio=0.02))
