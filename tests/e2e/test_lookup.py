"""Values that must be in one of the host's tables."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from import_worker.database.connection import connect
from import_worker.errors import UsageError
from import_worker.forms.import_validation import Lookup, LookupTable
from import_worker.importing import lookups
from import_worker.importing.lookups import Lookups, check_lookups
from tests.support.cli import Cli
from tests.support.host import Host
from tests.support.in_process import InProcess


def fields(table: str = "organizations", column: str = "slug", **more: object) -> list[dict[str, Any]]:
    asks = {"type": "lookup", "lookupTable": table, "lookupColumn": column}
    return [
        {"key": "club", "type": "text", "label": "Club", "importValidation": asks, **more},
        {"key": "n", "type": "number", "label": "Number"},
    ]


def clubs(host: Host, count: int) -> list[str]:
    ids = [host.organization() for _ in range(count)]
    host.query("UPDATE organizations SET slug = 'club-' || slug WHERE id = ANY(%s)", ids)
    return [f"club-{club}" for club in ids]


@pytest.mark.parametrize("connections", ["1", "3"])
def test_values_that_are_not_there_reject_their_rows(connections: str, cli: Cli, host: Host) -> None:
    known = clubs(host, 5)
    rows = [known[row % 5] if row % 7 else ("nowhere", "elsewhere")[row % 3 == 0] for row in range(1, 9_001)]
    data = "club,n\n" + "".join(
        f" {club} ,{row}\n" if row == 9 else f"{club},{row}\n" for row, club in enumerate(rows, 1)
    )
    run, job_id = InProcess.like(cli), host.job(data.encode(), form_id=host.form({"fields": fields()}))
    assert run("run", "--job-id", job_id, SIN_IMPORT_CONNECTIONS=connections).code == 0

    missing = {row for row, club in enumerate(rows, 1) if club not in known}
    told = host.errors(job_id)
    assert {error["row_number"] for error in told} == missing | {9}
    assert {error["error_message"] for error in told} == {"Not found among the organizations (slug)"}
    assert [payload["n"] for payload in host.payloads(job_id)] == sorted(set(range(1, 9_001)) - missing - {9})
    document = run("errors", job_id, "--json").json
    nowhere = sum(club == "nowhere" for club in rows)
    assert document["unresolved"] == [
        {"fieldKey": "club", "value": "nowhere", "rows": nowhere},
        {"fieldKey": "club", "value": "elsewhere", "rows": len(missing) - nowhere},
        {"fieldKey": "club", "value": f" {rows[8]} ", "rows": 1},
    ]
    text = run("errors", job_id).out
    assert "value that was not found" in text
    assert text.count("nowhere") >= 1


def test_a_table_called_user_and_an_id_that_is_a_uuid(cli: Cli, host: Host) -> None:
    run, user = InProcess.like(cli), host.user()
    form = host.form({"fields": fields("users", "email")})
    job_id = host.job(f"club,n\n{user}@example.org,1\nnobody@example.org,2\n".encode(), form_id=form)
    assert run("run", "--job-id", job_id).code == 0
    assert [error["raw_value"] for error in host.errors(job_id)] == ["nobody@example.org"]
    form = host.form({"fields": fields("organizations", "id")})
    job_id = host.job(f"club,n\n{host.organization_id},1\n{UUID(int=1)},2\n".encode(), form_id=form)
    assert run("run", "--job-id", job_id).code == 0
    assert [error["raw_value"] for error in host.errors(job_id)] == [str(UUID(int=1))]


def test_of_a_sensitive_field_no_value_is_told(cli: Cli, host: Host) -> None:
    form = host.form({"fields": fields(dataClassification="sensitive")})
    run, job_id = InProcess.like(cli), host.job(b"club,n\nsecret-1,1\nsecret-2,2\n", form_id=form)
    assert run("run", "--job-id", job_id).code == 0
    assert run("errors", job_id, "--json").json["unresolved"] == [{"fieldKey": "club", "value": "***", "rows": 2}]


@pytest.mark.parametrize(
    ("table", "column", "says"),
    [
        ("teams", "name", "looked up in teams, and the database has no table teams"),
        ("organizations", "colour", "looked up in organizations, which have no column 'colour'"),
        ("form_submissions", "payload", "must be one of organizations, users, teams"),
    ],
)
def test_what_cannot_be_looked_up_fails_before_a_row_is_read(
    table: str, column: str, says: str, cli: Cli, host: Host
) -> None:
    job_id = host.job(b"club,n\na,1\n", form_id=host.form({"fields": fields(table, column)}))
    assert InProcess.like(cli)("run", "--job-id", job_id).code == 3
    summary = host.job_row(job_id)["error_summary"]
    assert summary["reason"] == "invalid_form_definition"
    assert says in summary["message"]
    assert host.value("SELECT count(*) FROM import_worker.chunks") == 0


def test_nothing_is_asked_where_nothing_maps_the_field(cli: Cli, host: Host) -> None:
    job_id = host.job(b"n\n1\n", form_id=host.form({"fields": fields("teams")}))
    assert InProcess.like(cli)("run", "--job-id", job_id).code == 0


def test_a_role_that_may_not_read_is_told_the_grant(host: Host, database_url: str) -> None:
    host.query("CREATE ROLE importer_without NOLOGIN")
    try:
        with connect(database_url) as connection:
            connection.execute("SET ROLE importer_without")
            with pytest.raises(UsageError) as refused:
                check_lookups(connection, {"club": Lookup(LookupTable.USERS, "email")})
            (grant,) = [part for part in str(refused.value).split("`") if part.startswith("GRANT")]
            host.query(grant)
            check_lookups(connection, {"club": Lookup(LookupTable.USERS, "email")})
    finally:
        host.query("DROP OWNED BY importer_without; DROP ROLE importer_without")


def test_what_was_found_is_remembered_within_bounds(
    host: Host, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "MAX_KNOWN_VALUES", 2)
    known = clubs(host, 3)
    asked: list[set[str]] = []

    class Watched(psycopg.Connection[Any]):
        def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
            asked.append(set(params["values"]))
            return super().execute(query, params, **more)

    wanted = Lookups({"club": Lookup(LookupTable.ORGANIZATIONS, "slug")})
    with Watched.connect(database_url) as connection:
        assert wanted.find(connection, {"club": known[:2]}) == {"club": set(known[:2])}
        assert wanted.find(connection, {"club": [known[0], "x"]}) == {"club": {known[0]}}
        assert wanted.find(connection, {"club": [*known, "x"]}) == {"club": set(known)}
        assert wanted.find(connection, {"club": known}) == {"club": set(known)}
    assert asked == [set(known[:2]), {"x"}, {known[2], "x"}, {known[2]}]
