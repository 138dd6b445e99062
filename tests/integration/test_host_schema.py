"""The tables that `init --standalone` makes are the host's, column by column; those that are there are left alone."""

from collections.abc import Iterator

import psycopg
import pytest

from import_worker.database.connection import connect
from import_worker.wiring.application import initialize
from tests.support.cli import Cli
from tests.support.host_tables import STANDALONE, build_host_tables, describe, expected
from tests.support.postgres import Server


@pytest.fixture(scope="module")
def standalone(postgres: Server) -> Iterator[psycopg.Connection]:
    with postgres.fresh_database(empty=True) as url:
        initialize(url, standalone=True)
        with psycopg.connect(url) as connection:
            yield connection


@pytest.mark.parametrize("table", STANDALONE)
def test_a_standalone_table_is_the_hosts(table: str, standalone: psycopg.Connection) -> None:
    assert describe(standalone, table) == expected(table)


@pytest.mark.parametrize("table", STANDALONE)
def test_the_tests_own_builder_makes_the_hosts_tables(table: str, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert describe(connection, table) == expected(table)


def test_init_standalone_leaves_the_hosts_tables_alone(postgres: Server, cli: Cli) -> None:
    with postgres.fresh_database(empty=True) as url:
        with connect(url) as connection:
            build_host_tables(connection)
            connection.execute("DROP INDEX organizations_parent_org_id_idx")
            before = {table: describe(connection, table) for table in STANDALONE}
        result = cli("init", "--standalone", DatabaseUrl=url)
        assert result.code == 0, result.err
        with psycopg.connect(url) as connection:
            assert {table: describe(connection, table) for table in STANDALONE} == before
