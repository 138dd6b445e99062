"""A row that the database refuses costs itself; a table that refuses everything ends the job soon."""

import psycopg
import pytest

from import_worker.database.connection import Connection, transaction
from import_worker.errors import JobFailed
from import_worker.row_errors.error_type import RowErrorType
from import_worker.targets.bisection import PROBES
from import_worker.targets.refusal import RowsRefused, savepoint
from import_worker.targets.target import Loaded
from tests.integration.targets.case import Case, error_of, import_all, load_chunk, rows_of, total_of
from tests.integration.targets.conftest import Make


@pytest.mark.parametrize("deferred", [False, True])
def test_a_chunk_with_a_refused_row_is_refused_as_a_whole(
    case: Case, connection: Connection, *, deferred: bool
) -> None:
    case.refuse([5], deferred=deferred)
    with transaction(connection):
        with pytest.raises(RowsRefused, match="not those"), savepoint(connection):
            load_chunk(case, connection, case.chunks[0], [case.piece(range(1, 13))])
        connection.execute("SELECT 1")  # the transaction can go on
    assert case.rows_in() == []


@pytest.mark.parametrize("deferred", [False, True])
@pytest.mark.parametrize("refused", [[1], [12], [5, 6], [1, 3, 5, 7, 9, 11], list(range(1, 13))])
def test_refused_rows_are_found_and_all_others_are_in(
    case: Case, connection: Connection, refused: list[int], *, deferred: bool
) -> None:
    case.refuse(refused, deferred=deferred)
    chunk = case.chunks[0]
    accepted = [row for row in rows_of(chunk) if row not in refused]
    with transaction(connection):
        (loaded,) = load_chunk(case, connection, chunk, [case.piece(rows_of(chunk))], bisect=True)
    assert case.rows_in() == accepted
    assert loaded.loaded == Loaded(len(accepted), sum(row % 3 == 0 for row in accepted))
    assert loaded.errors["row"].to_list() == refused
    assert loaded.rows_failed == len(refused)
    assert set(loaded.errors["error_type"]) == {RowErrorType.CONSTRAINT}
    assert all("not those" in message for message in loaded.errors["error_message"])
    assert loaded.errors["line"].to_list() == [row + 1 for row in refused]
    assert set(loaded.errors["ordinal"]) == {1}
    assert set(loaded.errors["raw_value"]) == {None}  # the message is the database's, the cell nobody's business


def test_refused_rows_stand_among_the_errors_of_validation_in_order(case: Case, connection: Connection) -> None:
    case.refuse([2, 9])
    with transaction(connection):
        piece = case.piece([1, 2, 3, 8, 9, 10], error_of(5))
        (loaded,) = load_chunk(case, connection, case.chunks[0], [piece], bisect=True)
    assert loaded.errors["row"].to_list() == [2, 5, 9]
    assert loaded.errors["error_type"].to_list() == [RowErrorType.CONSTRAINT, "invalid_number", RowErrorType.CONSTRAINT]
    assert case.rows_in() == [1, 3, 8, 10]


def test_the_message_does_not_quote_the_row(case: Case, connection: Connection) -> None:
    case.refuse([5])
    with transaction(connection):
        (loaded,) = load_chunk(case, connection, case.chunks[0], [case.piece(range(1, 13))], bisect=True)
    assert "Ünal" not in loaded.errors["error_message"][0]


def test_refusals_in_several_pieces(case: Case, connection: Connection) -> None:
    case.refuse([2, 11])
    with transaction(connection):
        pieces = [case.piece(range(1, 7)), case.piece(range(7, 13))]
        loaded = load_chunk(case, connection, case.chunks[0], pieces, bisect=True)
    assert [piece.errors["row"].to_list() for piece in loaded] == [[2], [11]]
    assert case.rows_in() == [row for row in range(1, 13) if row not in (2, 11)]


def test_an_error_that_is_not_about_rows_is_no_refusal(case: Case, connection: Connection) -> None:
    connection.execute("SET default_transaction_read_only = on")
    for bisect in (False, True):
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), transaction(connection), savepoint(connection):
            load_chunk(case, connection, case.chunks[0], [case.piece(range(1, 13))], bisect=bisect)
    assert case.rows_in() == []


def test_a_table_that_refuses_everything_fails_the_job_after_some_probes(make: Make, connection: Connection) -> None:
    case = make([40 * PROBES])
    case.refuse(range(1, 40 * PROBES + 1))
    piece = case.piece(rows_of(case.chunks[0]))
    with pytest.raises(JobFailed, match=r"refuses every row \(.*not those.*--retry") as failed, transaction(connection):
        load_chunk(case, connection, case.chunks[0], [piece], bisect=True)
    assert failed.value.reason == "target_rejected"
    assert case.rows_in() == []


def test_a_few_refused_rows_are_no_table_that_refuses_everything(make: Make, connection: Connection) -> None:
    case = make([PROBES - 1])
    case.refuse(rows_of(case.chunks[0]))
    with transaction(connection):
        (loaded,) = load_chunk(case, connection, case.chunks[0], [case.piece(rows_of(case.chunks[0]))], bisect=True)
    assert (loaded.loaded, loaded.rows_failed) == (Loaded(), PROBES - 1)


def test_a_job_with_rows_in_is_no_table_that_refuses_everything(make: Make, connection: Connection) -> None:
    case = make([5, 2 * PROBES])
    first, second = case.chunks
    with transaction(connection):
        load_chunk(case, connection, first, [case.piece(rows_of(first))])
    case.refuse(rows_of(second))
    with transaction(connection):
        loaded = load_chunk(case, connection, second, [case.piece(rows_of(second))], bisect=True)
    assert total_of(loaded) == Loaded()
    assert case.rows_in() == [1, 2, 3, 4, 5]


def test_rows_sorted_by_what_a_constraint_is_about_are_bisected(make: Make, connection: Connection) -> None:
    case = make([6 * PROBES])
    case.refuse(range(1, 4 * PROBES + 1))
    with transaction(connection):
        load_chunk(case, connection, case.chunks[0], [case.piece(rows_of(case.chunks[0]))], bisect=True)
    assert case.rows_in() == list(range(4 * PROBES + 1, 6 * PROBES + 1))


def test_after_the_refusal_is_mended_the_job_goes_in(case: Case, connection: Connection) -> None:
    case.refuse([5])
    with pytest.raises(RowsRefused), transaction(connection), savepoint(connection):
        load_chunk(case, connection, case.chunks[0], [case.piece(range(1, 13))])
    case.accept_all()
    import_all(case, connection)
    assert case.rows_in() == list(range(1, 21))
