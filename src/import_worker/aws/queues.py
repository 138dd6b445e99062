"""SQS queues: receive, delete, hide and send messages.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from import_worker.aws import clients
from import_worker.aws.kinds import RefusalKind
from import_worker.aws.refusals import AwsRefusal, TransientRefusal, boto_errors, refusal_of
from import_worker.errors import TransientError, UsageError

MAX_DELAY_SECONDS = 900
"""Longest delay of a sent message."""


class QueueUnavailable(TransientError):
    """The queue did not answer, or refused for a reason that may pass. A retry may help."""


class QueueRefused(UsageError):
    """There is no such queue, or no permission or credentials to use it. No retry helps until an operator mends
    that."""


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
        """``setting`` is the variable that holds the URL, for error messages. Raises as ``clients.make_client``."""
        self.url = url
        self._setting = setting
        self._client = clients.make_client("sqs")

    def check(self) -> None:
        """Returns if the queue is there and may be used."""
        with self._translate_errors():
            self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])

    def receive(self, *, wait_seconds: int, hidden_seconds: int) -> Message | None:
        """The next message, or None if none comes within ``wait_seconds``. It is hidden from others for
        ``hidden_seconds``."""
        with self._translate_errors():
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
        with self._translate_errors():
            self._client.delete_message(QueueUrl=self.url, ReceiptHandle=message.receipt)

    def hide(self, message: Message, seconds: int) -> None:
        """Hides the message for so many seconds from now; 0 makes it visible at once."""
        with self._translate_errors():
            self._client.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=message.receipt, VisibilityTimeout=seconds
            )

    def send(self, body: str, *, attributes: Mapping[str, str] | None = None, delay_seconds: int = 0) -> None:
        """``delay_seconds``: at most MAX_DELAY_SECONDS."""
        with self._translate_errors():
            self._client.send_message(
                QueueUrl=self.url,
                MessageBody=body,
                DelaySeconds=delay_seconds,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()
                },
            )

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except boto_errors() as error:
            raise self._wrap(refusal_of(error), str(error)) from None

    def _wrap(self, refusal: AwsRefusal, text: str) -> QueueUnavailable | QueueRefused:
        """``text``: the driver's own message."""
        operation = refusal.operation
        if isinstance(refusal, TransientRefusal):
            what = "does not answer" if operation is None else f"refused {operation}"
            return QueueUnavailable(f"The queue {self.url} {what} ({refusal.brief}).")
        if refusal.kind is RefusalKind.MISSING:
            return QueueRefused(f"There is no queue {self.url}; check {self._setting} and AWS_REGION.")
        if refusal.kind is RefusalKind.DENIED:
            return QueueRefused(
                f"AWS does not permit {operation} on the queue {self.url} ({refusal.code}); grant it to this role."
            )
        if refusal.kind is RefusalKind.INVALID:
            return QueueRefused(f"The queue {self.url} cannot be used ({text}); check {self._setting}.")
        return QueueRefused(f"The queue {self.url} cannot be used ({refusal.brief}). {refusal.cure}")
