"""`dispatch` with workers as processes of its own machine, over real queues, buckets and a real PostgreSQL."""

import json
import os
import signal
import socket
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
import pytest

from import_worker.local.sample import FORM, registry
from tests.support.cli import Cli
from tests.support.host import Host
from tests.support.pause import paused
from tests.support.postgres import Server
from tests.support.proxy import Proxy, tcp_socket
from tests.support.queues import Queues
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    import subprocess

FILE = b"".join(registry(2_000, bad_share=0.1))


def stopped(process: "subprocess.Popen[str]", number: int = signal.SIGTERM) -> tuple[int, str]:
    """Exit code and stderr of a dispatcher that is told to stop."""
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


def completed(host: Host, job_id: UUID) -> None:
    wait_for(lambda: host.job_row(job_id)["status"] == "completed", f"job {job_id} is completed", 90)


def test_an_event_delivered_twice_becomes_one_import(cli: Cli, host: Host, queues: Queues) -> None:
    job_id = host.job(FILE.replace(b",", b";"), form_id=host.form(FORM))
    queues.request_import(jobId=job_id, options={"delimiter": "semicolon", "max_rejected_rows": 1_999})
    assert queues.left() == 2
    with cli.start("dispatch") as dispatcher:
        completed(host, job_id)
        wait_for(lambda: queues.left() == 0, "the queue is empty")
        code, err = stopped(dispatcher)
    assert code == 0, err
    assert "waiting for launch messages" in err
    assert host.value("SELECT count(*) FROM import_worker.attempts") == 1
    assert host.value("SELECT launches FROM import_worker.launches WHERE job_id = %s", job_id) == 1
    options = host.value("SELECT options FROM import_worker.jobs WHERE job_id = %s", job_id)
    assert options == {"delimiter": ";", "max_rejected_rows": 1_999}
    assert host.job_row(job_id)["stats"]["rows_total"] == 2_000
    assert queues.dead_letters() == []


def test_poison_of_each_kind_is_put_aside_with_its_reason(cli: Cli, host: Host, queues: Queues) -> None:
    job_id = host.job()
    poison = {
        "not_json": "{",
        "unknown_shape": "[]",
        "no_job_id": {"detail": {}},
        "invalid_job_id": {"jobId": "7"},
        "invalid_options": {"jobId": str(job_id), "options": {"delimeter": ";"}},
        "invalid_tasks": {"jobId": str(job_id), "tasks": 0},
        "job_unknown": {"jobId": str(uuid4())},
        "wrong_lane": {"jobId": str(host.job(lane="interactive"))},
        "other_bucket": {
            "source": "aws.s3",
            "detail-type": "Object Created",
            "detail": {"bucket": {"name": "another"}, "object": {"key": "imports/a.csv"}},
        },
    }
    for message in poison.values():
        queues.send(message)
    queues.send({"Service": "Amazon S3", "Event": "s3:TestEvent"})
    queues.send({"jobId": str(job_id)})
    with cli.start("dispatch") as dispatcher:
        wait_for(lambda: queues.left() == 0, "the queue is empty", 90)
        code, err = stopped(dispatcher)
    assert code == 0, err
    dead = {reason: (sentence, body) for reason, sentence, body in queues.dead_letters()}
    assert dead.keys() == poison.keys()
    for reason, message in poison.items():
        assert dead[reason][1] == (message if isinstance(message, str) else json.dumps(message))
    assert "no job option 'delimeter'" in dead["invalid_options"][0]
    assert "belongs to lane interactive" in dead["wrong_lane"][0]
    assert host.job_row(job_id)["status"] == "completed"


def test_without_a_dead_letter_queue_poison_is_left_to_the_redrive_policy(cli: Cli, queues: Queues) -> None:
    queues.send("{")
    with cli.start("dispatch", SIN_IMPORT_DEAD_LETTER_QUEUE_URL="") as dispatcher:
        wait_for(lambda: queues.visible() == 0, "the message was received")
        time.sleep(2)
        code, err = stopped(dispatcher)
    assert code == 0
    assert "stays for the redrive policy" in err
    assert queues.left() == 1


def _worker_pid(host: Host) -> int:
    worker: str = host.value("SELECT worker FROM import_worker.attempts ORDER BY attempt DESC LIMIT 1")
    return int(worker.rpartition(":")[2])


def test_a_killed_worker_is_replaced_at_once(cli: Cli, host: Host, queues: Queues, database_url: str) -> None:
    job_id = host.job(FILE, form_id=host.form(FORM))
    queues.request_import(jobId=job_id)
    with cli.start("dispatch") as dispatcher:
        with paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 3") as pause:
            pause.wait_until_reached()
            os.kill(_worker_pid(host), signal.SIGKILL)
            wait_for(lambda: host.value("SELECT max(attempt) FROM import_worker.attempts") == 2, "a second attempt")
        completed(host, job_id)
        wait_for(lambda: queues.left() == 0, "the queue is empty")
        code, err = stopped(dispatcher)
    assert code == 0, err
    attempts = host.query("SELECT outcome, message FROM import_worker.attempts ORDER BY attempt")
    assert [row["outcome"] for row in attempts] == ["lost", "completed"]
    assert attempts[0]["message"] == "The worker was killed by signal 9."
    assert host.value("SELECT queued_at FROM import_worker.launches") is None, "its own message brought it back"
    assert host.events(job_id).count("completed") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_gives_the_message_back_and_the_next_dispatcher_goes_on(
    number: int, cli: Cli, host: Host, queues: Queues, database_url: str
) -> None:
    job_id = host.job(FILE, form_id=host.form(FORM))
    queues.send({"jobId": str(job_id)})
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 3") as pause,
        cli.start("dispatch") as dispatcher,
    ):
        pause.wait_until_reached()
        code, err = stopped(dispatcher, number)
        assert code == 4, err
        assert "Stopped, and 1 worker with it after the last whole chunk" in err
        assert "Traceback" not in err
        assert queues.visible() == 1
    assert host.job_row(job_id)["status"] == "importing"
    assert host.value("SELECT outcome FROM import_worker.attempts") == "interrupted"
    with cli.start("dispatch"):
        completed(host, job_id)
        wait_for(lambda: queues.left() == 0, "the queue is empty")


