"""An HTTP proxy before an AWS endpoint that answers chosen calls itself, with failures that moto does not know."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Answer = tuple[int, dict[str, Any]]
"""HTTP status and JSON body."""


@dataclass
class AwsProxy:
    """``answers`` are given, each once and in order, to calls of that operation; every other call is handed on."""

    url: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def bodies(self, operation: str) -> list[dict[str, Any]]:
        return [body for name, body in list(self.calls) if name == operation]


@contextmanager
def aws_proxy(upstream: str) -> Iterator[AwsProxy]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            with lock:
                proxy.calls.append((operation, json.loads(body or b"{}")))
                prepared = proxy.answers.get(operation, [])
                answer = prepared.pop(0) if prepared else None
            if answer is not None:
                self._reply(answer[0], json.dumps(answer[1]).encode())
            else:
                self._hand_on(body)

        def _hand_on(self, body: bytes) -> None:
            parts = urlsplit(upstream)
            connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
            try:
                headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
                connection.request("POST", self.path, body=body, headers=headers)
                response = connection.getresponse()
                self._reply(response.status, response.read())
            finally:
                connection.close()

        def _reply(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy = AwsProxy(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
