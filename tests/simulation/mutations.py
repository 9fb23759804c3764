"""Mistakes that somebody could make in the production code; the simulation must notice each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from siyu.domain.figures import Figures
from siyu.domain.order_facts import Refunded
from siyu.domain.orders import Order
from siyu.domain.referrals import target_of
from siyu.services import credit_referral
from siyu.storage.transaction import Transaction
from tests.simulation.ground import WORKERS

Patch = tuple[Any, str, Callable[..., Any]]


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


REFUND: Any = Order._with_refund
EXCHANGE, TARGET = Figures.exchange, target_of

MUTATIONS: dict[str, list[Patch]] = {
    "a refund is added to what was reported for it before": [(Order, "_with_refund", _sums)],
    "an order's old contribution stays in the figures": [(Figures, "exchange", _adds_only)],
    "items are written whatever was written since they were read": [
        (Transaction, "create", _overwrites),
        (Transaction, "replace", _overwrites),
    ],
    "a credit ignores refunds": [(credit_referral, "target_of", _keeps_all)],
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
