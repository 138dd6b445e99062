"""Log lines of real runs in production: each is JSON, names its job, and quotes no cell."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from tests.support.aws import aws
from tests.support.cli import Cli
from tests.support.host import Host
from tests.support.pause import paused
from tests.support.proxy import proxy_to, unix_socket
from tests.support.status_queues import make_queue

MARKER = "Zq7Marker"


@pytest.fixture
def production(cli: Cli) -> Cli:
    cli.environment |= {"NODE_ENV": "production", "SST_STAGE": "staging"}
    return cli


def _lines(err: str) -> list[dict[str, Any]]:
    """Every line of stderr, parsed; all that every line must have is there."""
    lines = [json.loads(line) for line in err.splitlines()]
    for line in lines:
        assert line["stage"] == "staging", line
        assert isinstance(line["event"], str), line
        assert line["level"] in ("info", "warning", "error"), line
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line["timestamp"]), line
        assert MARKER not in json.dumps(line, ensure_ascii=False), line
    return lines


def _of_job(err: str, job_id: object, attempt: int) -> list[dict[str, Any]]:
    """The same, where every line must name the job, and the attempt from the first line that does."""
    lines = _lines(err)
    assert [line for line in lines if line.get("job_id") != str(job_id)] == []
    known = [line.get("attempt") for line in lines]
    assert set(known[known.index(attempt) :]) == {attempt}
    return lines


def _events(lines: list[dict[str, Any]]) -> list[str]:
    return [line["event"] for line in lines]


def _bad_file() -> bytes:
    """Good rows, and the marker in every way in which a row can be refused."""
    bad = [
        f"{MARKER},{MARKER},ada@example.org",  # not a number
        f"Ada,1,{MARKER}",  # not an address
        f"{MARKER}",  # too few cells
        f"Ada,1,a@example.org,{MARKER},{MARKER}",  # too many
        f'Ada,1,"{MARKER}"{MARKER}',  # a stray quote
        f"{MARKER}\x00,1,a@example.org",  # a NUL
        f"{MARKER} unique,1,a@example.org",  # a constraint, whose detail quotes the row
        f"{MARKER} unique,1,a@example.org",
    ]
    good = [f"Ada {number},{number},ada@example.org" for number in range(3_000)]
    return "\n".join(["name,age,email", *bad, *good, ""]).encode() + f"{MARKER}\xff,1,a@example.org\n".encode("latin-1")


@pytest.fixture
def bad_job(host: Host) -> object:
    host.query("CREATE UNIQUE INDEX one_name ON form_submissions ((payload->>'name'))")
    return host.job(_bad_file())


@pytest.mark.parametrize("options", [[], ["--debug"]])
def test_no_cell_is_in_any_line(options: list[str], bad_job: object, production: Cli, host: Host) -> None:
    result = production(*options, "run", "--job-id", bad_job)
    assert result.code == 0, result.err
    assert MARKER not in result.out
    lines = _of_job(result.err, bad_job, 1)
    assert {"planning", "planned", "job finished"} <= set(_events(lines))
    assert host.job_row(bad_job)["stats"]["rows_failed"] >= 8  # type: ignore[arg-type]
    assert host.value("SELECT count(*) FROM import_worker.errors WHERE error_type = 'constraint'") == 1
    assert host.value("SELECT count(*) FROM import_worker.errors WHERE raw_value ~ %s", MARKER) > 3


def test_a_database_that_refuses_everything_is_told_without_quoting(production: Cli, host: Host) -> None:
    host.query(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE 'not %', NEW.payload USING DETAIL = NEW.payload; END $$"
    )
    host.query("CREATE TRIGGER refuse BEFORE INSERT ON form_submissions FOR EACH ROW EXECUTE FUNCTION refuse()")
    rows = "".join(f"{MARKER} {number}\n" for number in range(500))
    job_id = host.job(f"name\n{rows}".encode())
    result = production("--debug", "run", "--job-id", job_id)
    assert result.code == 3, result.err
    last = _of_job(result.err, job_id, 1)[-1]
    assert (last["exit_code"], last["reason"]) == (3, "target_rejected")
    assert "bisection.py" in last["exception"]


@pytest.mark.parametrize("options", [[], ["--debug"]])
@pytest.mark.parametrize("state", ["XX001", "42501"])
def test_something_unexpected_is_told_without_quoting(
    state: str, options: list[str], production: Cli, host: Host
) -> None:
    """A driver's error in the midst of a chunk, with the row in its detail, that no part of the program expects."""
    host.query(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE SQLSTATE '{state}' USING MESSAGE = 'broken ' || NEW.payload::text; END $$"
    )
    host.query("CREATE TRIGGER refuse BEFORE INSERT ON form_submissions FOR EACH ROW EXECUTE FUNCTION refuse()")
    job_id = host.job(f"name\n{MARKER}\n".encode())
    result = production(*options, "run", "--job-id", job_id)
    last = _of_job(result.err, job_id, 1)[-1]
    assert (last["level"], last["exit_code"]) == ("error", result.code)


