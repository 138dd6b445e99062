"""Who may what in the deployed stack: what contract section 11 names, what AWS needs for it, and nothing else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.aws import REGION
from tests.support.cloudformation import ACCOUNT
from tests.support.completion import client
from tests.support.stack import Stack, deploy

WITHOUT_RESOURCES = {"ecr:GetAuthorizationToken", "ecs:ListTasks"}
"""Actions for which AWS takes no ARN that would fit."""
IMAGE_ARN = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/solstice-import-worker"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _statements(role: str) -> list[dict[str, Any]]:
    iam = client("iam")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
    return [statement for document in documents for statement in document["Statement"]]


def _allowed(stack: Stack, role: str) -> dict[str, set[str]]:
    """The resources of each action."""
    allowed: dict[str, set[str]] = {}
    for statement in _statements(stack.ids[role]):
        assert statement["Effect"] == "Allow"
        for action in _listed(statement["Action"]):
            allowed.setdefault(action, set()).update(_listed(statement["Resource"]))
    return allowed


def _queue_arn(stack: Stack, name: str) -> str:
    return stack.attribute(name, "Arn")


def _condition(stack: Stack, role: str, action: str) -> Any:
    (statement,) = [entry for entry in _statements(stack.ids[role]) if action in _listed(entry["Action"])]
    return statement.get("Condition")


def test_an_import_may_read_and_write_files_and_send_events(stack: Stack) -> None:
    assert _allowed(stack, "WorkerTaskRole") == {
        "s3:GetObject": {"arn:aws:s3:::artifacts/imports/*"},
        "s3:PutObject": {"arn:aws:s3:::artifacts/imports/*"},
        "sqs:SendMessage": {_queue_arn(stack, "StatusQueue")},
    }


def test_starting_an_import_takes_two_secrets_a_log_and_an_image(stack: Stack) -> None:
    log = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/sst/solstice-production/import-worker:*"
    assert _allowed(stack, "WorkerExecutionRole") == {
        "secretsmanager:GetSecretValue": {
            stack.parameters["DatabaseUrlSecretArn"],
            stack.parameters["BetterAuthSecretArn"],
        },
        "logs:CreateLogStream": {log},
        "logs:PutLogEvents": {log},
        "ecr:BatchCheckLayerAvailability": {IMAGE_ARN},
        "ecr:BatchGetImage": {IMAGE_ARN},
        "ecr:GetDownloadUrlForLayer": {IMAGE_ARN},
        "ecr:GetAuthorizationToken": {"*"},
    }


def test_the_dispatcher_may_take_messages_and_start_this_one_task(stack: Stack) -> None:
    launch = {_queue_arn(stack, "LaunchQueue")}
    dead = {_queue_arn(stack, "LaunchDeadLetterQueue")}
    cluster = stack.attribute("Cluster", "Arn")
    assert _allowed(stack, "DispatcherTaskRole") == {
        "sqs:ReceiveMessage": launch,
        "sqs:DeleteMessage": launch,
        "sqs:ChangeMessageVisibility": launch,
        "sqs:GetQueueAttributes": launch | dead,
        "sqs:SendMessage": launch | dead | {_queue_arn(stack, "StatusQueue")},
        "ecs:RunTask": {f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/sin-import-worker:*"},
        "ecs:TagResource": {f"{cluster.replace(':cluster/', ':task/')}/*"},
        "ecs:ListTasks": {"*"},
        "iam:PassRole": {stack.attribute("WorkerTaskRole", "Arn"), stack.attribute("WorkerExecutionRole", "Arn")},
    }
    for action in ("ecs:RunTask", "ecs:ListTasks"):
        assert _condition(stack, "DispatcherTaskRole", action) == {"ArnEquals": {"ecs:cluster": cluster}}
    tagged = _condition(stack, "DispatcherTaskRole", "ecs:TagResource")
    assert tagged == {"StringEquals": {"ecs:CreateAction": "RunTask"}}
    passed = _condition(stack, "DispatcherTaskRole", "iam:PassRole")
    assert passed == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


def test_starting_the_dispatcher_takes_one_secret_and_its_own_log(stack: Stack) -> None:
    allowed = _allowed(stack, "DispatcherExecutionRole")
    assert allowed["secretsmanager:GetSecretValue"] == {stack.parameters["DatabaseUrlSecretArn"]}
    log = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/sst/solstice-production/import-dispatcher:*"
    assert allowed["logs:PutLogEvents"] == allowed["logs:CreateLogStream"] == {log}
    assert set(allowed) == set(_allowed(stack, "WorkerExecutionRole"))


def test_only_tasks_of_this_account_take_the_roles(stack: Stack) -> None:
    roles = client("iam").list_roles()["Roles"]
    assert len(roles) == 4
    for role in roles:
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
        assert statement["Action"] == "sts:AssumeRole"
        assert statement["Condition"] == {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:*"},
        }


def _every_policy() -> Iterator[dict[str, Any]]:
    """Every statement of every role, queue, topic and log group that is deployed."""
    for role in client("iam").list_roles()["Roles"]:
        yield from _statements(role["RoleName"])
    sqs = client("sqs")
    for url in sqs.list_queues()["QueueUrls"]:
        policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]).get("Attributes", {}).get("Policy")
        yield from json.loads(policy)["Statement"] if policy else []
    sns = client("sns")
    for topic in sns.list_topics()["Topics"]:
        yield from json.loads(sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]["Policy"])["Statement"]
    for entry in client("logs").describe_resource_policies()["resourcePolicies"]:
        yield from json.loads(entry["policyDocument"])["Statement"]


def test_no_star_stands_where_an_arn_can(stack: Stack) -> None:
    statements = list(_every_policy())
    assert len(statements) > 20
    for statement in statements:
        assert not {"NotAction", "NotResource", "NotPrincipal"} & set(statement)
        assert statement.get("Principal") not in ("*", {"AWS": "*"})
        actions = set(_listed(statement["Action"]))
        assert not [action for action in actions if "*" in action]
        for resource in _listed(statement["Resource"]):
            if resource == "*":
                assert actions <= WITHOUT_RESOURCES, statement
            else:  # a star only stands for the last part of an ARN: a log stream, a revision, a task, a file's key
                assert resource.startswith("arn:aws:")
                assert "*" not in resource[:-1], statement
                assert resource[-2:] in (":*", "/*") or "*" not in resource, statement


@pytest.fixture(scope="module")
def other(stack: Stack) -> Stack:
    """A second stage beside the first, with everything that is optional."""
    return deploy(
        "solstice-import-staging",
        Stage="staging",
        ArtifactsPrefix="solstice/staging/",
        ArtifactsKeyArn=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/artifacts",
        SecretsKeyArn=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/secrets",
        ArtifactsListing="allow",
        DeadlineSeconds="86400",
        PendingAfterSeconds="3600",
        AlarmTopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:ours",
        DatabaseIngress="exists",
        ImageUri="999999999999.dkr.ecr.eu-west-1.amazonaws.com/solstice-import-worker:1.0.0",
    )


def test_keys_and_listing_are_allowed_on_demand(other: Stack) -> None:
    worker = _allowed(other, "WorkerTaskRole")
    key = {other.parameters["ArtifactsKeyArn"]}
    assert worker["kms:Decrypt"] == worker["kms:GenerateDataKey"] == key
    assert worker["s3:GetObject"] == worker["s3:PutObject"] == {"arn:aws:s3:::artifacts/solstice/staging/imports/*"}
    assert worker["s3:ListBucket"] == {"arn:aws:s3:::artifacts"}
    listing = _condition(other, "WorkerTaskRole", "s3:ListBucket")
    assert listing == {"StringLike": {"s3:prefix": ["solstice/staging/imports/*", "solstice/staging/forms/*"]}}
    for role in ("WorkerExecutionRole", "DispatcherExecutionRole"):
        assert _allowed(other, role)["kms:Decrypt"] == {other.parameters["SecretsKeyArn"]}


def test_an_image_of_another_account_and_region_may_be_pulled(other: Stack) -> None:
    image = "arn:aws:ecr:eu-west-1:999999999999:repository/solstice-import-worker"
    assert _allowed(other, "WorkerExecutionRole")["ecr:BatchGetImage"] == {image}


def test_optional_settings_reach_worker_and_dispatcher(other: Stack) -> None:
    (container,) = other.resolver.properties("WorkerTaskDefinition")["ContainerDefinitions"]
    environment = {entry["Name"]: entry["Value"] for entry in container["Environment"]}
    assert environment["SIN_ARTIFACTS_BUCKET"] == "s3://artifacts/solstice/staging/"
    assert environment["SIN_IMPORT_DEADLINE_SECONDS"] == "86400"
    assert environment["SST_STAGE"] == "staging"
    (dispatcher,) = other.resolver.properties("DispatcherTaskDefinition")["ContainerDefinitions"]
    assert dispatcher["Command"] == ["dispatch", "--pending-after", "3600"]


def test_alarms_may_go_to_a_topic_that_exists(other: Stack) -> None:
    alarms = client("cloudwatch").describe_alarms(AlarmNamePrefix="solstice-staging-")["MetricAlarms"]
    assert alarms
    assert all(alarm["AlarmActions"] == [other.parameters["AlarmTopicArn"]] for alarm in alarms)
    assert "AlarmTopic" not in other.ids


def test_a_rule_of_the_database_that_exists_is_left_alone(other: Stack) -> None:
    database = other.parameters["DatabaseSecurityGroupId"]
    (group,) = client("ec2").describe_security_groups(GroupIds=[database])["SecurityGroups"]
    assert group["IpPermissions"] == []


def test_two_stages_share_nothing(stack: Stack, other: Stack) -> None:
    shared = {name for name in stack.ids if stack.ids[name] == other.ids.get(name) and stack.ids[name]}
    assert shared == set()
