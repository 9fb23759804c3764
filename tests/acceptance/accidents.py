"""Accidents on the line that several scenarios need, beyond those of `tests.faults`."""

from __future__ import annotations

import json
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from siyu.aws import client
from siyu.storage.items import CONNECTION
from tests.faults import Canned, Fault, Line, line

WRITE = "TransactWriteItems"


@contextmanager
def whole_line(fault: Fault = lambda _number, _operation: None) -> Iterator[Line]:
    """Every call to the table and to the queue goes over this line."""
    events = client("sqs").meta.events
    with line(fault) as broken:
        events.register("before-send.sqs", broken)
        try:
            yield broken
        finally:
            events.unregister("before-send.sqs", broken)


def first(accidents: Sequence[str | None], operation: str = WRITE) -> Fault:
    """What happens to the first calls of one operation, one after the other."""
    waiting = iter(accidents)
    return lambda _, name: next(waiting, None) if name == operation else None


class Hook(ABC):
    """Sees every request to the table before it is sent, and may answer in its place."""

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        target: Any = request.headers["X-Amz-Target"]
        return self.on(target.decode().rpartition(".")[2], request)

    @abstractmethod
    def on(self, operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        """What the table answers, or None to send the request."""

    def close(self) -> None:  # noqa: B027 - most hold nothing
        """Let go of what it holds."""


@contextmanager
def hooked(hook: Hook) -> Iterator[None]:
    events: Any = CONNECTION.client.meta.events
    events.register("before-send.dynamodb", hook)
    try:
        yield
    finally:
        events.unregister("before-send.dynamodb", hook)
        hook.close()


def said_in(request: AWSPreparedRequest) -> str:
    """The body of a request to the table."""
    body = request.body
    assert isinstance(body, bytes)
    return body.decode()


class ForgottenToken(Hook):
    """The answer to a write is lost, and when the SDK asks again, its token has expired.

    DynamoDB remembers a token for ten minutes. A retry under another token is what it sees after.
    """

    def __init__(self) -> None:
        self.writes: list[dict[str, Any]] = []
        self._line = Line(first(["lost after"]))

    def on(self, operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        if operation != WRITE:
            return None
        body = json.loads(said_in(request))
        if self.writes:
            body["ClientRequestToken"] = str(uuid.uuid4())
            request.body = json.dumps(body, separators=(",", ":")).encode()
            request.headers["Content-Length"] = str(len(request.body))
        self.writes.append(body)
        return self._line(request)

    def close(self) -> None:
        self._line.close()


class Throttled(Hook):
    """The table refuses calls for being too many; `left` says how many more, `seen` how many it
    refused."""

    def __init__(self, left: int) -> None:
        self.left, self.seen = left, 0

    def on(self, _operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        if self.seen >= self.left:
            return None
        self.seen += 1
        return refusal(request, "dynamodb", "ProvisionedThroughputExceededException")


def refusal(request: AWSPreparedRequest, service: str, code: str) -> AWSResponse:
    """The service's own no, in the form of its protocol."""
    kind = f"com.amazonaws.{service}#{code}"
    body = json.dumps({"__type": kind, "message": "Rate exceeded"}).encode()
    headers = HTTPHeaders.from_dict({"content-type": "application/x-amz-json-1.0"})
    return AWSResponse(request.url, 400, headers, Canned(body))
