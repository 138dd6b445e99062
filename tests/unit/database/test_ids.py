"""Row ids are UUIDv8, unique per row, and in order."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from import_worker.targets.submissions.ids import MAX_ROW, RowIds

CREATED = datetime(2026, 11, 23, 12, 0, 0, 123_000, tzinfo=UTC)


def test_an_id_says_when_its_job_was_made_and_which_row_it_is() -> None:
    row_id = RowIds.of(uuid4(), CREATED).of_row(4_711)
    assert row_id.version == 8
    assert row_id.variant == "specified in RFC 4122"
    assert row_id.int >> 80 == int(CREATED.timestamp() * 1000)
    assert row_id.int & MAX_ROW == 4_711


def test_jobs_of_the_same_moment_differ() -> None:
    prefixes = {RowIds.of(UUID(int=number), CREATED).prefix for number in range(10_000)}
    assert len(prefixes) == 10_000


def test_files_of_a_field_lie_in_a_range_of_their_own() -> None:
    job_id = uuid4()
    prefixes = {RowIds.of(job_id, CREATED, key).prefix for key in ("", *(f"field_{n}" for n in range(1_000)), "é")}
    assert len(prefixes) == 1_002
    file_id = RowIds.of(job_id, CREATED, "report").of_row(4_711)
    assert (file_id.version, file_id.variant, file_id.int & MAX_ROW) == (8, "specified in RFC 4122", 4_711)


@given(
    st.lists(st.integers(1, MAX_ROW), min_size=1, max_size=20), st.uuids(), st.datetimes(CREATED.replace(tzinfo=None))
)
def test_many_ids_at_once_are_the_same_ids(rows: list[int], job_id: UUID, created: datetime) -> None:
    ids = RowIds.of(job_id, created.replace(tzinfo=UTC))
    many = ids.of_rows(np.array(rows, dtype=np.int64))
    assert [row.tobytes() for row in many] == [ids.of_row(row).bytes for row in rows]
    low, high = ids.bounds()
    assert all(low < ids.of_row(row) <= high for row in rows)
    assert sorted(rows) == [ids.of_row(row).int & MAX_ROW for row in sorted(rows)]
