"""Who and what there is to ask about: members, receipts, coupons, operators; and how to ask.

Imported once the cloud runs: the functions' modules read the environment that it sets.
"""

from __future__ import annotations

import functools
import http.client
import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from infra.local.dev import receipt_token
from siyu.api import console
from siyu.domain.coupons import Benefit
from siyu.domain.quarantine import Name
from siyu.errors import UnprocessableEventError
from siyu.services.issue_coupon import issue_coupon
from siyu.services.quarantine_message import quarantine_message
from tests.fuzz import wealth
from tests.fuzz.crowd import Crowd
from tests.fuzz.ground import Ground
from tests.fuzz.known import STORE, Known
from tests.fuzz.senders import Senders, Sent

JSON = {"content-type": "application/json"}
TRIAL = Benefit("trial", value_minor=100, min_spend_minor=0, valid_days=30, per_person=1_000)
OPERATOR = "ann"
SEVERAL = 20


@dataclass(frozen=True)
class Reply:
    """What came back over HTTP."""

    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Member:
    """Somebody who joined by scanning a receipt; `authorization` is the header's value."""

    openid: str
    member_id: str
    authorization: str
    receipt: str


@dataclass(frozen=True)
class World:
    """Everything that a directed request may need; `port` is where the API is served."""

    cloud: Ground
    crowd: Crowd
    senders: Senders
    port: int
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _began: int = field(default_factory=lambda: int(time.time()))

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request over the API's own HTTP server."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            target = f"{path}?{urlencode(query)}" if query else path
            connection.request(method, target, body or None, dict(headers or {}))
            answer = connection.getresponse()
            return Reply(answer.status, answer.read())
        finally:
            connection.close()

    def send(self, sent: Sent, method: str = "POST") -> Reply:
        return self.ask(method, sent.path, sent.body, sent.headers, sent.query)

    def tell(self, method: str, path: str, fields: Any, authorization: str = "") -> Reply:
        """The same with a JSON body, perhaps signed in."""
        headers = JSON | ({"authorization": authorization} if authorization else {})
        return self.ask(method, path, json.dumps(fields).encode(), headers)

    def login(self, openid: str) -> str:
        """A login code that the stand-in of WeChat takes once."""
        return f"{openid}.{next(self._numbers)}"

    def receipt(self) -> str:
        """A token that no other receipt has."""
        return receipt_token(self.cloud, STORE, self._began - next(self._numbers))

    def join(self, openid: str, **more: str) -> Member:
        """Somebody joins by scanning a receipt of their own; `more` are fields of the scan."""
        receipt = self.receipt()
        fields = {"token": receipt, "login_code": self.login(openid), **more}
        reply = self.tell("POST", "/v1/scans", fields)
        assert reply.status == 200, f"{openid} cannot join: {reply}"
        joined = reply.json()
        session = f"Bearer {joined['session']['token']}"
        return Member(openid, joined["member"]["id"], session, receipt)

    @functools.cached_property
    def member(self) -> Member:
        """Who is signed in wherever it does not matter who it is."""
        return self.join("fuzz")

    @functools.cached_property
    def gone(self) -> Member:
        """Somebody who was erased, and whose session goes on for a while."""
        member = self.join("gone")
        fields = {"login_code": self.login(member.openid)}
        self.tell("DELETE", "/v1/me", fields, member.authorization)
        return member

    @functools.cached_property
    def rich(self) -> Member:
        """Whose credit tills ask for."""
        return self.join("rich")

    def coupons(self, count: int) -> list[str]:
        """Codes of coupons that the member has and that any purchase is enough for."""
        now = datetime.now(UTC)
        return [issue_coupon(self.member.member_id, TRIAL, now).code for _ in range(count)]

    @functools.cached_property
    def operator(self) -> str:
        """The authorization of somebody behind the console."""
        return f"Bearer {console.issue(OPERATOR, datetime.now(UTC)).token}"

    def set_aside(self, message: str) -> str:
        """The id of a message that a worker had to set aside."""
        now, message_id = datetime.now(UTC), f"fuzz-{next(self._numbers)}"
        quarantine_message(message_id, message, UnprocessableEventError("fuzz", "fuzz"), now)
        return str(Name.of(message_id, now))

    def known(self) -> Known:
        """What the generator is helped with."""
        messages = ("{}", "[]", '{"source":"shop"}', '{"account":"wecom"}')
        return Known(
            self.cloud.env["CURRENCY"],
            self.member.authorization,
            self.operator,
            self.coupons(SEVERAL),
            [self.receipt() for _ in range(SEVERAL)],
            [self.set_aside(message) for message in messages],
            [wealth.wallet_code(self, wealth.rich(self)) for _ in range(SEVERAL)],
            [wealth.held(self) for _ in range(SEVERAL)],
            wealth.doubted(self, "known", 4),
            [self.join("looked-at").member_id],
        )
