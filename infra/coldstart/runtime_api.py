"""The half of Lambda that a runtime talks to.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
A function's INIT ends when it asks for its first event; here nothing answers until it is told to,
so the process stands still while its figures are read.
"""

from __future__ import annotations

import json
import queue
import socket
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

ARN = "arn:aws:lambda:us-east-1:000000000000:function:"
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0"
WAIT_SECONDS = 60.0
NEXT, RESPONSE = "next", "response"


class ColdStartError(RuntimeError):
    """A function did not start, or failed its event."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the runtime asked or told us: `next`, `response` or `error`, and when (monotonic)."""

    what: str
    at: float
    body: bytes


class RuntimeApi:
    """One runtime's API on a free port of this machine."""

    def __init__(self, function: str, timeout_seconds: int) -> None:
        self.function = function
        self.timeout_seconds = timeout_seconds
        self.said: queue.Queue[Said] = queue.Queue()
        self.events: queue.Queue[bytes] = queue.Queue()
        self._server = _Server(self)
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def hear(self, what: str) -> Said:
        """The next thing it says. Raises ColdStartError when it is another, or too late."""
        try:
            said = self.said.get(timeout=WAIT_SECONDS)
        except queue.Empty:
            raise ColdStartError(f"{self.function} says nothing") from None
        if said.what != what:
            raise ColdStartError(f"{self.function} said {said.what}: {said.body[:2000].decode()}")
        return said

    def send(self, event: dict[str, Any]) -> float:
        """Answer its question for an event; when that was."""
        content = json.dumps(event).encode()
        began = time.monotonic()
        self.events.put(content)
        return began

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, api: RuntimeApi) -> None:
        self.api = api
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a runtime that is ended breaks its connection."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        """/2018-06-01/runtime/invocation/next"""
        api = self.server.api
        api.said.put(Said(NEXT, time.monotonic(), b""))
        headers = {
            "Lambda-Runtime-Aws-Request-Id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + api.timeout_seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": ARN + api.function,
            "Lambda-Runtime-Trace-Id": TRACE,
        }
        self._answer(200, api.events.get(), headers)

    def do_POST(self) -> None:
        """.../invocation/{id}/response, .../invocation/{id}/error and .../init/error"""
        at = time.monotonic()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.api.said.put(Said(self.path.rpartition("/")[2], at, body))
        self._answer(202, b"{}", {})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        sent = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
        for name, value in sent.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""
