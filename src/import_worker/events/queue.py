"""The queue that status events are sent to: SQS, standard or FIFO.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from import_worker.aws import clients
from import_worker.aws.queues import QueueRefused, QueueUnavailable
from import_worker.aws.refusals import TransientRefusal, boto_errors, refusal_of

SETTING = "SIN_IMPORT_STATUS_QUEUE_URL"
MAX_MESSAGES = 10
MAX_BYTES = 262_144
"""The size limit of one request. A queue may accept 1 MiB today; every queue accepts this many bytes, unless its
MaximumMessageSize was lowered."""
READ_TIMEOUT_SECONDS = 5.0
"""Together with five seconds to connect, no call takes longer than ten."""


@dataclass(frozen=True)
class QueueMessage:
    """A FIFO queue and the receiver drop duplicates by ``id`` (at most 80 letters, digits and hyphens). A FIFO queue
    keeps messages of one ``group`` in order."""

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
        """Loads boto3, which takes some tenths of a second, and finds region and credentials; sends no request. Raises
        as ``clients.make_client``."""
        if self._client is None:
            self._client = clients.make_client("sqs", read_timeout=READ_TIMEOUT_SECONDS, attempts=1)

    def send(self, messages: Sequence[QueueMessage]) -> dict[str, str]:
        """Sends at most MAX_MESSAGES messages in one request; returns those that the queue did not take, id to reason.

        Raises QueueUnavailable when it is unknown whether it took any: send them again; QueueRefused when it is missing
        or forbidden and took none; or as ``open``.
        """
        self.open()
        try:
            answer = self._client.send_message_batch(
                QueueUrl=self._url, Entries=[self._entry(message) for message in messages]
            )
        except boto_errors() as error:
            refusal = refusal_of(error)
            kind = QueueUnavailable if isinstance(refusal, TransientRefusal) else QueueRefused
            raise kind(f"The queue {self._url} ({SETTING}) takes no messages ({refusal.brief}).") from None
        return {entry["Id"]: str(entry.get("Code", "unknown")) for entry in answer.get("Failed", [])}

    def _entry(self, message: QueueMessage) -> Mapping[str, str]:
        entry = {"Id": message.id, "MessageBody": message.body}
        if self._fifo:
            entry |= {"MessageGroupId": message.group, "MessageDeduplicationId": message.id}
        return entry


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
