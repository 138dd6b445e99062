"""docs/operations.md: every command, parameter, output, alarm and privilege that it names is real."""

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import botocore.session
import psycopg
import pytest
import typer.main
from botocore import xform_name
from psycopg import sql

from import_worker.cli.app import app
from import_worker.launching.messages import Action, LaunchRequest, StopMessage, parse_message
from import_worker.objects import ObjectStore
from import_worker.settings import Settings
from tests.support.aws import aws, make_bucket
from tests.support.cli import Cli
from tests.support.completion import client
from tests.support.host import SIMPLE_FORM, Host
from tests.support.postgres import Server
from tests.support.shell_examples import commands, options, sh_blocks, sql_blocks
from tests.support.stack import TEMPLATE, Stack

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
OF_THE_CLI_ALONE = {
    ("cloudformation", "deploy"): {"--template-file", "--stack-name", "--capabilities", "--parameter-overrides"},
    ("ecr", "get-login-password"): set[str](),
    ("logs", "tail"): {"--since", "--follow"},
    ("s3", "cp"): set[str](),
    ("s3", "rm"): {"--recursive", "--exclude", "--include", "--dryrun"},
}
"""Commands of the AWS CLI behind which there is no single operation of the API."""
GLOBAL = {"--query", "--output", "--cli-input-json"}

PROGRAM: Any = typer.main.get_command(app)
AWS = commands(PAGE, "aws")
SESSION = botocore.session.get_session()


def _ids(words: list[str]) -> str:
    return " ".join(words[1:4])


@pytest.mark.parametrize("words", AWS, ids=_ids)
def test_the_aws_command_and_its_options_exist(words: list[str]) -> None:
    service, operation = words[1], words[2]
    if (service, operation) in OF_THE_CLI_ALONE:
        known = OF_THE_CLI_ALONE[service, operation]
    else:
        service = {"s3api": "s3"}.get(service, service)
        model = SESSION.get_service_model(service)
        if operation == "wait":
            waiter = SESSION.get_waiter_model(service).get_waiter("".join(part.title() for part in words[3].split("-")))
            operation = xform_name(waiter.operation, "-")
        names = {xform_name(name, "-"): name for name in model.operation_names}
        assert operation in names
        shape = model.operation_model(names[operation]).input_shape
        members = shape.members if shape is not None else {}
        known = {f"--{xform_name(name, '-')}" for name in members}
        known |= {f"--no-{option[2:]}" for option in known}
        required = {f"--{xform_name(name, '-')}" for name in (shape.required_members if shape is not None else [])}
        assert required <= set(options(words)) or "--cli-input-json" in options(words)
    assert set(options(words)) <= known | GLOBAL


@pytest.mark.parametrize("words", commands(PAGE, "import-worker"), ids=_ids)
def test_the_command_and_its_options_exist(words: list[str]) -> None:
    assert words[1] in PROGRAM.commands
    known = {name for parameter in PROGRAM.commands[words[1]].params for name in parameter.opts}
    assert set(options(words)) <= known


def _deployments() -> list[dict[str, str]]:
    """The parameters of each deployment on the page."""
    found = [
        words[words.index("--parameter-overrides") + 1 :] for words in AWS if words[1:3] == ["cloudformation", "deploy"]
    ]
    return [dict(word.split("=", 1) for word in words) for words in found]


def test_the_first_deployment_names_every_parameter_that_it_must() -> None:
    first, *later = _deployments()
    needed = {name for name, parameter in TEMPLATE["Parameters"].items() if "Default" not in parameter}
    assert needed <= set(first)
    assert "DatabaseSecurityGroupId" in first
    assert first["DispatcherCount"] == "0"
    assert later[0] == {"DispatcherCount": "1"}
    assert all(set(parameters) <= set(TEMPLATE["Parameters"]) for parameters in [first, *later])


def test_every_parameter_in_backticks_exists() -> None:
    named = set(re.findall(r"`([A-Z][a-z]+[A-Z]\w+)(?:=\w+)?`", PAGE))
    known = set(TEMPLATE["Parameters"]) | set(TEMPLATE["Outputs"])
    stop_codes = {"TaskFailedToStart", "SpotInterruption", "TerminationNotice"}
    assert named <= known | stop_codes
    assert {"MaxTasks", "DeadlineSeconds", "PendingAfterSeconds", "ArtifactsListing"} <= named


def test_every_output_that_is_read_exists() -> None:
    read = {words[1] for words in commands(PAGE, "output")}
    assert read
    assert read <= set(TEMPLATE["Outputs"])