def test_lines_of_importer_threads_and_libraries_name_the_job(production: Cli, host: Host, database_url: str) -> None:
    """Connections cut in the middle: the threads try again, and stamina says so."""
    parts = urlsplit(database_url)
    rows = "".join(f"{MARKER} {number},{number},\n" for number in range(20_000))
    job_id = host.job(f"name,age,email\n{rows}".encode())
    with proxy_to(unix_socket(parse_qs(parts.query)["host"][0] + "/.s.PGSQL.5432")) as proxy:
        url = f"postgresql://postgres@127.0.0.1:{proxy.port}{parts.path}"
        with (
            paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 3") as pause,
            production.start("run", "--job-id", job_id, DatabaseUrl=url) as worker,
        ):
            pause.wait_until_reached()
            proxy.cut_all()
            pause.release()
            _, err = worker.communicate(timeout=60)
        assert worker.returncode == 0, err
    lines = _of_job(err, job_id, 1)
    assert "stamina.retry_scheduled" in _events(lines)


def test_lines_of_the_sender_name_the_job(production: Cli, host: Host) -> None:
    job_id = host.job()
    with aws() as environment:
        url = make_queue("status").replace("/status", "/other")
        result = production("run", "--job-id", job_id, SIN_IMPORT_STATUS_QUEUE_URL=url, **environment)
    assert result.code == 0
    assert "status events stay in the outbox" in _events(_of_job(result.err, job_id, 1))


def test_a_stopped_worker_says_so_in_json(production: Cli, host: Host, database_url: str) -> None:
    job_id = host.job(_bad_file())
    with (
        paused(database_url, "import_worker.chunks", "UPDATE") as pause,
        production.start("run", "--job-id", job_id) as worker,
    ):
        pause.wait_until_reached()
        worker.terminate()
        _, err = worker.communicate(timeout=20)
    assert worker.returncode == 4
    lines = _of_job(err, job_id, 1)
    assert "chunks in flight are rolled back" in _events(lines)
    assert lines[-1]["exit_code"] == 4


def test_a_worker_that_hangs_in_spite_of_everything_says_so_in_json(
    production: Cli, host: Host, database_url: str
) -> None:
    parts = urlsplit(database_url)
    job_id = host.job(_bad_file())
    with (
        proxy_to(unix_socket(parse_qs(parts.query)["host"][0] + "/.s.PGSQL.5432")) as proxy,
        paused(database_url, "import_worker.jobs", "UPDATE", when="NEW.plan IS NOT NULL") as pause,
    ):
        url = f"postgresql://postgres@127.0.0.1:{proxy.port}{parts.path}"
        with production.start("run", "--job-id", job_id, DatabaseUrl=url) as worker:
            pause.wait_until_reached()
            worker.terminate()
            _, err = worker.communicate(timeout=20)
    assert worker.returncode == 4
    assert "does not answer" in _of_job(err, job_id, 1)[-1]["event"]


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "names_job"),
    [
        (["run"], {}, 2, False),
        (["run", "--job-id", "JOB"], {}, 5, True),
        (["run", "--job-id", "JOB"], {"SIN_IMPORT_CONNECTIONS": "many"}, 2, False),
        (["run", "--job-id", "JOB"], {"SIN_ARTIFACTS_BUCKET": ""}, 2, True),
        (["run", "--job-id", "JOB"], {"DatabaseUrl": "postgresql://127.0.0.1:9/x"}, 1, True),
        (["--debug", "run", "--job-id", "JOB"], {"DatabaseUrl": "postgresql://127.0.0.1:9/x"}, 1, True),
        (["run", "--nonsense"], {}, 2, False),
        (["nonsense"], {}, 2, False),
        (["cancel", "JOB"], {}, 5, True),
    ],
)
def test_errors_before_the_work_begins_are_lines_too(
    arguments: list[str], environment: dict[str, str], code: int, names_job: bool, production: Cli
) -> None:
    job_id = str(uuid4())
    result = production(*(job_id if word == "JOB" else word for word in arguments), **environment)
    assert result.code == code, result.err
    (line,) = _lines(result.err)
    assert (line["level"], line["exit_code"]) == ("error", code)
    assert line.get("job_id") == (job_id if names_job else None)


def test_a_person_reads_sentences(cli: Cli) -> None:
    result = cli("run", "--job-id", uuid4())
    assert result.err.startswith("error: There is no import job")
