"""A chunk goes in whole or not at all, once, and is what it was."""

from collections.abc import Callable
from functools import partial

import pytest

from import_worker.database.connection import Connection, connect, transaction
from import_worker.errors import DatabaseUnavailable, JobFailed
from import_worker.targets.dry_run import open_dry_run
from import_worker.targets.refusal import RowsRefused, savepoint
from import_worker.targets.target import Loaded
from tests.integration.targets.case import Case, error_of, import_all, load_chunk, rows_of, total_of


def _load_first(case: Case, connection: Connection, *, then: Callable[[], object] = lambda: None) -> None:
    """Loads the first chunk's twelve rows in a transaction, and does something before it commits."""
    with transaction(connection):
        load_chunk(case, connection, case.chunks[0], [case.piece(range(1, 13))])
        then()


@pytest.mark.parametrize("bisect", [False, True])
@pytest.mark.parametrize("shortcuts", [True, False])
def test_the_pieces_of_a_chunk_are_in(case: Case, connection: Connection, *, bisect: bool, shortcuts: bool) -> None:
    if not shortcuts:
        case.forbid_shortcuts()
    chunk = case.chunks[0]
    pieces = [case.piece(range(1, 6)), case.piece([]), case.piece([7, 9, 12], error_of(8))]
    with transaction(connection):
        loaded = load_chunk(case, connection, chunk, pieces, bisect=bisect)
        assert case.rows_in() == []  # by another connection
    assert case.rows_in() == [1, 2, 3, 4, 5, 7, 9, 12]
    assert [piece.loaded for piece in loaded] == [Loaded(5, 1), Loaded(0, 0), Loaded(3, 2)]
    assert [piece.rows_failed for piece in loaded] == [0, 0, 1]
    assert loaded[2].errors.equals(error_of(8))


def test_a_chunk_without_good_rows_leaves_nothing(case: Case, connection: Connection) -> None:
    with transaction(connection), case.target.open_chunk(connection, case.chunks[0], bisect=False) as target:
        loaded = target.load(case.piece([], error_of(1)))
        assert target.close() == ()
    assert (loaded.loaded, loaded.rows_failed) == (Loaded(), 1)
    assert case.rows_in() == []


def test_a_chunk_that_is_broken_off_leaves_nothing(case: Case, connection: Connection) -> None:
    with pytest.raises(ZeroDivisionError):
        _load_first(case, connection, then=lambda: 1 // 0)
    assert case.rows_in() == []
    import_all(case, connection)
    assert case.rows_in() == list(range(1, 21))


def test_the_ids_that_rows_carry_are_those_of_their_transaction(case: Case, connection: Connection) -> None:
    with transaction(connection):
        with case.target.open_chunk(connection, case.chunks[0], bisect=False) as target:
            target.load(case.piece(range(1, 13)))
            xacts = target.close()
        row = connection.execute("SELECT pg_current_xact_id()::xid::text").fetchone()
    assert (xacts,) == (row,)


def test_rows_that_were_bisected_carry_the_ids_of_their_savepoints(case: Case, connection: Connection) -> None:
    case.refuse([5])
    with transaction(connection), case.target.open_chunk(connection, case.chunks[0], bisect=True) as target:
        target.load(case.piece(range(1, 13)))
        xacts = target.close()
    assert len(set(xacts)) == len(xacts) > 1


def test_after_a_commit_whose_answer_was_lost_the_chunk_goes_in_if_it_was_not(
    case: Case, connection: Connection
) -> None:
    kill = partial(case.host.query, "SELECT pg_terminate_backend(%s)", connection.info.backend_pid)
    with pytest.raises(DatabaseUnavailable):
        _load_first(case, connection, then=kill)
    assert case.rows_in() == []
    with connect(case.host.database_url) as again:
        _load_first(case, again)
    assert case.rows_in() == list(range(1, 13))


def test_after_a_commit_whose_answer_was_lost_nothing_goes_in_twice(case: Case, connection: Connection) -> None:
    _load_first(case, connection)
    with pytest.raises(RowsRefused), transaction(connection), savepoint(connection):
        load_chunk(case, connection, case.chunks[0], [case.piece(range(1, 13))])
    assert case.rows_in() == list(range(1, 13))


def test_a_chunk_that_another_worker_loads_meanwhile_is_waited_for(case: Case, connection: Connection) -> None:
    with connect(case.host.database_url) as other, transaction(other):
        load_chunk(case, other, case.chunks[0], [case.piece(range(1, 13))])
        connection.execute("SET lock_timeout = '100ms'")
        with pytest.raises(DatabaseUnavailable, match="lock timeout"):
            _load_first(case, connection)
    assert case.rows_in() == list(range(1, 13))


@pytest.mark.parametrize("bisect", [False, True])
def test_rows_that_are_dropped_silently_fail_the_job(case: Case, connection: Connection, *, bisect: bool) -> None:
    for what, row in case.droppable.items():
        case.drop(what, row)
        with pytest.raises(JobFailed, match=r"drops rows silently\..*--retry") as failed, transaction(connection):
            load_chunk(case, connection, case.chunks[0], [case.piece(range(1, 13))], bisect=bisect)
        assert failed.value.reason == "target_rejected"
        assert case.rows_in() == []
        case.accept_all()
    import_all(case, connection)
    assert case.rows_in() == list(range(1, 21))


def test_rows_of_several_chunks_at_once(case: Case, connection: Connection) -> None:
    first, second = case.chunks
    with connect(case.host.database_url) as other, transaction(connection), transaction(other):
        load_chunk(case, other, second, [case.piece(rows_of(second))])
        load_chunk(case, connection, first, [case.piece(rows_of(first))])
    assert case.rows_in() == list(range(1, 21))


def test_a_dry_run_counts_and_keeps_nothing(case: Case, connection: Connection) -> None:
    pieces = [case.piece(range(1, 6)), case.piece([7, 9, 12], error_of(8))]
    with transaction(connection), open_dry_run() as target:
        loaded = [target.load(piece) for piece in pieces]
        assert target.close() == ()
    assert total_of(loaded) == Loaded(8, 3)
    assert [piece.rows_failed for piece in loaded] == [0, 1]
    assert case.rows_in() == []


def test_reading_again_changes_nothing(case: Case, connection: Connection) -> None:
    import_all(case, connection)
    for chunk in case.chunks:
        with transaction(connection):
            case.target.read_again(connection, chunk)
    assert case.rows_in() == list(range(1, 21))


@pytest.mark.parametrize("again", [True, False])
def test_reading_again_spares_the_next_reader_the_work(case: Case, connection: Connection, *, again: bool) -> None:
    import_all(case, connection)
    for chunk in case.chunks:
        with transaction(connection):
            if again:
                case.target.read_again(connection, chunk)
    case.host.query("CHECKPOINT")
    written = {table: _pages_written_by_reading(case, table) for table in case.tables}
    assert {table for table, pages in written.items() if pages} == (set() if again else set(case.tables))


def _pages_written_by_reading(case: Case, table: str) -> int:
    plan = case.host.value(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT count(*) FROM {table}")
    return int(plan[0]["Plan"]["Shared Dirtied Blocks"])