def test_one_off_tasks_name_containers_and_commands_that_exist() -> None:
    calls = commands(PAGE, "one_off")
    assert len(calls) >= 4
    containers = {
        container["Name"]
        for resource in TEMPLATE["Resources"].values()
        if resource["Type"] == "AWS::ECS::TaskDefinition"
        for container in resource["Properties"]["ContainerDefinitions"]
    }
    assert {words[2] for words in calls} == containers
    assert {words[3].split()[0] for words in calls} <= set(PROGRAM.commands)


def test_one_off_passes_a_command_of_several_words_on() -> None:
    """The function of the page, run by bash with a stand-in for the AWS CLI that prints its arguments."""
    (block,) = [block for block in sh_blocks(PAGE) if "one_off() {" in block]
    stand_ins = 'output() { echo "$1"; }\naws() { printf "%s\\0" aws "$@"; }\n'
    script = f'{stand_ins}{block[block.index("one_off() {") :]}one_off task import-worker "retry ID"'
    bash = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    given = options(bash.stdout.rstrip("\0").split("\0"))
    overrides = json.loads(given["--overrides"])
    assert overrides == {"containerOverrides": [{"name": "import-worker", "command": ["retry", "ID"]}]}
    assert given["--task-definition"] == "task"
    assert "subnets=[SubnetIds]" in given["--network-configuration"]


@pytest.mark.parametrize("name", ["WorkerTaskDefinition", "DispatcherTaskDefinition"])
def test_the_settings_and_commands_of_the_tasks_exist(name: str) -> None:
    (container,) = TEMPLATE["Resources"][name]["Properties"]["ContainerDefinitions"]
    aliases = {str(field.validation_alias) for field in Settings.model_fields.values()}
    known = aliases | {"AWS_REGION", "DatabaseUrl", "BetterAuthSecret"}  # the last two have other names, too
    entries = [entry["Fn::If"][1] if "Fn::If" in entry else entry for entry in container["Environment"]]
    assert {entry["Name"] for entry in [*entries, *container["Secrets"]]} <= known
    command = container["Command"]
    for first, *rest in command["Fn::If"][1:] if "Fn::If" in command else [command]:
        options_of_it = {name for parameter in PROGRAM.commands[first].params for name in parameter.opts}
        assert {word for word in rest if isinstance(word, str)} <= options_of_it


def test_every_alarm_is_explained_and_no_other() -> None:
    alarms = {
        resource["Properties"]["AlarmName"]["Fn::Sub"].removeprefix("solstice-${Stage}-import-"): resource["Properties"]
        for resource in TEMPLATE["Resources"].values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }
    section = PAGE[PAGE.index("\n## Alarms\n") : PAGE.index("\n## Known traps")]
    rows = dict(re.findall(r"^\| `([a-z-]+)` \|.*\(#([a-z-]+)\) \|$", section, re.MULTILINE))
    assert set(rows) == set(alarms)
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^### (.+)$", section, re.MULTILINE)}
    for name, properties in alarms.items():
        anchor = properties["AlarmDescription"].partition("docs/operations.md#")[2]
        assert anchor == rows[name]
        assert anchor in headings


def test_files_that_commands_name_are_there() -> None:
    text = "\n".join(sh_blocks(PAGE))
    named = set(re.findall(r"(?<!\w)infra/[\w.-]+", text))
    assert {"infra/template.yaml", "infra/Dockerfile", "infra/lifecycle.json", "infra/task-definition.json"} <= named
    assert all((ROOT / name).exists() for name in named)


def test_the_gaps_of_the_task_definition_are_filled_in() -> None:
    gaps = set(re.findall(r"\$\{(\w+)\}", (ROOT / "infra" / "task-definition.json").read_text(encoding="utf-8")))
    (line,) = [line for block in sh_blocks(PAGE) for line in block.splitlines() if line.startswith("export STAGE ")]
    assert gaps == {word.partition("=")[0] for word in line.split()[1:]}


EVENTS = [words for words in AWS if words[1:3] == ["events", "put-events"]]
BODIES = [
    body
    for words in AWS
    if words[1:3] == ["sqs", "send-message"] and (body := options(words)["--message-body"]).startswith("{")
]


@pytest.mark.parametrize("words", EVENTS, ids=range(len(EVENTS)))
def test_the_event_of_the_page_arrives(words: list[str], stack: Stack) -> None:
    entries = json.loads(options(words)["--entries"])
    assert client("events").put_events(Entries=entries)["FailedEntryCount"] == 0
    (message,) = client("sqs").receive_message(QueueUrl=stack.outputs["LaunchQueueUrl"])["Messages"]
    client("sqs").delete_message(QueueUrl=stack.outputs["LaunchQueueUrl"], ReceiptHandle=message["ReceiptHandle"])
    assert isinstance(parse_message(message["Body"]), LaunchRequest)


