"""Metrics on the standard output of real runs in production: their sums are the job's stats."""

import time

import pytest

from import_worker.local.sample import FORM, registry
from tests.support.cli import Cli
from tests.support.embedded_metrics import count, read_documents, total
from tests.support.host import Host
from tests.support.pause import paused

FILE = b"".join(registry(4_300, bad_share=0.1))


@pytest.fixture
def production(cli: Cli) -> Cli:
    cli.environment |= {"NODE_ENV": "production", "SST_STAGE": "staging"}
    return cli


def test_the_sums_are_the_jobs_stats(production: Cli, host: Host) -> None:
    job_id = host.job(FILE, form_id=host.form(FORM))
    result = production("run", "--job-id", job_id)
    assert result.code == 0, result.err
    documents, stats = read_documents(result.out), host.job_row(job_id)["stats"]
    assert total(documents, "RowsProcessed") == stats["rows_processed"] == 4_300
    assert total(documents, "RowsRejected") == stats["rows_failed"] > 0
    assert count(documents, "ChunkMilliseconds") == stats["chunks_done"] == 10
    assert total(documents, "JobSeconds") == stats["seconds"]
    assert total(documents, "JobsCompleted") == 1
    assert {document["Stage"] for document in documents} == {"staging"}
    assert {(document["JobId"], document["Attempt"]) for document in documents} == {(str(job_id), 1)}
    spent = host.query(
        "SELECT sum(read_seconds) AS read, sum(validate_seconds) AS validate, sum(copy_seconds) AS copy,"
        " sum(versions_seconds) AS versions, sum(commit_seconds) AS commit FROM import_worker.chunks"
    )[0]
    for part, seconds in spent.items():
        assert sum(document[f"{part.capitalize()}Seconds"] for document in documents) == pytest.approx(
            seconds, abs=0.01
        )
    # Reading and validating go on beside the rest, which a chunk does one after the other.
    parts = ("Copy", "Versions", "Commit")
    in_parts = sum(document[f"{part}Seconds"] for document in documents for part in parts)
    assert 0 < in_parts <= total(documents, "ChunkMilliseconds") / 1000 + 0.01

    again = production("run", "--job-id", job_id)
    assert (again.code, again.out) == (0, "")


def test_an_interrupted_job_and_its_second_half_add_up(production: Cli, host: Host, database_url: str) -> None:
    job_id = host.job(FILE, form_id=host.form(FORM))
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 5") as pause,
        production.start("run", "--job-id", job_id) as worker,
    ):
        pause.wait_until_reached()
        worker.terminate()
        time.sleep(0.5)
        pause.release()
        out, err = worker.communicate(timeout=20)
        assert worker.returncode == 4, err
    first = read_documents(out)
    assert total(first, "JobsInterrupted") == 1
    assert 0 < total(first, "RowsProcessed") < 4_300
    second = read_documents(production("run", "--job-id", job_id).out)
    assert total(first + second, "RowsProcessed") == 4_300
    assert total(first + second, "JobsCompleted") == 1


def test_each_failure_of_a_job_is_counted_once(production: Cli, host: Host) -> None:
    job_id = host.job(b"nothing,known\n1,2\n")
    result = production("run", "--job-id", job_id)
    assert result.code == 3
    assert total(read_documents(result.out), "JobsFailed") == 1
    again = production("run", "--job-id", job_id)  # without a flag, as no row is in
    assert again.code == 3
    assert total(read_documents(again.out), "JobsFailed") == 1


def test_two_workers_of_one_job_complete_it_once(production: Cli, host: Host) -> None:
    job_id = host.job(FILE, form_id=host.form(FORM))
    with production.start("run", "--job-id", job_id) as one, production.start("run", "--job-id", job_id) as other:
        documents = read_documents(one.communicate(timeout=60)[0] + other.communicate(timeout=60)[0])
        assert (one.returncode, other.returncode) == (0, 0)
    assert total(documents, "RowsProcessed") == 4_300
    assert total(documents, "JobsCompleted") == 1


def test_two_workers_of_a_job_that_fails_count_it_once(production: Cli, host: Host, database_url: str) -> None:
    job_id = host.job(b"nothing,known\n1,2\n")
    with (
        paused(database_url, "import_jobs", "UPDATE", when="NEW.status = 'failed'") as pause,
        production.start("run", "--job-id", job_id) as one,
    ):
        pause.wait_until_reached()
        with production.start("run", "--job-id", job_id) as other:
            while host.value("SELECT count(*) FROM import_worker.attempts") < 2:
                assert other.poll() is None
                time.sleep(0.02)
            pause.release()
            documents = read_documents(one.communicate(timeout=60)[0] + other.communicate(timeout=60)[0])
            assert (one.returncode, other.returncode) == (3, 3)
    assert total(documents, "JobsFailed") == 1


def test_a_document_on_stdout_stays_alone(production: Cli, host: Host) -> None:
    result = production("run", "--job-id", host.job(), "--json")
    assert result.json["status"] == "completed"


def test_a_person_sees_none(cli: Cli, host: Host) -> None:
    result = cli("run", "--job-id", host.job())
    assert "CloudWatchMetrics" not in result.out + result.err
