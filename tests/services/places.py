"""What tests of places where goods go say a lot: friends of two referrers buy, and where to."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

from siyu.api.order_event import read_event
from siyu.services import identities
from siyu.services.record_order import record_order
from siyu.services.sign_up import SignedUp
from tests.services.rules import OPEN, ago, bind, credits_by_order, member, rule, trigger
from tests.support import NOW, SOURCE

PLACE, PHONE = "上海市徐汇区淮海中路 1000 号 5-201", "+86 138 0013 8000"
FRIENDS = ("bob", "cat", "dan")
_deliveries = count()


def crowd(most: int | None = 2) -> dict[str, SignedUp]:
    """Ann, who brought Bob, and Eve, who brought Cat and Dan; so many friends may share a place."""
    rule(checks=replace(OPEN, friends_per_delivery=most))
    at, names = ago(90), ("ann", "eve", *FRIENDS)
    people = {name: member(name, number, at) for number, name in enumerate(names, 1)}
    for friend, by in (("bob", "ann"), ("cat", "eve"), ("dan", "eve")):
        bind(people[by], people[friend], at)
    return people


def tell(order_id: str, days_ago: float, place: Any = None, **data: Any) -> None:
    """A sale as a source tells it; where it goes is what a canonical event calls its delivery."""
    said = {
        "order_id": order_id,
        "paid_minor": 10_000,
        "currency": "CNY",
        "occurred_at": ago(days_ago).isoformat(),
        **({} if place is None else {"delivery": place}),
        **data,
    }
    event = {"type": "order.paid", "data": said}
    record_order(read_event(SOURCE, f"place-{next(_deliveries)}", NOW, event))


def order(
    who: str, days_ago: float = 1, address: str = PLACE, name: str = "", **place: Any
) -> None:
    """An order of a friend's, which is called like them if it has no name."""
    told = {"address": address, **place}
    tell(name or who, days_ago, told, buyer={"openid": who})


def settle(people: dict[str, SignedUp], *friends: str) -> None:
    for who in friends:
        trigger(people[who], who)


def numbers() -> dict[str, int]:
    """How many friends each order's decision counts at its place."""
    return {name: one.evidence.friends_per_delivery for name, one in credits_by_order().items()}


def reasons(order_id: str) -> tuple[str, ...]:
    return credits_by_order()[order_id].decision.reasons


def mark(text: str, kind: str = "delivery") -> str:
    """The mark of a text as it is after normalising."""
    return identities.address_mark(kind, text)