def test_the_events_of_the_page_show_what_a_detail_may_hold() -> None:
    details = [json.loads(json.loads(options(words)["--entries"])[0]["Detail"]) for words in EVENTS]
    assert [set(detail) for detail in details] == [{"jobId", "options", "tasks"}, {"jobId", "actorUserId"}]


def test_the_messages_of_the_page_are_the_actions() -> None:
    cancel, retry, rollback = (parse_message(body) for body in BODIES)
    assert isinstance(cancel, StopMessage)
    assert cancel.action is Action.CANCEL
    assert isinstance(retry, LaunchRequest)
    assert retry.retry
    assert isinstance(rollback, StopMessage)
    assert (rollback.action, rollback.reason) == (Action.ROLLBACK, "wrong file")


def test_the_bucket_takes_the_lifecycle_rule() -> None:
    rules = json.loads((ROOT / "infra" / "lifecycle.json").read_text(encoding="utf-8"))
    with aws():
        make_bucket("artifacts")
        s3 = client("s3")
        s3.put_bucket_lifecycle_configuration(Bucket="artifacts", LifecycleConfiguration=rules)
        (rule,) = s3.get_bucket_lifecycle_configuration(Bucket="artifacts")["Rules"]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 2}
    assert "Expiration" not in rule, "it deletes nobody's files"


@pytest.fixture
def fresh(postgres: Server) -> Iterator[str]:
    """A database with the host's tables, and without the worker's schema."""
    with postgres.fresh_database() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA import_worker CASCADE")
        yield url


GRANTS = [block for block in sql_blocks(PAGE) if "GRANT" in block]
"""The worker's two blocks, then what a role that submits needs: in the worker's schema, and in the host's."""


@contextmanager
def _role(fresh: str, *blocks: str, name: str) -> Iterator[str]:
    """The database as a role of the page sees it, which was given the page's own statements and nothing else."""
    role = f"role_{uuid4().hex[:8]}"
    with psycopg.connect(fresh, autocommit=True) as connection:
        assert connection.info.dbname
        text = "".join(blocks).replace("DATABASE solstice ", f"DATABASE {connection.info.dbname} ")
        assert name in text
        if f"CREATE ROLE {name}" not in text:
            text = f"CREATE ROLE {name} LOGIN;{text}"
        connection.execute(text.replace(name, role).encode())
        try:
            yield fresh.replace("postgres:@", f"{role}@")
        finally:
            identifier = sql.Identifier(role)
            connection.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(identifier))
            connection.execute(sql.SQL("DROP ROLE {}").format(identifier))


@pytest.fixture
def role_url(fresh: str) -> Iterator[str]:
    assert len(GRANTS) == 4
    with _role(fresh, *GRANTS[:2], name="solstice_import") as url:
        yield url


@pytest.fixture
def submitter_url(fresh: str, role_url: str) -> Iterator[str]:
    """A role that submits, made after `init`, as the page says."""
    assert Cli({"DatabaseUrl": role_url})("init").code == 0
    with _role(fresh, *GRANTS[2:], name="solstice_app") as url:
        yield url


def test_a_role_with_the_grants_of_the_page_submits_and_the_worker_does_the_rest(
    fresh: str, role_url: str, submitter_url: str, artifacts: str, tmp_path: Path
) -> None:
    common = {"SIN_ARTIFACTS_BUCKET": artifacts, "SIN_IMPORT_HOME": str(tmp_path)}
    host_side, worker = Cli(common | {"DatabaseUrl": submitter_url}), Cli(common | {"DatabaseUrl": role_url})
    (tmp_path / "form.json").write_text(json.dumps(SIMPLE_FORM))
    (tmp_path / "club.csv").write_text("name;age\nAda;36\nBea;x\n")
    with closing(Host(fresh, ObjectStore.open(artifacts))) as host:
        calls: list[list[object]] = [
            ["--form", tmp_path / "form.json"],
            ["--form-id", host.form(), "--mapping-template-id", host.template({"name": "name", "age": "age"})],
        ]
        for target in calls:
            made = host_side("submit", tmp_path / "club.csv", *target, "--json")
            assert made.code == 0, made.err
            job_id = made.json["jobId"]
            assert worker("run", "--job-id", job_id).code == 0
            told = host_side("submit", tmp_path / "club.csv", *target)
            assert (told.code, "has got this file already" in told.err) == (2, True)
            for command in (["status", job_id], ["errors", job_id], ["list"]):
                shown = host_side(*command, "--json")
                assert shown.code == 0, shown.err
        assert worker("rollback", job_id).code == 0
        again = host_side("submit", tmp_path / "club.csv", *calls[0], "--again", "--json").json["jobId"]
        assert worker("run", "--job-id", again, SIN_IMPORT_DEADLINE_SECONDS="0.001").code == 3
        assert worker("retry", again).code == 0
        last = host_side("submit", tmp_path / "club.csv", *calls[0], "--again", "--json").json["jobId"]
        assert worker("cancel", last).code == 0


