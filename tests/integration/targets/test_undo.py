"""A job's rows are taken out in bounded batches; what somebody touched stays in and is told."""

import csv
import io

import pytest

from import_worker.database.connection import Connection, connect, transaction
from import_worker.database.stop_requests import Edited
from import_worker.targets.undo import Removal, UndoCounts
from tests.integration.targets.case import Case, import_all
from tests.integration.targets.conftest import Make

MANY = 21_000
"""More than one batch takes."""


def _prepare(case: Case, connection: Connection, edited: Edited = "keep") -> Removal:
    with transaction(connection):
        removal = case.undo.prepare(connection, edited)
        removal.start(connection)
    return removal


def _take_all(case: Case, connection: Connection, edited: Edited = "keep") -> int:
    taken = 0
    for batch in _prepare(case, connection, edited).batches(connection):
        with transaction(connection):
            taken += batch.remove(connection)
    return taken


def _kept(case: Case, connection: Connection) -> dict[str, str]:
    """Why each kept row stayed, by its number."""
    with transaction(connection):
        case.undo.keep_remaining(connection)
        text = b"".join(case.undo.stream_kept(connection)).decode()
        rows = {row["rowNumber"]: row["reason"] for row in csv.DictReader(io.StringIO(text))}
        counts = case.undo.count_kept(connection)
    assert sum(counts.values()) == len(rows)
    assert all(list(rows.values()).count(reason) == count for reason, count in counts.items())
    return rows


@pytest.fixture(params=[True, False], ids=["shortcuts", "no shortcuts"])
def imported(request: pytest.FixtureRequest, case: Case, connection: Connection) -> Case:
    """All twenty rows are in, in two chunks."""
    if not request.param:
        case.forbid_shortcuts()
    import_all(case, connection)
    return case


def test_untouched_rows_go(imported: Case, connection: Connection) -> None:
    assert _take_all(imported, connection) == 20
    assert imported.rows_in() == []
    assert _kept(imported, connection) == {}


def test_touched_rows_stay_and_are_told(imported: Case, connection: Connection) -> None:
    imported.edit(3)
    imported.refer_to(14)
    imported.edit(15)
    imported.refer_to(15)
    assert _take_all(imported, connection) == 17
    assert imported.host.value("SELECT count(*) FROM form_submissions") == 3
    assert _kept(imported, connection) == {"3": "edited", "14": "referred", "15": "referred"}


def test_edited_rows_go_where_they_are_to_be_taken(imported: Case, connection: Connection) -> None:
    imported.edit(3)
    imported.refer_to(14)
    assert _take_all(imported, connection, "take") == 19
    assert _kept(imported, connection) == {"14": "referred"}


def test_all_three_kinds_are_counted_and_nothing_is_changed(imported: Case, connection: Connection) -> None:
    imported.edit(3)
    imported.edit(4)
    imported.refer_to(4)
    imported.refer_to(14)
    with transaction(connection), connection.transaction(force_rollback=True):
        counts = imported.undo.prepare(connection, "keep").count(connection)
    assert counts == UndoCounts(untouched=17, edited=1, referred=2)
    with transaction(connection):
        assert imported.undo.count_kept(connection) == {}
    assert imported.host.value("SELECT count(*) FROM form_submissions") == 20


def test_a_batch_is_undone_with_its_transaction(imported: Case, connection: Connection) -> None:
    (batch,) = _prepare(imported, connection).batches(connection)
    with transaction(connection), connection.transaction(force_rollback=True):
        assert batch.remove(connection) == 20
    assert len(imported.rows_in()) == 20
    with transaction(connection):
        assert batch.remove(connection) == 20
    with transaction(connection):
        assert batch.remove(connection) == 0


def test_a_row_that_is_referred_to_after_the_first_look_stays(imported: Case, connection: Connection) -> None:
    (batch,) = _prepare(imported, connection).batches(connection)
    imported.refer_to(7)
    imported.edit(8)
    with transaction(connection):
        assert batch.remove(connection) == 18
    assert _kept(imported, connection) == {"7": "referred", "8": "edited"}


def test_rows_of_another_job_stay(make: Make, connection: Connection) -> None:
    case, other = make([12, 8]), make([12, 8])
    import_all(case, connection)
    import_all(other, connection)
    assert _take_all(case, connection) == 20
    assert case.rows_in() == []
    assert other.rows_in() == list(range(1, 21))


def test_many_rows_go_in_bounded_batches_and_a_broken_off_undo_goes_on(make: Make, connection: Connection) -> None:
    case = make([MANY // 2, MANY // 2])
    import_all(case, connection)
    case.edit(2)
    case.refer_to(MANY - 1)
    batches = list(_prepare(case, connection).batches(connection))
    assert [batch.last_row for batch in batches] == [20_000, MANY]
    with connect(case.host.database_url) as broken_off, transaction(broken_off):
        assert batches[0].remove(broken_off) == 19_999
    assert case.host.value("SELECT count(*) FROM form_submissions") == MANY - 19_999
    assert _take_all(case, connection) == 999
    assert _kept(case, connection) == {"2": "edited", str(MANY - 1): "referred"}


def test_what_was_kept_before_may_go_when_nobody_holds_it_any_more(imported: Case, connection: Connection) -> None:
    imported.refer_to(14)
    assert _take_all(imported, connection) == 19
    imported.host.query("DELETE FROM reporting_submissions")
    assert _take_all(imported, connection) == 1
    assert _kept(imported, connection) == {}