def test_no_more_workers_than_may_run_at_once(cli: Cli, host: Host, queues: Queues, database_url: str) -> None:
    jobs = [host.job() for _ in range(3)]
    for job_id in jobs:
        queues.send({"jobId": str(job_id)})
    with cli.start("dispatch", SIN_IMPORT_MAX_TASKS="2"):
        with paused(database_url, "import_worker.chunks", "UPDATE") as pause:
            wait_for(lambda: pause.waiting() == 2, "two workers work")
            time.sleep(2)
            assert host.value("SELECT count(*) FROM import_worker.attempts") == 2
            assert queues.left() == 3
        for job_id in jobs:
            completed(host, job_id)


def test_a_dry_run_delivered_twice_stays_one(cli: Cli, host: Host, queues: Queues) -> None:
    job_id = host.job()
    queues.request_import(jobId=job_id, options={"dry_run": True})
    with cli.start("dispatch"):
        wait_for(lambda: host.job_row(job_id)["status"] == "validated", "the dry run has ended")
        wait_for(lambda: queues.left() == 0, "the queue is empty")
    assert host.value("SELECT count(*) FROM form_submissions") == 0
    assert host.events(job_id).count("started") == 1


def test_an_upload_starts_the_job_that_waits_for_it(cli: Cli, host: Host, queues: Queues) -> None:
    key = f"imports/{host.organization_id}/a file.csv"
    job_id = host.job(key=key)
    about = {"bucket": {"name": "artifacts"}, "object": {"key": key.replace(" ", "+")}}
    queues.send({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": about}]})
    with cli.start("dispatch"):
        completed(host, job_id)


def test_a_job_whose_message_was_lost_is_found_where_that_is_wanted(cli: Cli, host: Host) -> None:
    job_id = host.job()
    host.query("UPDATE import_jobs SET created_at = now() - interval '1 min'")
    with cli.start("dispatch", "--pending-after", 30):
        completed(host, job_id)


def test_queue_and_database_may_be_away_for_a_while(
    cli: Cli, host: Host, queues: Queues, cloud: dict[str, str], postgres: Server
) -> None:
    parts = urlsplit(cloud["AWS_ENDPOINT_URL"])
    assert parts.hostname
    assert parts.port
    away = True
    upstream = tcp_socket(parts.hostname, parts.port)

    def connect() -> socket.socket:
        if away:
            raise OSError
        return upstream()

    name = urlsplit(cloud["DatabaseUrl"]).path.strip("/")
    job_id, second = host.job(), host.job()
    queues.send({"jobId": str(job_id)})
    with (
        closing(Proxy(connect)) as proxy,
        psycopg.connect(postgres.url, autocommit=True) as admin,
        cli.start("dispatch", AWS_ENDPOINT_URL_SQS=f"http://127.0.0.1:{proxy.port}") as dispatcher,
    ):
        time.sleep(4)
        away = False
        completed(host, job_id)
        host.close()
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        queues.send({"jobId": str(second)})
        time.sleep(6)
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
        completed(host, second)
        code, err = stopped(dispatcher)
    assert code == 0, err
    assert "does not answer" in err
    assert "dispatching is held up" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"SIN_IMPORT_QUEUE_URL": ""}, "SIN_IMPORT_QUEUE_URL is not set"),
        ({"SIN_IMPORT_QUEUE_URL": "https://sqs.ca-central-1.amazonaws.com/123456789012/no"}, "There is no queue"),
        (
            {"SIN_IMPORT_DEAD_LETTER_QUEUE_URL": "https://sqs.ca-central-1.amazonaws.com/123456789012/no"},
            "LETTER_QUEUE",
        ),
        ({"SIN_IMPORT_MAX_TASKS": "0"}, "SIN_IMPORT_MAX_TASKS is wrong"),
        ({"SIN_IMPORT_ECS_CLUSTER": "imports"}, "SIN_IMPORT_ECS_SUBNETS"),
        (
            {"SIN_IMPORT_ECS_CLUSTER": "no", "SIN_IMPORT_ECS_SUBNETS": "a,b", "SIN_IMPORT_ECS_SECURITY_GROUPS": "c"},
            "ClusterNotFoundException",
        ),
    ],
)
def test_what_is_wrong_at_the_start_is_one_sentence(settings: dict[str, str], says: str, cli: Cli) -> None:
    result = cli("dispatch", **settings)
    assert result.code == 2, result.err
    assert says in result.err
    assert result.err.count("error: ") == 1
    assert "Traceback" not in result.err


def test_a_missing_schema_is_named(cli: Cli, postgres: Server) -> None:
    with postgres.fresh_database(empty=True) as url:
        result = cli("dispatch", DatabaseUrl=url)
    assert result.code == 2
    assert "run `import-worker init`" in result.err


def test_no_credentials_are_named(cli: Cli, cloud: dict[str, str], tmp_path: Path) -> None:
    nothing = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"}
    result = cli("dispatch", **nothing, HOME=str(tmp_path))
    assert result.code == 2, result.err
    assert "credentials" in result.err
