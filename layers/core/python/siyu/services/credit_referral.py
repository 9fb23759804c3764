"""Bring the ledger to what an order owes its buyer's referrer."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from siyu.domain.referrals import (
    PROGRAMME,
    Binding,
    open_credit,
    reconcile,
    target_of,
)
from siyu.storage import ledger, members
from siyu.storage.transaction import retrying


def bindings_of(member_ids: Iterable[str]) -> Mapping[str, Binding]:
    """Who referred these members; most have nobody."""
    return members.bindings(set(member_ids))


def credit_referral(order_key: str, binding: Binding, now: datetime) -> int:
    """Post the difference between target and ledger; returns the number of entries (0 to 2).

    Reads the order afresh, so late, repeated or reordered triggers end in the same ledger.
    """
    return retrying(lambda: _credit(order_key, binding, now))


def _credit(order_key: str, binding: Binding, now: datetime) -> int:
    order, credit = ledger.look_up(order_key)
    if order is None or order.paid is None:
        return 0
    target = target_of(order, binding, PROGRAMME)
    if credit is None:
        credit = open_credit(order_key, order, binding, PROGRAMME)
    moved, entries = reconcile(credit, target)
    if entries:
        ledger.post([moved], entries, now)
    return len(entries)
