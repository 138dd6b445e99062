"""The queue that status events are sent to: SQS, standard or FIFO.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from import_worker.aws import clients
from import_worker.errors import TransientError, UsageError

MAX_MESSAGES = 10
MAX_BYTES = 262_144
"""Of one request. A queue may take 1 MiB today; this many bytes every queue takes, unless somebody has lowered its
MaximumMessageSize."""
READ_TIMEOUT_SECONDS = 5.0
"""With five seconds to connect, no call takes longer than ten."""


class StatusQueueUnavailable(TransientError):
    """The queue is missing, forbidden, throttled or silent. The events are still in the outbox; try again later."""


@dataclass(frozen=True)
class QueueMessage:
    """``id`` (at most 80 letters, digits and hyphens) is what a FIFO queue, and the receiver, drops duplicates by.
    ``group`` is what a FIFO queue keeps in order."""

    id: str
    group: str
    body: str


class StatusQueue:
    """One queue. Not to be shared between threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._fifo = url.endswith(".fifo")
        self._client: Any = None

    def open(self) -> None:
        """Loads boto3, which takes some tenths of a second, and finds region and credentials; asks nobody. Raises
        StatusQueueUnavailable."""
        try:
            if self._client is None:
                self._client = clients.client("sqs", read_timeout=READ_TIMEOUT_SECONDS, attempts=1)
        except _errors() as error:
            raise StatusQueueUnavailable(self._sentence(error)) from None

    def send(self, messages: Sequence[QueueMessage]) -> dict[str, str]:
        """Sends at most MAX_MESSAGES messages in one request; returns those that the queue did not take, id to reason.

        Raises StatusQueueUnavailable when it is unknown whether it took any: send them again.
        """
        self.open()
        try:
            answer = self._client.send_message_batch(
                QueueUrl=self._url, Entries=[self._entry(message) for message in messages]
            )
        except _errors() as error:
            raise StatusQueueUnavailable(self._sentence(error)) from None
        return {entry["Id"]: str(entry.get("Code", "unknown")) for entry in answer.get("Failed", [])}

    def _entry(self, message: QueueMessage) -> Mapping[str, str]:
        entry = {"Id": message.id, "MessageBody": message.body}
        if self._fifo:
            entry |= {"MessageGroupId": message.group, "MessageDeduplicationId": message.id}
        return entry

    def _sentence(self, error: Exception) -> str:
        response = getattr(error, "response", None) or {}
        what = response.get("Error", {}).get("Code") or type(error).__name__
        return f"The queue {self._url} (SIN_IMPORT_STATUS_QUEUE_URL) takes no messages ({what})."


def take_batch(messages: Sequence[QueueMessage]) -> list[QueueMessage]:
    """As many of the first messages as fit into one request."""
    batch: list[QueueMessage] = []
    room = MAX_BYTES
    for message in messages[:MAX_MESSAGES]:
        room -= len(message.body.encode())
        if batch and room < 0:
            break
        batch.append(message)
    return batch


def _errors() -> tuple[type[Exception], ...]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (loaded by whoever sends)

    return (BotoCoreError, ClientError, ValueError, UsageError)
