"""Contract, section 11, asked of the deployed stack: queues, tasks, logs, network."""

import json
from typing import Any

import pytest

from tests.support.aws import REGION
from tests.support.completion import client
from tests.support.stack import IMAGE, Stack


def _attributes(url: str) -> dict[str, Any]:
    attributes: dict[str, Any] = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    documents = ("Policy", "RedrivePolicy")
    return {key: json.loads(value) if key in documents else value for key, value in attributes.items()}


def _task(family: str) -> Any:
    return client("ecs").describe_task_definition(taskDefinition=family)["taskDefinition"]


def _environment(container: Any) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in container["environment"]}


def _may_send(stack: Stack, dead_letter_queue: str) -> Any:
    """Whose dead letters a queue takes. moto does not keep it."""
    return stack.resolver.properties(dead_letter_queue)["RedriveAllowPolicy"]["sourceQueueArns"]


def test_launch_messages_that_kill_a_dispatcher_go_to_a_dead_letter_queue(stack: Stack) -> None:
    launch, dead = _attributes(stack.outputs["LaunchQueueUrl"]), _attributes(stack.outputs["LaunchDeadLetterQueueUrl"])
    assert launch["RedrivePolicy"]["deadLetterTargetArn"] == dead["QueueArn"]
    assert _may_send(stack, "LaunchDeadLetterQueue") == [launch["QueueArn"]]
    assert int(launch["VisibilityTimeout"]) <= 120, "held only while a task is being started"


def test_status_events_that_the_host_cannot_use_go_to_one_too(stack: Stack) -> None:
    status, dead = _attributes(stack.outputs["StatusQueueUrl"]), _attributes(stack.outputs["StatusDeadLetterQueueUrl"])
    assert status["RedrivePolicy"]["deadLetterTargetArn"] == dead["QueueArn"]
    assert _may_send(stack, "StatusDeadLetterQueue") == [status["QueueArn"]]


@pytest.mark.parametrize(
    "output",
    [
        "LaunchQueueUrl",
        "LaunchDeadLetterQueueUrl",
        "RuleDeadLetterQueueUrl",
        "StatusQueueUrl",
        "StatusDeadLetterQueueUrl",
    ],
)
def test_every_queue_is_encrypted_and_keeps_messages_for_two_weeks(stack: Stack, output: str) -> None:
    attributes = _attributes(stack.outputs[output])
    assert attributes["SqsManagedSseEnabled"] == "true"
    assert attributes["MessageRetentionPeriod"] == str(14 * 24 * 3600)


@pytest.mark.parametrize("output", ["LaunchQueueUrl", "RuleDeadLetterQueueUrl"])
def test_only_the_rule_may_send_from_outside(stack: Stack, output: str) -> None:
    attributes = _attributes(stack.outputs[output])
    (statement,) = attributes["Policy"]["Statement"]
    rule = client("events").describe_rule(Name=f"solstice-{stack.stage}-import-requested")
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Resource"] == attributes["QueueArn"]
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": rule["Arn"]}}


def test_the_rule_tries_again_and_then_keeps_the_event(stack: Stack) -> None:
    rule = client("events").describe_rule(Name=f"solstice-{stack.stage}-import-requested")
    assert json.loads(rule["EventPattern"]) == {
        "source": ["solstice.imports"],
        "detail-type": ["Import Job Requested"],
    }
    assert rule["State"] == "ENABLED"
    (target,) = client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert target["Arn"] == _attributes(stack.outputs["LaunchQueueUrl"])["QueueArn"]
    assert target["DeadLetterConfig"]["Arn"] == _attributes(stack.outputs["RuleDeadLetterQueueUrl"])["QueueArn"]
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86_400}
    assert "InputTransformer" not in target
    assert "InputPath" not in target


def test_the_worker_task_is_the_contracts(stack: Stack) -> None:
    task = _task("sin-import-worker")
    assert (task["cpu"], task["memory"]) == ("2048", "4096")
    assert task["ephemeralStorage"] == {"sizeInGiB": 50}
    assert task["networkMode"] == "awsvpc"
    assert task["requiresCompatibilities"] == ["FARGATE"]
    assert task["taskRoleArn"] == stack.attribute("WorkerTaskRole", "Arn")
    assert task["executionRoleArn"] == stack.attribute("WorkerExecutionRole", "Arn")
    (container,) = task["containerDefinitions"]
    assert container["name"] == "import-worker"
    assert container["image"] == IMAGE
    assert IMAGE.split("/")[1].startswith("solstice-import-worker:")
    assert container["command"] == ["run"]
    assert container["stopTimeout"] == 120
    options = container["logConfiguration"]["options"]
    assert container["logConfiguration"]["logDriver"] == "awslogs"
    assert options["awslogs-group"] == "/sst/solstice-production/import-worker"
    assert options["awslogs-stream-prefix"] == "ecs"
    assert options["awslogs-region"] == REGION == "ca-central-1"
    assert options["mode"] == "non-blocking"
    assert {entry["name"]: entry["valueFrom"] for entry in container["secrets"]} == {
        "DatabaseUrl": stack.parameters["DatabaseUrlSecretArn"],
        "BetterAuthSecret": stack.parameters["BetterAuthSecretArn"],
    }


