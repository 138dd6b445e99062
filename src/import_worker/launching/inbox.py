"""The launch queue and its dead-letter queue: what can be done with a message that was received."""

import structlog

from import_worker.aws.queues import Message, Queue
from import_worker.launching.messages import PutAside
from import_worker.launching.plain_sentence import plain_sentence

log = structlog.stdlib.get_logger(__name__)

HANDLING_SECONDS = 60
"""How long a message is hidden while it is handled; it comes back by itself if the dispatcher dies meanwhile."""
FOLLOW_UP_SECONDS = 60
"""After how long a message for workers that found no room is received."""
MAX_REFUSED_RECEIVES = 6
"""After how many receives a message is put aside whose refusal only an operator can mend (a permission, a task
definition): after about a minute."""
FIRST_RETRY_SECONDS = 2
MAX_RETRY_SECONDS = 300


def retry_seconds(receives: int) -> int:
    """After how many seconds a message is received again: 2 after its first receive, doubled each time, up to 300."""
    return int(min(FIRST_RETRY_SECONDS * 2 ** min(receives - 1, 20), MAX_RETRY_SECONDS))


class Inbox:
    """Each method raises QueueUnavailable (a retry may help) or QueueRefused (no retry helps)."""

    def __init__(self, queue: Queue, dead_letters: Queue | None) -> None:
        self.queue = queue
        self._dead_letters = dead_letters

    def check(self) -> None:
        """Returns when both queues are there and may be used."""
        self.queue.check()
        if self._dead_letters is not None:
            self._dead_letters.check()

    def receive(self, wait_seconds: int) -> Message | None:
        return self.queue.receive(wait_seconds=wait_seconds, hidden_seconds=HANDLING_SECONDS)

    def follow_up(self, bodies: tuple[str, ...], delay_seconds: int = FOLLOW_UP_SECONDS) -> None:
        for body in bodies:
            self.queue.send(body, delay_seconds=delay_seconds)

    def delete(self, message: Message, why: str) -> None:
        log.info("message done", message=message.id, why=why)
        self.queue.delete(message)

    def put_off(self, message: Message, why: str, *, most_seconds: int = MAX_RETRY_SECONDS) -> None:
        """Hides the message for a while, longer the more often it was received; then it is received again."""
        seconds = min(retry_seconds(message.receives), most_seconds)
        log.info("message put off", message=message.id, why=why, seconds=seconds)
        self.queue.hide(message, seconds)

    def give_back(self, message: Message) -> None:
        self.queue.hide(message, 0)

    def put_aside(self, message: Message, refusal: PutAside) -> None:
        """Moves the message into the dead-letter queue, with the reason; without such a queue, puts it off."""
        details = {"message": message.id, "reason": str(refusal.reason), "why": refusal.sentence}
        if self._dead_letters is None:
            log.error(
                "message refused; with no SIN_IMPORT_DEAD_LETTER_QUEUE_URL it stays for the redrive policy", **details
            )
            self.queue.hide(message, retry_seconds(message.receives))
            return
        attributes = {"reason": str(refusal.reason), "sentence": plain_sentence(refusal.sentence)}
        self._dead_letters.send(message.body, attributes=attributes)
        self.queue.delete(message)
        log.error("message put into the dead-letter queue", **details)
