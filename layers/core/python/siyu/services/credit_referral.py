"""Bring the ledger to what an order owes its buyer's referrer."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from siyu.domain.orders import Order
from siyu.domain.referrals import (
    PROGRAMME,
    PROGRAMMES,
    Binding,
    Credit,
    Target,
    open_credit,
    reconcile,
    reschedule,
    target_of,
)
from siyu.services.match_people import are_one
from siyu.storage import ledger, members
from siyu.storage.transaction import retrying

Standing = tuple[Order | None, Credit | None]


def bindings_of(member_ids: Iterable[str]) -> Mapping[str, Binding]:
    """Who referred these members; most have nobody."""
    return members.bindings(set(member_ids))


def read_ahead(order_keys: Iterable[str]) -> dict[str, Standing]:
    """What some orders are and what they have earned so far, read together."""
    return ledger.look_up(order_keys)


def credit_referral(
    order_key: str, binding: Binding | None, now: datetime, ahead: Standing | None = None
) -> int:
    """Post the difference between target and ledger; returns the number of entries.

    `binding` is that of the order's member. A sale may have come to another member than before:
    then what it earned the referrer of the former is taken back, also if the new one has none.
    Works from the order as it stands, not as the trigger saw it, so late, repeated or reordered
    triggers end in the same ledger. `ahead` may be outdated: a write that rests on an old credit
    fails and all is read again, and an order that has moved on triggers this once more.
    """
    given = iter([ahead] if ahead else [])

    def attempt() -> int:
        standing = next(given, None) or ledger.look_up([order_key])[order_key]
        return _credit(order_key, binding, now, standing)

    return retrying(attempt)


def _credit(order_key: str, binding: Binding | None, now: datetime, standing: Standing) -> int:
    order, credit = standing
    if order is None or order.paid is None:
        return 0
    posted, counted = 0, order.payment_id is None
    if credit is not None and (credit.referee_id != order.member_id or not counted):
        credit, posted = _post(credit, Target(0, 0), now)
    if binding is None or binding.referee_id != order.member_id or not counted:
        return posted
    if credit is None or credit.referee_id != order.member_id:
        if are_one(order.member_id, [binding.referrer_id]):
            # Two accounts that turned out to be one person: nobody refers themselves.
            return posted
        version = credit.version if credit else 0
        opened = open_credit(order_key, order, binding, PROGRAMME)
        credit = replace(opened, version=version)
    rescheduled = reschedule(credit, order)
    target = target_of(order, binding, PROGRAMMES[credit.programme])
    return posted + _post(rescheduled, target, now, always=rescheduled != credit)[1]


def _post(
    credit: Credit, target: Target, now: datetime, *, always: bool = False
) -> tuple[Credit, int]:
    """Move a credit to its target; the credit as it stands then, and the number of entries.

    `always` writes it also when there is nothing to move.
    """
    moved, entries = reconcile(credit, target)
    if always and not entries and credit.version:
        moved = replace(credit, version=credit.version + 1)
    if entries or moved != credit:
        ledger.post([moved], entries, now)
    return moved, len(entries)
