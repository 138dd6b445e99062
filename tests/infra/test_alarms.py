"""The deployed alarms and the dashboard: the right metrics, by the right names, told to the right people."""

import json
import re
from typing import Any

import pytest

from tests.support.cloudformation import ACCOUNT
from tests.support.completion import client
from tests.support.stack import Stack


def test_the_alarms_go_to_the_address(stack: Stack) -> None:
    (subscription,) = client("sns").list_subscriptions()["Subscriptions"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "alarms@example.org")
    topic = subscription["TopicArn"]
    alarms = client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert all(alarm["AlarmActions"] == alarm["OKActions"] == [topic] for alarm in alarms)
    policy = json.loads(client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
    (statement,) = policy["Statement"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    pattern = statement["Condition"]["ArnLike"]["aws:SourceArn"].replace("*", ".*")
    assert all(re.fullmatch(pattern, alarm["AlarmArn"]) for alarm in alarms)


def _alarm(name: str) -> Any:
    (alarm,) = client("cloudwatch").describe_alarms(AlarmNames=[f"solstice-production-import-{name}"])["MetricAlarms"]
    return alarm


@pytest.mark.parametrize(
    ("name", "queue"),
    [
        ("launch-dead-letters", "LaunchDeadLetterQueueUrl"),
        ("rule-dead-letters", "RuleDeadLetterQueueUrl"),
        ("status-dead-letters", "StatusDeadLetterQueueUrl"),
    ],
)
def test_a_single_dead_letter_is_alarmed_about(stack: Stack, name: str, queue: str) -> None:
    alarm = _alarm(name)
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": stack.outputs[queue].rsplit("/", 1)[-1]}]
    assert (alarm["Statistic"], alarm["ComparisonOperator"]) == ("Maximum", "GreaterThanOrEqualToThreshold")
    assert alarm["Threshold"] == 1


@pytest.mark.parametrize(("name", "metric"), [("jobs-failed", "JobsFailed"), ("jobs-reaped", "JobsReaped")])
def test_our_own_metrics_are_alarmed_about(stack: Stack, name: str, metric: str) -> None:
    alarm = _alarm(name)
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("Solstice/Imports", metric, "Sum")
    assert alarm["Dimensions"] == [{"Name": "Stage", "Value": "production"}]


def test_a_message_that_waits_is_alarmed_about(stack: Stack) -> None:
    alarm = _alarm("launch-waits")
    assert (alarm["MetricName"], alarm["Threshold"]) == ("ApproximateAgeOfOldestMessage", 900)
    assert alarm["Dimensions"][0]["Value"] == stack.outputs["LaunchQueueUrl"].rsplit("/", 1)[-1]


def test_workers_without_rows_are_alarmed_about(stack: Stack) -> None:
    metrics = {entry["Id"]: entry for entry in _alarm("no-progress")["Metrics"]}
    rows, workers = metrics["rows"]["MetricStat"], metrics["workers"]["MetricStat"]
    assert (rows["Metric"]["Namespace"], rows["Metric"]["MetricName"]) == ("Solstice/Imports", "RowsProcessed")
    assert workers["Metric"]["Namespace"] == "ECS/ContainerInsights"
    dimensions = {entry["Name"]: entry["Value"] for entry in workers["Metric"]["Dimensions"]}
    assert dimensions == {"ClusterName": stack.outputs["ClusterName"], "TaskDefinitionFamily": "sin-import-worker"}
    assert set(re.findall(r"[a-z]+(?=,)", metrics["stalled"]["Expression"])) == {"workers", "rows"}
    assert stack.resolver.properties("Cluster")["ClusterSettings"] == [  # moto does not keep it
        {"Name": "containerInsights", "Value": "enabled"}
    ]


def test_a_missing_dispatcher_is_alarmed_about(stack: Stack) -> None:
    alarm = _alarm("dispatcher-down")
    assert alarm["TreatMissingData"] == "breaching"
    dimensions = {entry["Name"]: entry["Value"] for entry in alarm["Dimensions"]}
    assert dimensions == {"ClusterName": stack.outputs["ClusterName"], "ServiceName": "dispatcher"}


def test_the_dashboard_shows_every_metric_of_the_contract(stack: Stack) -> None:
    body = client("cloudwatch").get_dashboard(DashboardName="solstice-production-import")["DashboardBody"]
    metrics = [metric for widget in json.loads(body)["widgets"] for metric in widget["properties"].get("metrics", [])]
    shown = {metric[1] for metric in metrics if metric[0] == "Solstice/Imports"}
    assert shown == {
        "RowsProcessed",
        "RowsRejected",
        "ChunkMilliseconds",
        "RowsPerSecond",
        "JobSeconds",
        "JobsCompleted",
        "JobsFailed",
        "JobsInterrupted",
        "JobsReaped",
    }
    assert all(metric[2:4] == ["Stage", "production"] for metric in metrics if metric[0] == "Solstice/Imports")
    assert ACCOUNT not in body