def test_a_role_of_the_host_that_lacks_the_grants_is_told_which_before_the_file_is_stored(
    fresh: str, role_url: str, artifacts: str, tmp_path: Path
) -> None:
    """What a host's role met before the page had a block for it."""
    assert Cli({"DatabaseUrl": role_url})("init").code == 0
    (tmp_path / "form.json").write_text(json.dumps(SIMPLE_FORM))
    (tmp_path / "club.csv").write_text("name;age\nAda;36\n")
    settings = {"SIN_ARTIFACTS_BUCKET": artifacts, "SIN_IMPORT_HOME": str(tmp_path)}
    with _role(fresh, GRANTS[3], name="solstice_app") as url:
        refused = Cli(settings | {"DatabaseUrl": url})(
            "submit", tmp_path / "club.csv", "--form", tmp_path / "form.json"
        )
    assert refused.code == 2
    assert "permission denied for schema import_worker" in refused.err
    assert not list(Path(ObjectStore.open(artifacts).locate(".")).rglob("*.csv"))


@pytest.mark.parametrize("number", [number for number, text in enumerate(sql_blocks(PAGE)) if "SELECT j.id" in text])
def test_the_query_for_jobs_in_flight_finds_those_of_the_old_worker(number: int, database_url: str, host: Host) -> None:
    ours, theirs, ended = host.job(), host.job(), host.job()
    host.query("UPDATE import_jobs SET status = 'importing', progress_checkpoint = 7")
    host.query("UPDATE import_jobs SET status = 'completed' WHERE id = %s", ended)
    host.query("INSERT INTO import_worker.jobs (job_id, plan) VALUES (%s, '{}')", ours)
    assert [row["id"] for row in host.query(sql_blocks(PAGE)[number].strip().rstrip(";"))] == [theirs]


def test_the_grants_of_the_page_are_enough_for_everything(
    fresh: str, role_url: str, artifacts: str, tmp_path: Path
) -> None:
    cli = Cli({"DatabaseUrl": role_url, "SIN_ARTIFACTS_BUCKET": artifacts, "SIN_IMPORT_HOME": str(tmp_path)})
    assert cli("init").code == 0
    with closing(Host(fresh, ObjectStore.open(artifacts))) as host:
        key = f"imports/{host.organization_id}/first/club.csv"
        data = b"name;age\nAda;36\nBea;x\n"
        host.put(data, key)
        job_id = _insert_as_shown(host, key, data)
        result = cli("run", "--job-id", job_id, "--json", NODE_ENV="production")
        assert result.code == 0, result.err
        assert result.json["stats"]["rows_succeeded"] == 1
        assert result.json["stats"]["rows_failed"] == 1
        assert '"once_a_chunk": true' in result.err, "the second block of grants makes imports fast"
        assert cli("rollback", job_id).code == 0
        assert cli("status", job_id, "--json").json["status"] == "rolled_back"
        other = _insert_as_shown(host, key, data)
        assert cli("cancel", other).code == 0
        assert cli("list").code == cli("errors", job_id).code == cli("reap").code == 0


def _insert_as_shown(host: Host, key: str, data: bytes) -> UUID:
    """The page's own INSERT, as psql runs it."""
    (statement,) = [text for text in sql_blocks(PAGE) if text.startswith("INSERT INTO import_jobs")]
    values = {
        "organization": str(host.organization_id),
        "form": str(host.form()),
        "key": key,
        "hash": hashlib.sha256(data).hexdigest(),
        "user": host.user_id,
    }
    assert set(re.findall(r":'(\w+)'", statement)) == set(values)
    job_id = host.value(re.sub(r":'(\w+)'", lambda found: f"'{values[found[1]]}'", statement))
    assert isinstance(job_id, UUID)
    return job_id
