"""What both layers around the API have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from infra.local.server import Receive, Scope, Send

Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def giving(body: bytes) -> Receive:
    """A `receive` that gives this body at once."""

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
