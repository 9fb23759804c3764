"""Break the line to DynamoDB where a test says: before a call arrives, or after it took effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session

from siyu.storage.items import Item


class KilledError(BaseException):
    """The process died here; nothing in the code may catch it."""


Fault = Callable[[int, str], str | None]
# How a call may kill its caller. Dying before a call leaves what dying after the one before it
# leaves, so `make test-slow` alone tries it.
DEATHS = (pytest.param("killed before", marks=pytest.mark.slow), "killed after")
# What may happen to a call. A lost answer costs time-outs and is tried by `make test-slow`.
ACCIDENTS = (
    *DEATHS,
    pytest.param("lost before", marks=pytest.mark.slow),
    pytest.param("lost after", marks=pytest.mark.slow),
)


class Line:
    """Counts calls; `fault(number, operation)` names what happens to a call, if anything.

    "lost before" and "lost after": the caller sees a time-out; the SDK may then try again.
    "killed before" and "killed after": the caller dies. "conflict": a transaction is cancelled.
    """

    def __init__(self, fault: Fault) -> None:
        self.calls: list[str] = []
        self._fault = fault
        self._http = URLLib3Session()

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        target: Any = request.headers["X-Amz-Target"]  # bytes, whatever its stub says
        operation = target.decode().rpartition(".")[2]
        self.calls.append(operation)
        fault = self._fault(len(self.calls), operation)
        if fault is None:
            return None
        if fault == "conflict":
            return _conflict(request)
        if fault.endswith("after"):
            self._http.send(request)
        if fault.startswith("killed"):
            raise KilledError
        raise ReadTimeoutError(endpoint_url=request.url)

    def close(self) -> None:
        self._http.close()


def at_call(number: int, accident: str) -> Fault:
    """The accident happens to one call, counted from 1."""
    return lambda count, _: accident if count == number else None


def once_before(number: int, work: Callable[[], object]) -> Fault:
    """The world moves on between two calls: `work` is done before one of them, counted from 1."""
    done: list[bool] = []

    def fault(count: int, _: str) -> None:
        if count == number and not done:
            done.append(True)
            work()

    return fault


@contextmanager
def line(fault: Fault = lambda _number, _operation: None) -> Iterator[Line]:
    """Every call of the models goes over this line."""
    events: Any = Item._get_connection().connection.client.meta.events
    broken = Line(fault)
    events.register("before-send.dynamodb", broken)
    try:
        yield broken
    finally:
        events.unregister("before-send.dynamodb", broken)
        broken.close()


class Canned:
    """The body of an answer that nobody sent."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._data


def _conflict(request: AWSPreparedRequest) -> AWSResponse:
    reasons = b'[{"Code":"None"},{"Code":"TransactionConflict","Message":"busy"}]'
    body = (
        b'{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",'
        b'"Message":"Transaction cancelled [None, TransactionConflict]",'
        b'"CancellationReasons":' + reasons + b"}"
    )
    headers = HTTPHeaders.from_dict({"content-type": "application/x-amz-json-1.0"})
    return AWSResponse(request.url, 400, headers, Canned(body))
