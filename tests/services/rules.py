"""What tests of the referral rules say a lot: these rules hold, a friend joins and buys."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from siyu.domain.credits import Credit
from siyu.domain.programmes import Checks, Programme
from siyu.domain.referrals import Binding
from siyu.errors import ContentionError
from siyu.services.credit_referral import Following, credit_referral, following
from siyu.services.sign_up import SignedUp
from siyu.storage import bindings, history, programmes
from siyu.storage.transaction import Transaction
from tests.services.shop import paid, receipt, scan
from tests.support import NOW, at_once, dump

JOINED = NOW - timedelta(days=20)
OPEN = Checks(None, None, None, None, None, None, None, None)
"""Nobody looks at anything first."""


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def rule(version: str = "v", days_ago: float = 300, **fields: Any) -> Programme:
    """Let rules hold since so many days ago."""
    programme = Programme(version, ago(days_ago), **{"checks": OPEN, **fields})
    programmes.append(programmes.load(), programme)
    return programme


def member(name: str, number: int, at: datetime = JOINED) -> SignedUp:
    """Somebody joins; what they buy names them by their openid, which is their name."""
    return scan(receipt(number, at.date()), name, now=at)


def bind(referrer: SignedUp, friend: SignedUp, at: datetime = JOINED, **fields: Any) -> None:
    """As if the friend had come by the referrer's code."""
    write = Transaction()
    bindings.bind(write, Binding(friend.member_id, referrer.member_id, at, **fields))
    write.commit()


def pair(at: datetime = JOINED) -> tuple[SignedUp, SignedUp]:
    """Ann, and Bob whom she brought."""
    ann, bob = member("ann", 1, at), member("bob", 2, at)
    bind(ann, bob, at)
    return ann, bob


def buy(order_id: str, amount: int, days_ago: float = 1, who: str = "bob", **more: Any) -> None:
    at = ago(days_ago).isoformat()
    paid(order_id, amount, buyer={"openid": who}, occurred_at=at, **more)


def trigger(friend: SignedUp, *order_ids: str) -> None:
    """What the stream does about these orders, one after another."""
    for order_id in order_ids:
        credit_referral(f"shop#{order_id}", following({friend.member_id}), NOW)


def all_at_once(shared: Following, count: int) -> None:
    """The triggers of orders 0 and so on at once; who loses too often is delivered again."""

    def once(left: list[str]) -> list[str]:
        outcomes = at_once(len(left), lambda one: credit_referral(left[one], shared, NOW))
        pairs = list(zip(left, outcomes, strict=True))
        failed = {key: type(one) for key, one in pairs if isinstance(one, Exception)}
        assert set(failed.values()) <= {ContentionError}
        assert len(failed) < len(left), "nobody gets through"
        return list(failed)

    left = [f"shop#{number}" for number in range(count)]
    while left:
        left = once(left)


def credits_by_order() -> dict[str, Credit]:
    """All credits by the order's own id."""
    return {
        one.order_key.partition("#")[2]: one
        for one in history.referrals()
        if isinstance(one, Credit)
    }


def kept() -> dict[str, int]:
    """What each order earns after refunds; nothing is left out."""
    return {name: one.kept_minor for name, one in credits_by_order().items() if one.kept_minor}


def used() -> dict[str, int]:
    """What is counted against each cap, by the key's window."""
    return {
        pk.rpartition("#")[2]: int(item["used_minor"]["N"])
        for (pk, _), item in dump().items()
        if item["kind"]["S"] == "CAP"
    }
