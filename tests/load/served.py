"""The local server with two things more: a bare route, and addresses that a driver names."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from infra.local.process import free_port
from infra.local.runner import LocalCloud
from infra.local.server import Gateway, Receive, Scope, Send, body_of
from tests.fuzz.asgi import Application
from tests.load.line import ADDRESS
from tests.load.offices import BARE

STOP_SECONDS = 30.0


class Door:
    """In front of the gateway, in the place of the addresses of the world."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == BARE:
            await body_of(receive)
            headers = [(b"content-length", b"2")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"{}"})
            return
        named = {name: value for name, value in scope["headers"] if name == ADDRESS.encode()}
        headers = [pair for pair in scope["headers"] if pair[0] not in named]
        address = next(iter(named.values()), b"127.0.0.1").decode()
        await self._inner({**scope, "headers": headers, "client": (address, 0)}, receive, send)


@contextmanager
def served(cloud: LocalCloud) -> Iterator[int]:
    """The port at which the cloud answers, from a thread of this process."""
    port = free_port()
    config = uvicorn.Config(
        Door(Gateway(cloud)), host="127.0.0.1", port=port, log_level="error", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="api", daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS)
