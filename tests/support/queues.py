"""The queues around the dispatcher, on moto's SQS and EventBridge."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3


@dataclass(frozen=True)
class Queues:
    """The launch queue, its dead-letter queue, and the rule that leads from EventBridge to the launch queue."""

    launch: str
    dead: str

    def settings(self) -> dict[str, str]:
        return {"SIN_IMPORT_QUEUE_URL": self.launch, "SIN_IMPORT_DEAD_LETTER_QUEUE_URL": self.dead}

    def send(self, document: object) -> None:
        """A message, as JSON unless it is a text."""
        body = document if isinstance(document, str) else json.dumps(document)
        boto3.client("sqs").send_message(QueueUrl=self.launch, MessageBody=body)

    def request_import(self, **detail: object) -> None:
        """The event of contract section 11, put on the bus."""
        entry = {
            "Source": "solstice.imports",
            "DetailType": "Import Job Requested",
            "Detail": json.dumps(detail, default=str),
        }
        answer = boto3.client("events").put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0

    def left(self, url: str | None = None) -> int:
        """The number of messages in the launch queue (or another), including those in flight; never fewer than there
        are.

        A queue counts waiting, in-flight and delayed messages one kind after the other, so a message that returns to
        the queue between two of these counts may be in neither. A second count includes it, so two are made.
        """
        return max(self._count(url or self.launch), self._count(url or self.launch))

    def _count(self, url: str) -> int:
        names: Any = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ]
        attributes = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return sum(int(attributes["Attributes"][name]) for name in names)

    def visible(self) -> int:
        names: Any = ["ApproximateNumberOfMessages"]
        attributes = boto3.client("sqs").get_queue_attributes(QueueUrl=self.launch, AttributeNames=names)
        return int(attributes["Attributes"][names[0]])

    def dead_letters(self) -> list[tuple[str, str, str]]:
        """Takes all dead letters: reason, sentence, body."""
        sqs, found = boto3.client("sqs"), []
        while messages := sqs.receive_message(
            QueueUrl=self.dead, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            for message in messages:
                attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
                found.append((attributes["reason"], attributes["sentence"], message["Body"]))
                sqs.delete_message(QueueUrl=self.dead, ReceiptHandle=message["ReceiptHandle"])
        return found


def make_queues(*, times: int = 1) -> Queues:
    """Each event is delivered so many times: by as many targets of the rule."""
    sqs, events = boto3.client("sqs"), boto3.client("events")
    name = f"launch-{uuid4().hex[:8]}"
    launch = sqs.create_queue(QueueName=name)["QueueUrl"]
    dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=launch, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["solstice.imports"], "detail-type": ["Import Job Requested"]}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": f"launch-{number}", "Arn": arn} for number in range(times)])
    return Queues(launch, dead)
