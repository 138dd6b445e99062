"""Checking the queues of launch messages, status events and dead letters. No message is sent, received or counted.

Reading a queue's attributes needs a permission that the worker itself does not need. Where it is refused, this makes a
call with invalid arguments: SQS refuses it for the missing permission, or else for the arguments.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from import_worker.aws import clients
from import_worker.aws.refusals import boto_errors
from import_worker.checks.answers import answer_of
from import_worker.checks.check import Check, failed, ok, warning
from import_worker.checks.identity import CALL_SECONDS

TOO_LONG_DELAY_SECONDS = 901
"""SQS accepts 0 to 900, so it never accepts a message with this delay.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""


class Use(Enum):
    """What the worker does with a queue, and the permission that it needs."""

    TAKE = "sqs:DeleteMessage"
    SEND = "sqs:SendMessage"


def check_queue(name: str, setting: str, url: str, use: Use) -> Iterator[Check]:
    """``name`` is the check's, ``setting`` the variable that holds ``url``."""
    if urlsplit(url).scheme not in ("http", "https"):
        yield failed(name, f"{setting} is {url!r}", f"Set {setting} to the queue's URL (https://sqs...), not its name.")
        return
    client = clients.make_client("sqs", read_timeout=CALL_SECONDS, attempts=1)
    region = re.match(r"(?:sqs\.)?([a-z]{2}(?:-[a-z]+)+-\d)\.", urlsplit(url).hostname or "")
    if region and region[1] != client.meta.region_name:
        yield failed(
            name,
            f"the queue is in {region[1]}, not in {client.meta.region_name}",
            f"Set AWS_REGION to {region[1]}, or name a queue in {client.meta.region_name} in {setting}.",
        )
        return
    try:
        attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    except boto_errors() as error:
        answer = answer_of(error, "sqs:GetQueueAttributes", url)
        if answer.missing:
            yield failed(name, f"there is no queue {url}", _cure_absence(client, setting))
            return
        if not answer.denied:
            yield failed(name, answer.found, answer.cure)
            return
        attributes = None
    yield _check_permission(client, name, setting, url, use)
    if use is Use.TAKE and attributes is not None and "RedrivePolicy" not in attributes:
        yield warning(
            name,
            "the queue has no redrive policy: a message that cannot be handled comes back again and again",
            "Give the queue a RedrivePolicy with a dead-letter queue.",
        )


def _cure_absence(client: Any, setting: str) -> str:
    region = client.meta.region_name
    return f"Create it, or name another in {setting}; if it is in another region than {region}, set AWS_REGION."


def _check_permission(client: Any, name: str, setting: str, url: str, use: Use) -> Check:
    try:
        if use is Use.TAKE:
            client.delete_message(QueueUrl=url, ReceiptHandle="doctor")
        else:
            client.send_message(QueueUrl=url, MessageBody="{}", DelaySeconds=TOO_LONG_DELAY_SECONDS)
    except boto_errors() as error:
        answer = answer_of(error, use.value, url)
        if answer.missing:
            return failed(name, f"there is no queue {url}", _cure_absence(client, setting))
        if answer.denied:
            wanted = "sqs:ReceiveMessage, sqs:DeleteMessage" if use is Use.TAKE else use.value
            return failed(name, answer.found, f"Allow {wanted} on the queue {url}.")
        if answer.refusal.operation is None:
            return failed(name, answer.found, answer.cure)
        # Refused for its arguments, as intended.
    return ok(name, f"there, and {use.value} is allowed as far as can be told without a message ({url})")
