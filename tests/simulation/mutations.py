"""Mistakes that somebody could make in the production code; the simulation must notice each."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from siyu.domain import expiry, holds, succession
from siyu.domain.caps import caps_of
from siyu.domain.credits import Credit, reconcile
from siyu.domain.figures import Figures
from siyu.domain.order_facts import Refunded
from siyu.domain.orders import Order
from siyu.domain.referrals import target_of
from siyu.services import credit_case, expire_credit, grant_credit, post_credit, settle_case
from siyu.services.grant_credit import Grant
from siyu.storage import ledger
from siyu.storage.transaction import Transaction
from tests.simulation.ground import WORKERS

Patch = tuple[Any, str, Any]


def _sums(order: Order, fact: Refunded) -> Any:
    known = order.refunds.get(fact.refund_id, 0)
    return REFUND(order, replace(fact, amount_minor=known + fact.amount_minor))


def _adds_only(figures: Figures, _old: Any, new: Any) -> Figures:
    return EXCHANGE(figures, None, new)


def _overwrites(write: Transaction, label: str, item: Any, also: Any = None) -> None:
    write.put(label, item, also)


def _keeps_all(*about: Any) -> Any:
    return replace(TARGET(*about), reversed_minor=0)


def _drops(*_message: Any) -> None:
    return None


def _whatever_was_decided(credit: Credit) -> bool:
    return credit.state == "pending"


def _never_after_release(credit: Credit, target: Any, *others: Any) -> Any:
    less = target.earned_minor - target.reversed_minor < credit.kept_minor
    return (
        (credit, []) if less and credit.state == "released" else reconcile(credit, target, *others)
    )


def _twice(*about: Any) -> Any:
    return [replace(cap, most_minor=cap.most_minor and 2 * cap.most_minor) for cap in CAPS(*about)]


def _nothing(*_about: Any) -> int:
    return 0


def _always(*_about: Any) -> bool:
    return True


def _forgets_spent(lots: Any, balance: Any, day: Any) -> Any:
    return ENDED(lots, replace(balance, spent_minor=0), day)


def _takes_held(lots: Any, balance: Any, day: Any) -> Any:
    return ENDED(lots, replace(balance, held_minor=0), day)


def _as_if_rich(hold_key: str, wish: Any, balances: Any, now: Any) -> Any:
    rich = {one: replace(has, released_minor=wish.amount_minor) for one, has in balances.items()}
    return MAKE(hold_key, wish, rich, now)


def _anew(opened: Credit, _former: Credit) -> Credit:
    return opened


def _only_its_own(_estate: Any, _case: Any, heir: Any, _decision: Any) -> Any:
    return heir and heir.ruling


def _from_payment(credit: Credit, order: Order, programme: Any, _completed_at: Any) -> Credit:
    return RESCHEDULE(credit, order, programme)


FOLLOWER = importlib.import_module("referral_credit.handler")
REFUND: Any = Order._with_refund
EXCHANGE, TARGET, CAPS = Figures.exchange, target_of, caps_of
ENDED, MAKE, RESCHEDULE = expiry.ended, holds.make, succession.reschedule

MUTATIONS: dict[str, list[Patch]] = {
    "a refund is added to what was reported for it before": [(Order, "_with_refund", _sums)],
    "an order's old contribution stays in the figures": [(Figures, "exchange", _adds_only)],
    "items are written whatever was written since they were read": [
        (Transaction, "create", _overwrites),
        (Transaction, "replace", _overwrites),
    ],
    "a credit ignores refunds": [(settle_case, "target_of", _keeps_all)],
    "a release does not ask what was decided": [(Credit, "due", property(_whatever_was_decided))],
    "only the member's side of an entry is written": [(ledger, "add_to_account", _nothing)],
    "what is granted is not counted": [(Grant, "count", _nothing)],
    "a cap lets twice as much through": [(grant_credit, "caps_of", _twice)],
    "a merge leaves credits as they are": [(FOLLOWER, "credit_again", _nothing)],
    "a hold does not ask when an order was completed": [(settle_case, "reschedule", _from_payment)],
    "what was released waits again": [(credit_case.Estate, "lets_go", _nothing)],
    "a sale forgets what was decided about its orders": [
        (credit_case.Estate, "ruling_of", _only_its_own)
    ],
    "what was decided is lost where a sale goes elsewhere": [(settle_case, "put_aside", _anew)],
    "little that was released lets go much": [(credit_case.Estate, "lets_go", _always)],
    "a refund after the release takes nothing": [(post_credit, "reconcile", _never_after_release)],
    "expiry forgets what was spent": [(expire_credit, "ended", _forgets_spent)],
    "expiry takes what a till holds": [(expire_credit, "ended", _takes_held)],
    "a hold ignores the balance": [(holds, "make", _as_if_rich)],
    "a message that makes no sense is dropped": [
        (worker, "quarantine_message", _drops) for worker in WORKERS
    ],
}


@contextmanager
def mutated(name: str) -> Iterator[None]:
    """The production code of this process with one mistake in it."""
    with ExitStack() as stack:
        for target, attribute, instead in MUTATIONS[name]:
            stack.enter_context(patch.object(target, attribute, instead))
        yield
