"""A TCP proxy that breaks connections on purpose: cut, stalled, delayed or dropped at chosen bytes."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

Direction = Literal["up", "down"]
"""``up`` is towards the server."""
_BLOCK = 4096


@dataclass
class Break:
    """When ``after`` bytes in all have passed in a direction, that connection is cut, stalled for good, or delayed."""

    how: Literal["cut", "stall", "delay"]
    direction: Direction
    after: int
    seconds: float = 0.5
    """Of a delay."""
    happened: bool = False


class Proxy:
    """Listens on a free port of loopback and forwards to wherever ``connect_upstream`` connects."""

    def __init__(self, connect_upstream: Callable[[], socket.socket]) -> None:
        self._connect_upstream = connect_upstream
        self._breaks: list[Break] = []
        self._passed: dict[Direction, int] = {"up": 0, "down": 0}
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._closed = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def add(self, *breaks: Break) -> None:
        """Arms breaks; they count bytes from now on."""
        with self._lock:
            for item in breaks:
                item.after += self._passed[item.direction]
            self._breaks += breaks

    def cut_all(self) -> None:
        """Cuts every connection there is now."""
        with self._lock:
            sockets, self._sockets = self._sockets, set()
        for each in sockets:
            _close(each)

    def close(self) -> None:
        self._closed.set()
        self._listener.close()
        self.cut_all()

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = self._connect_upstream()
            except OSError:
                client.close()
                continue
            with self._lock:
                self._sockets |= {client, server}
            for source, target, direction in ((client, server, "up"), (server, client, "down")):
                threading.Thread(target=self._pump, args=(source, target, direction), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, direction: Direction) -> None:
        with suppress(OSError):
            while data := source.recv(_BLOCK):
                item, before = self._due(direction, len(data))
                if item is not None:
                    target.sendall(data[:before])
                    if item.how == "cut":
                        break
                    if item.how == "stall":
                        self._closed.wait()
                        break
                    time.sleep(item.seconds)
                    data = data[before:]
                target.sendall(data)
        _close(source)
        _close(target)

    def _due(self, direction: Direction, count: int) -> tuple[Break | None, int]:
        """The break that falls into the next ``count`` bytes, and how many of them still pass."""
        with self._lock:
            passed = self._passed[direction]
            self._passed[direction] += count
            for item in self._breaks:
                if not item.happened and item.direction == direction and passed + count > item.after:
                    item.happened = True
                    return item, max(item.after - passed, 0)
        return None, count


@contextmanager
def proxy_to(connect_upstream: Callable[[], socket.socket]) -> Iterator[Proxy]:
    proxy = Proxy(connect_upstream)
    try:
        yield proxy
    finally:
        proxy.close()


def unix_socket(path: str) -> Callable[[], socket.socket]:
    def connect() -> socket.socket:
        upstream = socket.socket(socket.AF_UNIX)
        upstream.connect(path)
        return upstream

    return connect


def tcp_socket(host: str, port: int) -> Callable[[], socket.socket]:
    return lambda: socket.create_connection((host, port))


def _close(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
