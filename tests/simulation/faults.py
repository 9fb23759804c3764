"""The line to DynamoDB, with the weather of a world: calls are lost, refused, or end the process.

It answers botocore itself, over a connection of its own: what is above the line is the code as it
ships, and half of the time goes into what is below.
"""

from __future__ import annotations

import http.client
import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import botocore
import botocore.handlers
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError
from pynamodb.exceptions import PynamoDBException

from siyu.errors import ContentionError
from siyu.storage.items import CONNECTION
from tests.faults import Canned, KilledError
from tests.simulation.table import Key

# What the line does to a caller; anything else that comes out of a call is a mistake.
ACCIDENTS = (KilledError, BotoCoreError, ClientError, PynamoDBException, ContentionError)
TRANSACT = "TransactWriteItems"
READS = (b"BatchGetItem", b"GetItem", b"Query")
# What several want at once: the rest of a cap, and of somebody's credit.
RUSHED, RUSH = (b"CAP#", b'"HOLD"'), 5
CANCELLED = (
    '{{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",'
    '"Message":"Transaction cancelled [None, {0}]",'
    '"CancellationReasons":[{{"Code":"None"}},{{"Code":"{0}","Message":"busy"}}]}}'
)
THROTTLED = (
    '{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",'
    '"message":"busy"}'
)

# The engine looks whether a request is signed, not how; signing anew takes longer than answering.
SIGNED = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Date": "20260101T000000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request,"
    "SignedHeaders=host,Signature=0",
}


@dataclass(frozen=True)
class Weather:
    """How often what happens to a call, per thousand."""

    killed: int = 0
    lost: int = 0
    conflict: int = 0
    throttled: int = 0
    meanwhile: int = 0

    @classmethod
    def of(cls, chance: random.Random) -> Weather:
        """Some worlds are calm, some are rough in one way or in all."""
        return cls(
            killed=chance.choice((0, 5, 20, 60)),
            lost=chance.choice((0, 5, 20, 60)),
            conflict=chance.choice((0, 20, 100, 300, 600)),
            throttled=chance.choice((0, 10, 50)),
            meanwhile=chance.choice((0, 50, 150)),
        )


class Line:
    """Between botocore and the engine. `meanwhile` is called before a write, at times."""

    def __init__(self, endpoint: str) -> None:
        self.calm = True
        self._touched: set[Key] = set()
        self._committed: Callable[[dict[str, Any]], None] = lambda _body: None
        self._connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=30)
        self._chance = random.Random()
        self._weather = Weather()
        self._meanwhile: Callable[[], None] = lambda: None
        self._nested = False

    def begin(
        self, weather: Weather, chance: random.Random, meanwhile: Callable[[], None],
        committed: Callable[[dict[str, Any]], None],
    ) -> None:  # fmt: skip
        """`committed` is told the body of every transaction that took effect."""
        self._weather, self._chance, self._meanwhile = weather, chance, meanwhile
        self._committed = committed
        self._touched = set()
        self.calm, self._nested = False, False

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        target: Any = request.headers["X-Amz-Target"]
        operation = target.decode().rpartition(".")[2]
        if self.calm:
            return self._send(request)
        weather, chance = self._weather, self._chance
        if operation == TRANSACT and chance.randrange(1000) < self._rush(request):
            self._others()
        fault = chance.randrange(1000) - weather.killed
        if fault < 0:
            self._maybe_send(request)
            raise KilledError
        fault -= weather.lost
        if fault < 0:
            self._maybe_send(request)
            raise ReadTimeoutError(endpoint_url=request.url)
        return self._refused(request, operation) or self._send(request)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Calm for a while."""
        before, self.calm = self.calm, True
        try:
            yield
        finally:
            self.calm = before

    def _rush(self, request: AWSPreparedRequest) -> int:
        """How often others come between: more where there is a last one of something to have."""
        body: Any = request.body
        rushed = any(name in body for name in RUSHED)
        return self._weather.meanwhile * (RUSH if rushed else 1)

    def _refused(self, request: AWSPreparedRequest, operation: str) -> AWSResponse | None:
        roll = self._chance.randrange(1000)
        if operation == TRANSACT and roll < self._weather.conflict:
            return _answer(request, 400, CANCELLED.format("TransactionConflict").encode())
        if 1000 - roll <= self._weather.throttled:
            if operation == TRANSACT:
                return _answer(request, 400, CANCELLED.format("ThrottlingError").encode())
            return _answer(request, 400, THROTTLED.encode())
        return None

    def _others(self) -> None:
        """What other processes do between the reads and the write of this one."""
        if self._nested:
            return
        self._nested = True
        try:
            self._meanwhile()
        finally:
            self._nested = False

    def _maybe_send(self, request: AWSPreparedRequest) -> None:
        if self._chance.random() < 0.5:
            self._send(request)

    def _send(self, request: AWSPreparedRequest) -> AWSResponse:
        target: Any = request.headers["X-Amz-Target"]
        headers = {**SIGNED, "X-Amz-Target": target}
        body: Any = request.body
        if not target.endswith(READS):
            self._touched.update(_keys_in(json.loads(body)))
        self._connection.request("POST", "/", body, headers)
        response = self._connection.getresponse()
        answer = _answer(request, response.status, response.read())
        if response.status == 200 and target.endswith(TRANSACT.encode()):
            self._committed(json.loads(body))
        return answer

    def touched(self) -> set[Key]:
        """The keys of all that may have been written since this was asked."""
        touched, self._touched = self._touched, set()
        return touched

    def close(self) -> None:
        self._connection.close()


def _keys_in(body: Any) -> Iterator[Key]:
    """The keys of everything that a write writes."""
    for name in ("Item", "Key"):
        if name in body:
            yield body[name]["PK"]["S"], body[name]["SK"]["S"]
    for action in (*body.get("TransactItems", ()), *_batched(body)):
        for detail in action.values():
            yield from _keys_in(detail)


def _batched(body: Any) -> Iterator[Any]:
    for requests in body.get("RequestItems", {}).values():
        yield from requests


def _answer(request: AWSPreparedRequest, status: int, body: bytes) -> AWSResponse:
    headers = HTTPHeaders.from_dict({"content-type": "application/x-amz-json-1.0"})
    return AWSResponse(request.url, status, headers, Canned(body))


@contextmanager
def line(endpoint: str) -> Iterator[Line]:
    """Every call of the models goes over this line, unsigned and without a token: the engine walks
    all tokens of the last ten minutes, and a retry that is not recognised is the harder case."""
    client: Any = CONNECTION.client
    events = client.meta.events
    made = Line(endpoint)
    token = ("before-parameter-build", botocore.handlers.generate_idempotent_uuid)
    hooks = (("before-send.dynamodb", made), ("choose-signer.dynamodb", _unsigned))
    events.unregister(*token)
    for hook in hooks:
        events.register(*hook)
    # Where to send is a question that the SDK asks itself anew for every call.
    place: tuple[str, dict[str, str], dict[str, str]] = (endpoint, {}, {})
    try:
        with patch.object(client, "_resolve_endpoint_ruleset", lambda *_given, **_more: place):
            yield made
    finally:
        for hook in hooks:
            events.unregister(*hook)
        events.register(*token)
        made.close()


def _unsigned(**_: Any) -> Any:
    return botocore.UNSIGNED