@pytest.mark.parametrize("family", ["sin-import-worker", "sin-import-dispatcher"])
def test_a_container_writes_to_tmp_only_and_may_nothing(stack: Stack, family: str) -> None:
    task = _task(family)
    (container,) = task["containerDefinitions"]
    assert container["readonlyRootFilesystem"] is True
    assert container["linuxParameters"] == {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}}
    (mount,) = container["mountPoints"]
    assert mount == {"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": False}
    assert [volume["name"] for volume in task["volumes"]] == ["tmp"]
    assert container["essential"] is True


def test_no_secret_stands_in_the_environment(stack: Stack) -> None:
    for family in ("sin-import-worker", "sin-import-dispatcher"):
        (container,) = _task(family)["containerDefinitions"]
        assert not {"DatabaseUrl", "DATABASE_URL", "BetterAuthSecret"} & set(_environment(container))


def test_the_worker_is_told_where_everything_is(stack: Stack) -> None:
    (container,) = _task("sin-import-worker")["containerDefinitions"]
    assert _environment(container) == {
        "AWS_REGION": REGION,
        "NODE_ENV": "production",
        "SIN_ARTIFACTS_BUCKET": "s3://artifacts/",
        "SIN_IMPORT_STATUS_QUEUE_URL": stack.outputs["StatusQueueUrl"],
        "SST_STAGE": "production",
    }


def test_the_dispatcher_is_told_where_everything_is(stack: Stack) -> None:
    (container,) = _task("sin-import-dispatcher")["containerDefinitions"]
    assert container["command"] == ["dispatch"]
    assert _environment(container) == {
        "AWS_REGION": REGION,
        "NODE_ENV": "production",
        "SIN_ARTIFACTS_BUCKET": "s3://artifacts/",
        "SIN_IMPORT_DEAD_LETTER_QUEUE_URL": stack.outputs["LaunchDeadLetterQueueUrl"],
        "SIN_IMPORT_ECS_CLUSTER": stack.attribute("Cluster", "Arn"),
        "SIN_IMPORT_ECS_SECURITY_GROUPS": stack.outputs["SecurityGroupId"],
        "SIN_IMPORT_ECS_SUBNETS": stack.parameters["PrivateSubnetIds"],
        "SIN_IMPORT_ECS_TASK_DEFINITION": stack.outputs["WorkerTaskDefinitionArn"],
        "SIN_IMPORT_MAX_TASKS": "10",
        "SIN_IMPORT_QUEUE_URL": stack.outputs["LaunchQueueUrl"],
        "SIN_IMPORT_STATUS_QUEUE_URL": stack.outputs["StatusQueueUrl"],
        "SST_STAGE": "production",
    }


def test_one_dispatcher_runs_in_the_private_subnets(stack: Stack) -> None:
    (service,) = client("ecs").describe_services(
        cluster=stack.outputs["ClusterName"], services=[stack.outputs["DispatcherServiceName"]]
    )["services"]
    network = service["networkConfiguration"]["awsvpcConfiguration"]
    assert network["assignPublicIp"] == "DISABLED"
    assert network["subnets"] == stack.parameters["PrivateSubnetIds"].split(",")
    assert network["securityGroups"] == [stack.outputs["SecurityGroupId"]]
    assert service["desiredCount"] == 1
    assert service["launchType"] == "FARGATE"
    assert "/sin-import-dispatcher:" in service["taskDefinition"]
    rollout = stack.resolver.properties("DispatcherService")["DeploymentConfiguration"]  # moto does not keep it
    assert (rollout["MinimumHealthyPercent"], rollout["MaximumPercent"]) == (0, 100), "never two at once"


@pytest.mark.parametrize(
    "name",
    [
        "/sst/solstice-production/import-worker",
        "/sst/solstice-production/import-dispatcher",
        "/aws/events/solstice-production-import-tasks-stopped",
    ],
)
def test_logs_are_kept_for_a_while(stack: Stack, name: str) -> None:
    (group,) = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert group["retentionInDays"] == 90


def test_nothing_comes_in_and_only_https_and_the_database_are_reached(stack: Stack) -> None:
    database = stack.parameters["DatabaseSecurityGroupId"]
    (group,) = client("ec2").describe_security_groups(GroupIds=[stack.outputs["SecurityGroupId"]])["SecurityGroups"]
    assert group["IpPermissions"] == []
    assert group["VpcId"] == stack.parameters["VpcId"]
    out = {
        (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]): [
            *(entry["CidrIp"] for entry in rule["IpRanges"]),
            *(entry["GroupId"] for entry in rule["UserIdGroupPairs"]),
        ]
        for rule in group["IpPermissionsEgress"]
    }
    assert out == {("tcp", 443, 443): ["0.0.0.0/0"], ("tcp", 5432, 5432): [database]}
    (group,) = client("ec2").describe_security_groups(GroupIds=[database])["SecurityGroups"]
    (rule,) = group["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"]) == (5432, 5432)
    assert [entry["GroupId"] for entry in rule["UserIdGroupPairs"]] == [stack.outputs["SecurityGroupId"]]
