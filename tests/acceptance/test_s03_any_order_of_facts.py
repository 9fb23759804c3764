"""Scenario 3: created, paid, a refund of 30 %, a refund of 100 %, cancelled by the seller: in any
order and any number of times they come to the same order, the same figures and the same credit,
which is never below nothing; and no event is lost on the way."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.domain.credits import Credit, reconcile, release
from siyu.domain.figures import Figures
from siyu.domain.ledger import Balance, change_for
from siyu.domain.order_facts import Cancelled, Created, Fact, Paid, Refunded
from siyu.domain.orders import Order
from siyu.domain.programmes import PROGRAMME
from siyu.domain.referrals import Binding, Target
from siyu.domain.succession import open_credit
from tests.acceptance.orders import (
    balance,
    cancelled,
    figures,
    follow,
    friends,
    of_kind,
    paid,
    quarantined,
    refunded,
    told,
    work,
)
from tests.referring import owed
from tests.support import kinds

CASES, ROADS = 10_000, 8
NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)
BINDING = Binding("FRIEND", "SENDER", NOON)


def facts_of(amount: int, two_refunds: bool) -> list[Fact]:
    """The five facts of a sale; the whole refund is the first one grown, or one of its own."""
    part = max(amount * 3 // 10, 1)
    whole = "r2" if two_refunds else "r1"
    return [
        Paid(amount, NOON + timedelta(minutes=1), "b"),
        Created(NOON),
        Refunded("r1", part, NOON + timedelta(minutes=2)),
        Refunded(whole, amount, NOON + timedelta(minutes=3)),
        Cancelled(NOON + timedelta(minutes=4)),
    ]


@st.composite
def sales(draw: st.DrawFn) -> tuple[list[Fact], random.Random]:
    """Some of the facts, the sale always among them; and what decides how they arrive.

    The roads are shuffled from one seed: a permutation drawn step by step takes ten times as long.
    """
    facts = facts_of(draw(st.integers(1, 10**9)), draw(st.booleans()))
    chosen = draw(st.integers(1, 31)) | 1
    facts = [fact for number, fact in enumerate(facts) if chosen >> number & 1]
    return facts, random.Random(draw(st.integers(0, 2**32 - 1)))


def road(facts: list[Fact], chance: random.Random) -> list[Fact]:
    """The facts in any order, some of them more than once."""
    arriving = facts + chance.choices(facts, k=chance.randrange(6))
    chance.shuffle(arriving)
    return arriving


def fold(facts: Sequence[Fact]) -> Order:
    return reduce(Order.apply, facts, Order("shop", "1", member_id="FRIEND"))


def arrive(
    arriving: Sequence[Fact], released_at: int
) -> tuple[Order, Figures, Credit | None, Balance]:
    """The order, its member's figures and its credit after every single fact."""
    order, shown, credit, has = Order("shop", "1", member_id="FRIEND"), Figures(), None, Balance()
    for number, fact in enumerate(arriving):
        after = order.apply(fact)
        assert after.knows(fact)
        shown = shown.exchange(order.contribution, after.contribution)
        order = after
        if order.paid is None:
            continue
        credit = credit or open_credit("shop#1", order, BINDING, PROGRAMME, NOON.date())
        credit, entries = reconcile(credit, owed(order, BINDING))
        if number == released_at:
            credit, moved = release(credit, PROGRAMME, credit.release_on)
            entries = entries + moved
        assert 0 <= credit.reversed_minor <= credit.earned_minor
        has += change_for("SENDER", entries)
        assert has.pending_minor + has.released_minor == credit.kept_minor
    return order, shown, credit, has


@settings(max_examples=CASES // ROADS, deadline=None)
@given(sales())
def test_any_order_and_number_of_the_facts_comes_to_the_same(
    case: tuple[list[Fact], random.Random],
) -> None:
    facts, chance = case
    expected = fold(facts)
    target = owed(expected, BINDING)
    # f(paid - refunded), written out once more and by hand.
    net = max(expected.paid_minor - expected.given_back_minor, 0)
    counts = expected.paid_minor >= PROGRAMME.min_order_minor
    earned = expected.paid_minor * PROGRAMME.rate_bp // 10_000 if counts else 0
    kept = earned * net // expected.paid_minor
    for _ in range(ROADS):
        order, shown, credit, has = arrive(road(facts, chance), chance.randrange(12))
        assert order == expected
        assert all(order.knows(fact) for fact in facts)
        assert shown == Figures().exchange(None, expected.contribution)
        assert credit is not None
        assert Target(credit.earned_minor, credit.reversed_minor) == target
        assert Target(has.earned_minor, has.reversed_minor) == target
        assert credit.kept_minor == kept


def deliveries(order_id: str, names: Sequence[str], seed: int) -> list[str]:
    """These events of an order, and one of them once more, somewhere; a retry keeps its id."""
    tell = {
        "created": told("order.created", f"{order_id}-created", order_id=order_id),
        "paid": paid(f"{order_id}-paid", order_id),
        "part": refunded(f"{order_id}-part", 3_000, order_id, refund_id="r1"),
        "whole": refunded(f"{order_id}-whole", 10_000, order_id, refund_id="r1"),
        "cancelled": cancelled(f"{order_id}-cancelled", order_id),
    }
    arriving = [tell[name] for name in names]
    chosen = random.Random(seed)
    arriving.insert(chosen.randrange(len(arriving) + 1), chosen.choice(arriving))
    return arriving


def stripped(item: dict[str, Any], order_id: str) -> dict[str, Any]:
    """An item without what only says which order it is, and how often it was written."""
    fields = {"version", "PK", "GSI1SK", "GSI2PK", "GSI2SK", "order_key"}
    assert f"shop#{order_id}" in (item["order_key"]["S"])
    return {name: value for name, value in item.items() if name not in fields}


SETS = [
    pytest.param(
        ("created", "paid", "part", "whole", "cancelled"),
        1,
        (120, 0, 0, 500, 500),
        marks=pytest.mark.slow,
    ),
    (("created", "paid", "part", "whole"), 10, (24, 0, 0, 500, 500)),
    (("created", "paid", "part"), 1, (6, 1, 7_000, 500, 150)),
    (("created", "paid", "part"), 10, (6, 1, 7_000, 500, 150)),
]


@pytest.mark.parametrize(("names", "batch_size", "expected"), SETS)
def test_every_permutation_leaves_the_same_in_the_table(
    names: tuple[str, ...], batch_size: int, expected: tuple[int, ...]
) -> None:
    """Each permutation is an order of Bob's; one event of each comes twice."""
    number, orders, net, earned, reversed_ = expected
    friends()
    for order, arrangement in enumerate(permutations(names)):
        arriving = deliveries(f"o{order}", arrangement, order)
        for start in range(0, len(arriving), batch_size):
            assert work(*arriving[start : start + batch_size]) == []
        if order % 20 == 0:
            follow()
    follow()
    assert (kinds()["ORDER"], kinds()["CREDIT"]) == (number, number)
    assert kinds()["FACT"] == kinds()["DELIVERY"] == number * len(names)
    assert quarantined() == []
    for kind in ("ORDER", "CREDIT"):
        items = {item["order_key"]["S"]: item for item in of_kind(kind)}
        shapes = [stripped(items[f"shop#o{order}"], f"o{order}") for order in range(number)]
        assert shapes == [shapes[0]] * number
    assert figures() == (orders * number, net * number)
    assert balance() == Balance(
        pending_minor=(earned - reversed_) * number,
        earned_minor=earned * number,
        reversed_minor=reversed_ * number,
    )
