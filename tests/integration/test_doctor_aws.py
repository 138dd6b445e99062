"""`doctor` about AWS, against moto's server: with IAM's policies enforced where the point is a permission."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from unittest.mock import patch
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.core.authorization import enable_iam_authentication

from tests.support.aws import REGION, aws, make_bucket
from tests.support.cli import Cli, Result
from tests.support.in_process import InProcess

BUCKET = "solstice-artifacts"
PREFIX = f"arn:aws:s3:::{BUCKET}/imports/*"
PERMISSIONS = {
    "s3:PutObject": PREFIX,
    "s3:GetObject": PREFIX,
    "sqs:SendMessage": "*",
    "sqs:ReceiveMessage": "*",
    "sqs:DeleteMessage": "*",
}
"""What the worker and the dispatcher have, and no more: contract section 11."""


def client(service: str) -> Any:
    create: Any = boto3.client
    return create(service)


@dataclass
class Aws:
    """The command line with everything in AWS that an import needs."""

    cli: Cli
    urls: dict[str, str]

    def doctor(self, *without: str, **environment: str) -> Result:
        kept = {name: value for name, value in self.cli.environment.items() if name not in without}
        return InProcess(kept)("doctor", "--json", **environment)


@pytest.fixture
def everything(cli: Cli) -> Iterator[Aws]:
    with aws() as environment:
        make_bucket(BUCKET)
        sqs = client("sqs")
        dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
        urls = {
            "SIN_IMPORT_QUEUE_URL": sqs.create_queue(QueueName="launch", Attributes={"RedrivePolicy": redrive})[
                "QueueUrl"
            ],
            "SIN_IMPORT_STATUS_QUEUE_URL": sqs.create_queue(QueueName="status")["QueueUrl"],
            "SIN_IMPORT_DEAD_LETTER_QUEUE_URL": dead,
        }
        ecs = client("ecs")
        ecs.create_cluster(clusterName="imports")
        _register(ecs, "sin-import-worker", "import-worker")
        _register(ecs, "other", "web")
        cli.environment |= (
            environment
            | urls
            | {
                "SIN_ARTIFACTS_BUCKET": BUCKET,
                "SIN_IMPORT_ECS_CLUSTER": "imports",
                "SIN_IMPORT_ECS_TASK_DEFINITION": "sin-import-worker",
                "SIN_IMPORT_ECS_SUBNETS": "subnet-1, subnet-2",
                "SIN_IMPORT_ECS_SECURITY_GROUPS": "sg-1",
            }
        )
        yield Aws(cli, urls)


def _register(ecs: Any, family: str, container: str) -> None:
    ecs.register_task_definition(
        family=family, containerDefinitions=[{"name": container, "image": "worker", "memory": 128, "cpu": 1}]
    )


@contextmanager
def least_privileges(everything: Aws, *without: str) -> Iterator[None]:
    """IAM as strict as in AWS: the process is a user with PERMISSIONS, but ``without`` some."""
    iam = client("iam")
    if not any(user["UserName"] == "worker" for user in iam.list_users()["Users"]):
        iam.create_user(UserName="worker")
    statements = [
        {"Effect": "Allow", "Action": action, "Resource": resource}
        for action, resource in PERMISSIONS.items()
        if action not in without
    ]
    policy = {
        "Version": "2012-10-17",
        "Statement": [*statements, {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}],
    }
    iam.put_user_policy(UserName="worker", PolicyName="least", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="worker")["AccessKey"]
    own = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    with patch.dict(everything.cli.environment, own), enable_iam_authentication():
        yield


def failures(result: Result) -> list[dict[str, str]]:
    assert "Traceback" not in result.err, result.err
    found = [check for check in result.json["checks"] if check["state"] == "failed"]
    assert result.code == (2 if found else 0), result.out
    assert result.json["ok"] == (not found)
    assert all(check["cure"] for check in found)
    return found


def named(result: Result) -> dict[str, str]:
    """What failed, with everything said about it."""
    return {check["name"]: f"{check['found']} | {check['cure']}" for check in failures(result)}


def states(result: Result) -> dict[str, str]:
    return {check["name"]: check["state"] for check in result.json["checks"]}


def test_everything_in_aws(everything: Aws) -> None:
    result = everything.doctor()
    assert failures(result) == []
    found = states(result)
    for name in (
        *("aws: credentials", "bucket: there", "bucket: write", "bucket: read", "queue: launch", "queue: status"),
        *("queue: dead letters", "ecs: cluster", "ecs: task definition", "ecs: network"),
    ):
        assert found[name] == "ok", name
    assert found["ecs: start tasks"] == "info"


def test_no_message_is_sent_taken_or_counted(everything: Aws) -> None:
    sqs = client("sqs")
    launch = everything.urls["SIN_IMPORT_QUEUE_URL"]
    sqs.send_message(QueueUrl=launch, MessageBody="a launch")
    for _ in range(3):
        assert failures(everything.doctor()) == []
    (message,) = sqs.receive_message(QueueUrl=launch, AttributeNames=["All"])["Messages"]
    assert message["Body"] == "a launch"
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    for name in ("SIN_IMPORT_STATUS_QUEUE_URL", "SIN_IMPORT_DEAD_LETTER_QUEUE_URL"):
        counts = sqs.get_queue_attributes(QueueUrl=everything.urls[name], AttributeNames=["All"])["Attributes"]
        assert {value for key, value in counts.items() if key.startswith("ApproximateNumber")} == {"0"}


def test_one_object_is_left_under_one_key(everything: Aws) -> None:
    for _ in range(2):
        assert failures(everything.doctor()) == []
    (entry,) = client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert entry["Key"] == "imports/.doctor/probe"


def test_the_permissions_of_the_contract_are_enough(everything: Aws) -> None:
    with least_privileges(everything):
        result = everything.doctor()
    assert failures(result) == []
    found = states(result)
    assert found["bucket: read"] == "ok"
    assert found["queue: status"] == "ok"
    assert found["ecs: cluster"] == "info"


@pytest.mark.parametrize(
    ("permission", "checks"),
    [
        ("s3:PutObject", ["bucket: write"]),
        ("s3:GetObject", ["bucket: read"]),
        ("sqs:SendMessage", ["queue: status", "queue: dead letters"]),
        ("sqs:DeleteMessage", ["queue: launch"]),
    ],
)
def test_a_permission_that_is_missing_is_named(everything: Aws, permission: str, checks: list[str]) -> None:
    # An object that is there already, so that reading is refused for itself.
    client("s3").put_object(Bucket=BUCKET, Key="imports/.doctor/probe", Body=b"already there")
    with least_privileges(everything, permission):
        found = named(everything.doctor("SIN_IMPORT_ECS_CLUSTER"))
    assert sorted(found) == sorted(checks)
    for text in found.values():
        assert f"no permission: {permission}" in text
        assert permission in text.split(" | ")[1]
    if permission.startswith("s3:"):
        assert PREFIX in found[checks[0]]
    with least_privileges(everything):
        assert failures(everything.doctor()) == []


def test_a_dispatcher_that_starts_tasks_needs_no_permission_on_the_bucket(everything: Aws) -> None:
    with least_privileges(everything, "s3:PutObject", "s3:GetObject"):
        result = everything.doctor()
    assert failures(result) == []
    (told,) = [check for check in result.json["checks"] if check["name"] == "bucket: write"]
    assert told["state"] == "info"
    assert "`dispatch` with ECS does not need it" in told["found"]


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("AWS_ENDPOINT_URL", "not a url", "set AWS_ENDPOINT_URL to a URL"),
        ("AWS_REGION", "moon base", "set AWS_REGION to one such as"),
    ],
)
def test_settings_of_aws_that_are_none_are_named_by_every_command(
    everything: Aws, setting: str, value: str, words: str
) -> None:
    found = failures(everything.doctor(**{setting: value}))
    assert found
    assert all(words in check["found"] for check in found)
    dispatch = everything.cli("dispatch", **{setting: value})
    assert dispatch.code == 2
    assert words in dispatch.err


def test_a_missing_bucket(everything: Aws) -> None:
    result = everything.doctor(SIN_ARTIFACTS_BUCKET="s3://solstice-nowhere/prod")
    found = named(result)
    assert list(found) == ["bucket: there"]
    assert "there is no bucket solstice-nowhere" in found["bucket: there"]
    assert states(result)["bucket: write"] == "skipped"
    make_bucket("solstice-nowhere")
    assert failures(everything.doctor(SIN_ARTIFACTS_BUCKET="s3://solstice-nowhere/prod")) == []
    (entry,) = client("s3").list_objects_v2(Bucket="solstice-nowhere")["Contents"]
    assert entry["Key"] == "prod/imports/.doctor/probe"


def test_a_bucket_in_another_region(everything: Aws) -> None:
    found = named(everything.doctor(AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="eu-west-1"))
    assert f"is in {REGION}, not in eu-west-1 | Set AWS_REGION to {REGION}" in found["bucket: there"]


@pytest.mark.parametrize(
    "setting", ["SIN_IMPORT_QUEUE_URL", "SIN_IMPORT_STATUS_QUEUE_URL", "SIN_IMPORT_DEAD_LETTER_QUEUE_URL"]
)
def test_a_missing_queue(everything: Aws, setting: str) -> None:
    gone = everything.urls[setting]
    wrong = gone.rpartition("/")[0] + "/nowhere"
    ((name, text),) = named(everything.doctor(**{setting: wrong})).items()
    assert name.startswith("queue: ")
    assert f"there is no queue {wrong}" in text
    assert setting in text
    client("sqs").create_queue(QueueName="nowhere")
    assert failures(everything.doctor(**{setting: wrong})) == []


def test_a_queue_without_permissions_to_look_is_still_found_missing(everything: Aws) -> None:
    wrong = everything.urls["SIN_IMPORT_STATUS_QUEUE_URL"].rpartition("/")[0] + "/nowhere"
    with least_privileges(everything):
        found = named(everything.doctor(SIN_IMPORT_STATUS_QUEUE_URL=wrong))
    assert f"there is no queue {wrong}" in found["queue: status"]


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("launch", "must|URL"),
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/launch", "the queue is in eu-west-1, not in ca-central-1"),
    ],
)
def test_a_queue_url_that_cannot_be_right(everything: Aws, url: str, word: str) -> None:
    found = named(everything.doctor(SIN_IMPORT_QUEUE_URL=url))
    assert list(found) == ["queue: launch"]
    assert any(part in found["queue: launch"] for part in word.split("|"))


def test_a_launch_queue_without_a_dead_letter_queue(everything: Aws) -> None:
    result = everything.doctor(SIN_IMPORT_QUEUE_URL=everything.urls["SIN_IMPORT_STATUS_QUEUE_URL"])
    assert failures(result) == []
    (check,) = [check for check in result.json["checks"] if check["state"] == "warning"]
    assert "RedrivePolicy" in check["cure"]


def test_no_credentials(everything: Aws) -> None:
    result = everything.doctor(
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", AWS_EC2_METADATA_DISABLED="true", HOME="/nonexistent"
    )
    found = named(result)
    assert "task role" in found["aws: credentials"]


def test_an_access_key_that_nobody_knows(everything: Aws) -> None:
    with least_privileges(everything):
        result = everything.doctor(AWS_ACCESS_KEY_ID="AKIAXXXXXXXXXXXXXXXX")
    found = named(result)
    assert "the access key is not known" in found["aws: credentials"]


@pytest.mark.parametrize(
    ("setting", "value", "check", "words"),
    [
        ("SIN_IMPORT_ECS_CLUSTER", "nowhere", "ecs: cluster", "there is no active cluster nowhere"),
        ("SIN_IMPORT_ECS_TASK_DEFINITION", "nothing", "ecs: task definition", "there is no task definition nothing"),
        ("SIN_IMPORT_ECS_TASK_DEFINITION", "other", "ecs: task definition", "no container named import-worker"),
        ("SIN_IMPORT_ECS_SUBNETS", "", "ecs: network", "Set SIN_IMPORT_ECS_SUBNETS"),
        ("SIN_IMPORT_ECS_SECURITY_GROUPS", "", "ecs: network", "Set SIN_IMPORT_ECS_SECURITY_GROUPS"),
    ],
)
def test_what_dispatch_needs(everything: Aws, setting: str, value: str, check: str, words: str) -> None:
    found = named(everything.doctor(**{setting: value}))
    assert list(found) == [check]
    assert words in found[check]


def test_settings_of_ecs_without_a_cluster(everything: Aws) -> None:
    result = everything.doctor("SIN_IMPORT_ECS_CLUSTER")
    assert failures(result) == []
    assert states(result)["ecs: cluster"] == "warning"


def test_an_endpoint_that_does_not_answer(everything: Aws) -> None:
    found = named(everything.doctor(AWS_ENDPOINT_URL="http://127.0.0.1:1"))
    assert {"bucket: there", "queue: launch", "queue: status", "queue: dead letters", "ecs: cluster"} <= set(found)
    assert "does not answer" in found["bucket: there"]
    assert "AWS_ENDPOINT_URL" in found["bucket: there"]


def test_an_endpoint_that_swallows_everything(everything: Aws) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        begin = time.monotonic()
        found = named(everything.doctor(AWS_ENDPOINT_URL=f"http://127.0.0.1:{silent.getsockname()[1]}"))
        assert time.monotonic() - begin < 13
    assert {"bucket: there", "queue: launch"} <= set(found)


class _Other(BaseHTTPRequestHandler):
    """moto, but for what a test wants otherwise: a header that it does not know, a key that is forbidden."""

    forgets: str | None = None
    forbids: str | None = None
    upstream = ""
    protocol_version = "HTTP/1.1"

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.forbids is not None and self.path.endswith(self.forbids):
            self.send_response(403)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        dropped = {self.forgets, "transfer-encoding", "expect"}
        headers = {name: value for name, value in self.headers.items() if name.lower() not in dropped}
        headers.setdefault("Content-Type", "application/octet-stream")  # urllib would call it a form
        request = Request(self.upstream + self.path, data=body or None, headers=headers, method=self.command)
        try:
            answer: Any = urlopen(request)
        except HTTPError as error:
            answer = error
        with answer:
            data = answer.read()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in ("transfer-encoding", "connection", "date", "server", "content-length"):
                    self.send_header(name, value)
            length = answer.headers["Content-Length"] if self.command == "HEAD" else str(len(data))
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            self.wfile.write(data)

    do_GET = do_PUT = do_HEAD = do_POST = _forward  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def s3_that(everything: Aws, **otherwise: str) -> Iterator[str]:
    upstream = everything.cli.environment["AWS_ENDPOINT_URL"]
    # Bodies without trailers, which urllib could not pass on.
    everything.cli.environment["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_required"
    handler = type("Handler", (_Other,), {"upstream": upstream, **otherwise})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(("header", "word"), [("if-match", "If-Match is not honoured"), ("range", "")])
def test_a_store_that_ignores_what_reads_rely_on(everything: Aws, header: str, word: str) -> None:
    with s3_that(everything, forgets=header) as endpoint:
        found = named(everything.doctor(AWS_ENDPOINT_URL_S3=endpoint))
    assert list(found) == ["bucket: read"]
    assert word in found["bucket: read"]
    with s3_that(everything) as endpoint:
        assert failures(everything.doctor(AWS_ENDPOINT_URL_S3=endpoint)) == []


def test_a_missing_file_that_looks_forbidden(everything: Aws) -> None:
    """As S3 answers without s3:ListBucket, which moto does not."""
    with s3_that(everything, forbids="/never-there") as endpoint:
        result = everything.doctor(AWS_ENDPOINT_URL_S3=endpoint)
    assert failures(result) == []
    (check,) = [check for check in result.json["checks"] if check["name"] == "bucket: missing files"]
    assert check["state"] == "info"
    assert "s3:ListBucket" in check["cure"]
