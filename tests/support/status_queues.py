"""SQS queues on moto's server: making, emptying and forbidding them, and a server that never answers."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.request import Request, urlopen

import boto3


def make_queue(name: str) -> str:
    """Returns the queue's URL; a name that ends with ``.fifo`` makes a FIFO queue."""
    attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    return str(_sqs().create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])


def take_messages(url: str) -> list[dict[str, Any]]:
    """All messages of a queue, parsed, in the order in which the queue gives them; the queue is empty afterwards."""
    sqs, bodies = _sqs(), []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages"):
        for message in messages:
            bodies.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return bodies


@contextmanager
def permission_denied() -> Iterator[None]:
    """AWS refuses every call with these credentials."""
    _authorize_after(0)
    try:
        yield
    finally:
        _authorize_after(float("inf"))


@contextmanager
def silent_server() -> Iterator[str]:
    """URL of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    held.append(listener.accept()[0])

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for connection in held:
                connection.close()


def _authorize_after(calls: float) -> None:
    url = f"{os.environ['AWS_ENDPOINT_URL']}/moto-api/reset-auth"
    header = {"Content-Type": "text/plain"}  # urllib's own default would make a form of it
    with urlopen(Request(url, data=str(calls).encode(), headers=header, method="POST")):
        pass


def _sqs() -> Any:
    return boto3.client("sqs")
