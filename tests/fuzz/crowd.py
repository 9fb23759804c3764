"""Who asks, and what was answered: the outer side of the API under test."""

from __future__ import annotations

import contextlib
import itertools
from collections import defaultdict
from collections.abc import Iterator, MutableMapping
from typing import Any

from infra.local.server import Receive, Scope, Send
from tests.fuzz.asgi import Application
from tests.fuzz.document import Document, Operation

FUZZ, DIRECTED = "fuzz", "directed"


class Crowd:
    """The API, as if everybody had an address of their own; notes the statuses really answered.

    Else the limits would hide everything behind a 429.
    """

    def __init__(self, inner: Application, document: Document) -> None:
        self._inner = inner
        self._document = document
        self._numbers = itertools.count()
        self._address: str | None = None
        self._asker = DIRECTED
        self.answered: dict[str, dict[Operation, set[int]]] = {
            FUZZ: defaultdict(set),
            DIRECTED: defaultdict(set),
        }

    @contextlib.contextmanager
    def of_the_generator(self) -> Iterator[None]:
        """Whoever asks while this lasts is the generator."""
        self._asker = FUZZ
        try:
            yield
        finally:
            self._asker = DIRECTED

    @contextlib.contextmanager
    def from_one_address(self, address: str) -> Iterator[None]:
        """Everybody in one house, for as long as this lasts."""
        self._address = address
        try:
            yield
        finally:
            self._address = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = self._document.operation(scope.get("method", ""), scope.get("path", ""))
        asker = self._asker

        async def note(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and operation is not None:
                self.answered[asker][operation].add(message["status"])
            await send(message)

        await self._inner({**scope, "client": (self._address or self._next(), 0)}, receive, note)

    def _next(self) -> str:
        number = next(self._numbers)
        return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
