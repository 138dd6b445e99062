"""What is really in a target is found by counting, whatever the chunks say."""

from import_worker.database.connection import Connection, transaction
from import_worker.targets.target import Loaded
from tests.integration.targets.case import Case, import_all, load_chunk
from tests.integration.targets.conftest import Make

ROWS, FILES = 20, 6
ALL = Loaded(ROWS, FILES)


def _count(case: Case, connection: Connection) -> tuple[dict[str, int], dict[str, int]]:
    """What is found and what is expected, by name."""
    with transaction(connection):
        tallies = case.target.count(connection, case.host.database_url, ALL)
    return {tally.what: tally.found for tally in tallies}, {tally.what: tally.expected for tally in tallies}


def test_what_is_in_is_counted(case: Case, connection: Connection) -> None:
    assert _count(case, connection) == (case.tallies(0, 0), case.tallies(ROWS, FILES))
    with transaction(connection):
        load_chunk(case, connection, case.chunks[0], [case.piece(range(1, 13))])
    assert _count(case, connection)[0] == case.tallies(12, 4)
    with transaction(connection):
        load_chunk(case, connection, case.chunks[1], [case.piece(range(13, 21))])
    assert _count(case, connection) == (case.tallies(ROWS, FILES), case.tallies(ROWS, FILES))


def test_what_somebody_took_out_is_missing(case: Case, connection: Connection) -> None:
    import_all(case, connection)
    case.take_out(9)
    assert _count(case, connection)[0] == case.tallies(ROWS - 1, FILES - 1)


def test_rows_of_another_job_are_not_counted(make: Make, connection: Connection) -> None:
    case, other = make([12, 8]), make([12, 8])
    import_all(other, connection)
    assert _count(case, connection)[0] == case.tallies(0, 0)
    assert case.rows_in() == []
    import_all(case, connection)
    assert _count(case, connection)[0] == case.tallies(ROWS, FILES)
