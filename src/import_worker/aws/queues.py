"""SQS queues: receive, delete, put off, send. Errors of the driver become ours here.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from import_worker.aws import clients
from import_worker.errors import TransientError, UsageError

MAX_DELAY_SECONDS = 900
"""Longest delay of a sent message."""

_MISSING = ("NonExistentQueue", "QueueDoesNotExist", "InvalidAddress")
_DENIED = (
    "AccessDenied",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidSecurity",
    "SignatureDoesNotMatch",
)


class QueueUnavailable(TransientError):
    """The queue did not answer, or not now. A retry may help."""


class QueueRefused(UsageError):
    """There is no such queue, or no permission to use it. No retry helps until somebody mends that."""


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
        """``setting`` is what the URL was named by, for error messages."""
        self.url = url
        self._setting = setting
        with self._translated():
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
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if any(part in code for part in _MISSING):
                raise QueueRefused(f"There is no queue {self.url}; check {self._setting} and AWS_REGION.") from None
            if any(part in code for part in _DENIED):
                operation = error.operation_name
                raise QueueRefused(
                    f"AWS does not permit {operation} on the queue {self.url} ({code}); grant it to this role."
                ) from None
            raise QueueUnavailable(f"The queue {self.url} refused {error.operation_name} ({code}).") from None
        except (BotoCoreError, ValueError) as error:
            # So botocore says that there are no credentials or no URL, and also that nobody answers.
            if type(error).__name__ in ("NoCredentialsError", "ParamValidationError", "ValueError", "InvalidEndpoint"):
                raise QueueRefused(f"The queue {self.url} cannot be used ({error}); check {self._setting}.") from None
            raise QueueUnavailable(f"The queue {self.url} does not answer ({type(error).__name__}).") from None
