"""A line to an endpoint that can be cut."""

from __future__ import annotations

import contextlib
import select
import socket
import socketserver
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

from infra.local.process import free_port

CHUNK = 65_536


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, port: int, target: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.target = target
        self.open: set[socket.socket] = set()


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Passes bytes on, in both directions, until one side has had enough."""
        with socket.create_connection(self.server.target) as far:
            for side in (far, self.request):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = {self.request: far, far: self.request}
            self.server.open.add(self.request)
            with contextlib.suppress(OSError):
                while all(_pass_on(near, pair[near]) for near in select.select(pair, (), ())[0]):
                    pass
            self.server.open.discard(self.request)


class Line:
    """Serves `target` at `address`; while it is cut nobody listens there."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (str(parts.hostname), int(parts.port or 80))
        self._port = free_port()
        self.address = f"http://127.0.0.1:{self._port}"
        self._server = self._listen()

    @contextlib.contextmanager
    def cut(self) -> Iterator[None]:
        """Whoever asks meanwhile finds a dead endpoint."""
        self.close()
        try:
            yield
        finally:
            self._server = self._listen()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._server.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> _Server:
        server = _Server(self._port, self._target)
        threading.Thread(
            target=server.serve_forever, args=(0.05,), name="line", daemon=True
        ).start()
        return server


def _pass_on(near: socket.socket, far: socket.socket) -> bool:
    data = near.recv(CHUNK)
    far.sendall(data)
    return bool(data)
