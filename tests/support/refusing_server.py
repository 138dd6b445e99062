"""A server that refuses every request as AWS does: in XML like S3 and STS, in JSON like SQS and ECS."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch

from tests.support.aws import REGION


@dataclass
class RefusingServer:
    """The answer to every request: an HTTP status, AWS's code, and its sentence."""

    url: str
    status: int = 400
    code: str = "NotSaid"
    message: str = "in AWS's own words"

    def body(self, asked: bytes, *, as_json: bool) -> bytes:
        if as_json:
            return json.dumps({"__type": f"com.amazonaws#{self.code}", "message": self.message}).encode()
        error = f"<Error><Code>{self.code}</Code><Message>{self.message}</Message></Error>".encode()
        return b"<ErrorResponse>" + error + b"</ErrorResponse>" if asked.startswith(b"Action=") else error


@contextmanager
def run_refusing_server() -> Iterator[RefusingServer]:
    """Makes such a server the endpoint of every AWS tool."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _refuse(self) -> None:
            asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = server.body(asked, as_json="X-Amz-Target" in self.headers)
            self.send_response(server.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET = do_PUT = do_POST = do_DELETE = _refuse  # noqa: N815  (names of the standard library's)

        def log_message(self, *_: object) -> None:
            return

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    server = RefusingServer(f"http://127.0.0.1:{listener.server_address[1]}")
    environment = {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }
    try:
        with patch.dict("os.environ", environment):
            yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join(10)
