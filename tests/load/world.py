"""What all visitors share: whom to sign for, who joined, and the book of what was accepted."""

from __future__ import annotations

import base64
import itertools
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from infra.demo.shop import load_signer
from siyu.domain.keys import store_code_key
from siyu.domain.standard_webhooks import sign
from tests.fuzz.senders import Senders, Sent, webhooks
from tests.load.book import Book
from tests.load.line import Line, Reply, insist, told

SHOP, TILLS, PAY = "shop", "tills", "pay"
STORES = tuple(f"{letter}{number}{letter}" for letter in "ABCDE" for number in range(4))
SHANGHAI = timezone(timedelta(hours=8))
# A shopper may have ten scans with an effect in a day.
SCANS = 8


@dataclass
class Member:
    """Somebody who joined, with what their phone keeps."""

    openid: str
    member_id: str
    authorization: str
    referral_code: str
    receipt: str
    scans: int = 1


@dataclass
class World:
    """`settings` are what the run knows of its cloud: secret, brand, currency, operator."""

    settings: Mapping[str, Any]
    chance: random.Random
    book: Book = field(default_factory=Book)
    members: list[Member] = field(default_factory=list)
    deciding: set[tuple[str, str]] = field(default_factory=set)
    redeemed: set[str] = field(default_factory=set)
    nights: list[None] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.senders = Senders(self.settings["secret"], self.settings["brand"])
        self.operator = str(self.settings["operator"])
        self.veterans = [Member(**one) for one in self.settings.get("veterans", ())]
        self._till = load_signer()

    def handed_on(self) -> dict[str, Any]:
        """What another process goes on with, by the settings of its world."""
        members = [asdict(one) for one in self.members]
        return {"book": self.book.entries, "veterans": members, "numbers": self.number()}

    def number(self) -> int:
        return next(self._numbers)

    def name(self, what: str) -> str:
        return f"{what}-{self.number()}"

    def amount(self) -> int:
        return self.chance.randrange(500, 90_000)

    def receipt(self) -> str:
        """A token that no other receipt has."""
        store = self.chance.choice(STORES)
        secret, brand = self.settings["secret"], self.settings["brand"]
        key = store_code_key(secret["master_key"].encode(), brand, store, 1)
        token: str = self._till.token(
            key, store, self.clock().astimezone(SHANGHAI).date(), self.number()
        )
        return token

    def login(self, openid: str) -> str:
        """A login code that the stand-in of WeChat takes once."""
        return f"{openid}.{self.number()}"

    def anybody(self) -> Member | None:
        return self.chance.choice(self.members) if self.members else None

    def scan(self, line: Line, openid: str, token: str, **more: str) -> Reply:
        def make() -> Sent:
            return told("/v1/scans", {"token": token, "login_code": self.login(openid), **more})

        return insist(line, make)

    def join(
        self, line: Line, receipt: str, referrer: Member | None = None, *,
        device: str = "", refused: str | None = None, passing: bool = False,
    ) -> Member | None:  # fmt: skip
        """Somebody whom nobody knows scans a receipt; who only passes is nobody else's friend."""
        openid, more = self.name("openid"), {"device_id": device} if device else {}
        if referrer is not None:
            more["referral_code"] = referrer.referral_code
        reply = self.scan(line, openid, receipt, **more)
        if reply.status != 200:
            return None
        answer = reply.json()
        session = f"Bearer {answer['session']['token']}"
        code, member_id = answer["member"]["referral_code"], answer["member"]["id"]
        member = Member(openid, member_id, session, code, receipt)
        brought_by = referrer.member_id if referrer else None
        self.book.note(
            "joined", member=member_id, openid=openid, referrer=brought_by, refused=refused
        )
        self.book.note("claimed", member=member_id, receipt=payload(receipt))
        if not passing:
            self.members.append(member)
        return member

    def claim(self, line: Line, member: Member, receipt: str) -> int:
        """A member scans a further receipt; the status of the answer."""
        member.scans += 1
        reply = self.scan(line, member.openid, receipt)
        if reply.accepted:
            self.book.note("claimed", member=member.member_id, receipt=payload(receipt))
        return reply.status

    def deliver(self, line: Line, source: str, body: bytes, delivery: str) -> Reply:
        """A webhook of one of the brand's own systems, sent until it is accepted or refused."""
        reply = insist(line, lambda: self.signed(source, body, delivery))
        if reply.accepted:
            self.book.note("delivered", source=source, delivery=delivery)
        return reply

    def signed(self, source: str, body: bytes, delivery: str) -> Sent:
        secret = self.settings["secret"]["webhooks"][source][0]
        at = int(self.clock().timestamp())
        headers = {
            "webhook-id": delivery,
            "webhook-timestamp": str(at),
            "webhook-signature": sign(secret, delivery, at, body),
        }
        return Sent(webhooks(source), body, headers)

    def event(self, kind: str, **data: Any) -> bytes:
        """A canonical event of this moment."""
        money = {"currency": self.settings["currency"]} if kind in MONEY else {}
        said = {name: value for name, value in data.items() if value is not None}
        content = {**said, **money, "occurred_at": self.clock().isoformat()}
        return json.dumps({"type": kind, "data": content}).encode()


MONEY = ("order.paid", "order.refunded")


def payload(token: str) -> str:
    """What a receipt is known by in the table: a token without its version and its signature."""
    return token[1:14]


def forged(token: str) -> str:
    """The same receipt with a signature that its till never made."""
    return token[:-1] + ("0" if token[-1] != "0" else "1")


def unsigned_session(member_id: str) -> str:
    """A token that names no algorithm, for whoever believes it."""
    parts = ({"alg": "none", "typ": "JWT"}, {"sub": member_id, "aud": "member"})
    texts = (base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in parts)
    return "Bearer " + ".".join(text.decode() for text in texts) + "."
