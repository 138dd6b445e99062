"""moto's server: AWS over real HTTP on loopback."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from unittest.mock import patch
from urllib.request import Request, urlopen

import boto3
from moto.server import ThreadedMotoServer

REGION: Literal["ca-central-1"] = "ca-central-1"


@contextmanager
def aws() -> Iterator[dict[str, str]]:
    """Starts the server and yields the environment by which every AWS tool finds it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    # Its lines about every request are nobody's log lines.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }
    # All servers of a process share one account, so each begins with an empty one.
    with urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")):
        pass
    try:
        with patch.dict(os.environ, environment):
            yield environment
    finally:
        server.stop()


def make_bucket(name: str) -> None:
    boto3.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
