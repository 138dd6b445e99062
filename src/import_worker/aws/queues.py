"""SQS queues: receive, delete, put off, send.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from import_worker.aws import clients
from import_worker.aws.kinds import Kind
from import_worker.aws.refusals import AwsRefusal, TransientRefusal, boto_errors, refusal_of
from import_worker.errors import TransientError, UsageError

MAX_DELAY_SECONDS = 900
"""Longest delay of a sent message."""


class QueueUnavailable(TransientError):
    """The queue did not answer, or would not now. A retry may help."""


class QueueRefused(UsageError):
    """There is no such queue, or no permission or credentials to use it. No retry helps until somebody mends that."""


@dataclass(frozen=True)
class Message:
    """``receives`` is how often the message was received, this time included."""

    id: str
    receipt: str
    body: str
    receives: int


class Queue:
    """One queue. May be shared by threads. Every call raises QueueUnavailable or QueueRefused."""

    def __init__(self, url: str, setting: str) -> None:
        """``setting`` is what the URL was named by, for error messages. Raises as ``clients.client``."""
        self.url = url
        self._setting = setting
        self._client = clients.client("sqs")

    def check(self) -> None:
        """Returns when the queue is there and may be used."""
        with self._translated():
            self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])

    def receive(self, *, wait_seconds: int, hidden_seconds: int) -> Message | None:
        """The next message, waited for; others do not see it for so long."""
        with self._translated():
            answer = self._client.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=1,
                WaitTimeSeconds=wait_seconds,
                VisibilityTimeout=hidden_seconds,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
        for entry in answer.get("Messages", []):
            receives = int(entry.get("Attributes", {}).get("ApproximateReceiveCount", 1))
            return Message(entry["MessageId"], entry["ReceiptHandle"], entry["Body"], receives)
        return None

    def delete(self, message: Message) -> None:
        with self._translated():
            self._client.delete_message(QueueUrl=self.url, ReceiptHandle=message.receipt)

    def hide(self, message: Message, seconds: int) -> None:
        """Nobody sees the message for so long from now; 0 gives it back at once."""
        with self._translated():
            self._client.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=message.receipt, VisibilityTimeout=seconds
            )

    def send(self, body: str, *, attributes: Mapping[str, str] | None = None, delay_seconds: int = 0) -> None:
        """``delay_seconds``: at most MAX_DELAY_SECONDS."""
        with self._translated():
            self._client.send_message(
                QueueUrl=self.url,
                MessageBody=body,
                DelaySeconds=delay_seconds,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()
                },
            )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except boto_errors() as error:
            raise self._wrapped(refusal_of(error), str(error)) from None

    def _wrapped(self, refusal: AwsRefusal, text: str) -> QueueUnavailable | QueueRefused:
        """``text``: the driver's own."""
        asked = refusal.operation
        if isinstance(refusal, TransientRefusal):
            what = "does not answer" if asked is None else f"refused {asked}"
            return QueueUnavailable(f"The queue {self.url} {what} ({refusal.brief}).")
        if refusal.kind is Kind.MISSING:
            return QueueRefused(f"There is no queue {self.url}; check {self._setting} and AWS_REGION.")
        if refusal.kind is Kind.DENIED:
            return QueueRefused(
                f"AWS does not permit {asked} on the queue {self.url} ({refusal.code}); grant it to this role."
            )
        if refusal.kind is Kind.INVALID:
            return QueueRefused(f"The queue {self.url} cannot be used ({text}); check {self._setting}.")
        return QueueRefused(f"The queue {self.url} cannot be used ({refusal.brief}). {refusal.cure}")
