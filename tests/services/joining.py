"""What tests of orders that turn out to tell of a sale say a lot."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from siyu.domain.calendar import business_date
from siyu.domain.credits import Credit
from siyu.services.credit_referral import credit_referral, following
from siyu.services.record_order import record_order
from siyu.services.release_credits import release_due
from siyu.services.sign_up import SignedUp
from siyu.storage import credit_items, ledger
from siyu.storage.transaction import Transaction
from tests.books import check_books
from tests.services.rules import ago, pair
from tests.services.shop import event
from tests.support import NOW, dump

SALE = "~sale#42"
TODAY = business_date(NOW)


def tell(
    order_key: str, amount: int = 10_000, days_ago: float = 18, who: str = "bob", **more: Any
) -> None:
    """Paid long enough ago for its credit to be released, unless it is said when."""
    source, _, order_id = order_key.partition("#")
    at = ago(days_ago).isoformat()
    about: dict[str, Any] = {"order_id": order_id, "paid_minor": amount, "occurred_at": at}
    record_order(
        replace(event("order.paid", **about, buyer={"openid": who}, **more), source=source)
    )


def follow(friend: SignedUp, *order_keys: str, now: datetime = NOW) -> None:
    for key in order_keys:
        credit_referral(key, following({friend.member_id}), now)


def has(member: SignedUp) -> tuple[int, int]:
    """What waits of somebody's credit, and what can be spent."""
    balance = ledger.balance_of([member.member_id])[member.member_id]
    return balance.pending_minor, balance.released_minor


def sale() -> Credit:
    found = credit_items.find(SALE)
    assert found is not None
    return found


def alone(amount: int = 10_000) -> tuple[SignedUp, SignedUp]:
    """Ann, and Bob, of whose purchase a till tells, but not of the payment."""
    ann, bob = pair()
    tell("till#1", amount)
    follow(bob, "till#1")
    return ann, bob


def release(now: datetime = NOW) -> int:
    return release_due(business_date(now), now)


def sold(bob: SignedUp, amount: int = 10_000, days_ago: float = 18, now: datetime = NOW) -> None:
    """A shop tells of the sale."""
    tell("shop#1", amount, days_ago, payment_id="42")
    follow(bob, "shop#1", SALE, now=now)


def joins(bob: SignedUp, amount: int = 10_000, now: datetime = NOW) -> None:
    """The till says that it was this payment; saying it again changes nothing."""
    tell("till#1", amount, payment_id="42")
    follow(bob, "till#1", SALE, now=now)
    check_books()
    stands = dump()
    follow(bob, "till#1", SALE, now=now)
    assert dump() == stands


def over(key: str, day: date) -> None:
    """Let a credit end on a day."""
    credit = credit_items.find(key)
    assert credit is not None
    write = Transaction()
    credit_items.put(write, replace(credit, expires_on=day, version=credit.version + 1))
    write.commit()
