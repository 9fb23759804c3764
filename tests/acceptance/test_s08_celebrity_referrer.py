"""Scenario 8: two hundred purchases at the same moment credit one celebrity. All are credited, none
waits in a queue, what is shown is the sum of the entries, and no item takes every write: her
balance is in four, the programme's account and its budget in sixteen.

The table of the tests refuses nothing for being hot, so heat is counted: in which part of the
transactions an item is. Conflicts are put on the line.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from siyu.domain.calendar import business_date
from siyu.domain.ledger import Balance, programme_account
from siyu.storage import keys
from tests.acceptance.accidents import hooked
from tests.acceptance.celebrity import (
    FAIR,
    Heat,
    bring_many,
    conflicts,
    credit_at_once,
    no_tokens,
    openid,
    owed_and_held,
    publish,
    sale,
    shown_and_entered,
)
from tests.acceptance.orders import DONE, balance, of_kind, quarantined, stream_of, webhook, work
from tests.acceptance.poller import DEAD, depth
from tests.acceptance.together import together
from tests.books import check_books
from tests.faults import line
from tests.functions.calls import ANN, batch, call, join
from tests.services.shop import door
from tests.support import NOW, receive

PURCHASES = 200
# Enough to see what is hot.
SOME = 100
AT_ONCE = 20
CREDIT = 500
DEADLINE = 180.0
"""Seconds, also on a machine that is busy with something else: far less than a message may wait."""
A_BALANCE, AN_ACCOUNT = 0.35, 0.15
"""The part of the transactions in which a shard may be; evenly spread it were 1/4 and 1/16."""
BALANCES, ACCOUNTS = keys.balances(ANN), keys.accounts(programme_account(FAIR))
BUDGET = [keys.cap(FAIR, str(number)) for number in range(16)]
TODAY = business_date(NOW).isoformat()
CAPS = [keys.cap(ANN, window) for window in (TODAY, TODAY[:7], TODAY[:4])]
"""Ann's own: what is granted her in a day, a month and a year."""


def come(friends: int, apart: int = 3, **limits: int) -> None:
    """Ann, whom everybody follows, and some of those whom she brought, so many hours apart."""
    publish(**limits)
    join(ANN, door(), "openid-ann")
    bring_many(ANN, friends, timedelta(hours=apart))


def buy(purchases: int, friends: int) -> None:
    """One purchase after the other, until all are recorded."""
    texts = [sale(number, number % friends) for number in range(purchases)]
    for start in range(0, purchases, 10):
        assert work(*texts[start : start + 10]) == []


def all_credited(purchases: int) -> None:
    """Every purchase, to the unit, in every way of counting it."""
    shown, entered = shown_and_entered(ANN)
    assert shown == Balance(pending_minor=purchases * CREDIT, earned_minor=purchases * CREDIT)
    assert shown == entered
    assert balance() == shown
    assert owed_and_held(ANN) == (purchases * CREDIT, purchases * CREDIT)


def spread_out(heat: Heat) -> None:
    """No shard of what all these credits share is in more transactions than it may be."""
    assert max(heat.of(BALANCES)) <= heat.sent * A_BALANCE
    assert max(heat.of(ACCOUNTS)) <= heat.sent * AN_ACCOUNT


@pytest.mark.slow
def test_two_hundred_purchases_at_once_are_all_credited_from_webhook_to_balance() -> None:
    come(PURCHASES)
    started = time.monotonic()
    for number in range(PURCHASES):
        fields: dict[str, Any] = {"order_id": str(number), "paid_minor": 10_000}
        event = webhook("order.paid", f"m{number}", buyer={"openid": openid(number)}, **fields)
        assert call("order_webhook", event)["statusCode"] == 202
    messages = receive()
    assert len(messages) == PURCHASES
    tens = range(0, PURCHASES, PURCHASES // AT_ONCE)
    worked, recorded = together("order_worker", [batch(*messages[one : one + 10]) for one in tens])
    records = stream_of("ReferralCreditFunction")["Records"]
    orders = [one for one in records if one["dynamodb"]["NewImage"]["kind"]["S"] == "ORDER"]
    changes = [{"Records": orders[one : one + 10]} for one in tens]
    credited, posted = together("referral_credit", changes)
    assert time.monotonic() - started < DEADLINE
    # Nothing was given back, so nothing can ever reach the queue of what is given up.
    assert worked == credited == [DONE] * AT_ONCE
    assert {row["level"] for row in (*recorded, *posted)} <= {"INFO"}
    assert (quarantined(), depth(), depth(DEAD.ref)) == ([], 0, 0)
    assert len(of_kind("CREDIT")) == len(of_kind("ENTRY")) == PURCHASES
    assert check_books().keys() == {ANN}
    all_credited(PURCHASES)


@pytest.mark.slow
def test_no_item_is_in_every_transaction_of_a_celebrity() -> None:
    come(SOME, budget_minor=10_000_000)
    heat = Heat()
    with hooked(heat):
        buy(SOME, SOME)
    assert heat.sent == SOME
    assert heat.hottest_but() == 1  # what records a sale writes nothing of the referrer's
    heat = Heat()
    with hooked(heat):
        assert credit_at_once(range(SOME), SOME) == [1] * SOME
    spread_out(heat)
    assert max(heat.of(BUDGET)) <= heat.sent * AN_ACCOUNT
    assert heat.sent == sum(heat.of(BALANCES)) == sum(heat.of(ACCOUNTS)) == sum(heat.of(BUDGET))
    assert heat.sent == SOME
    assert heat.hottest_but(*BALANCES, *ACCOUNTS, *BUDGET) == 1
    all_credited(SOME)


@pytest.mark.slow
def test_where_what_a_referrer_gets_is_limited_her_counters_are_hot_and_nothing_else() -> None:
    come(SOME, per_day_minor=10_000_000)
    buy(SOME, SOME)
    heat = Heat()
    with hooked(heat):
        assert credit_at_once(range(SOME), SOME) == [1] * SOME
    assert heat.of(CAPS) == [heat.sent] * len(CAPS)
    spread_out(heat)
    assert heat.hottest_but(*BALANCES, *ACCOUNTS, *CAPS) <= heat.sent // SOME
    all_credited(SOME)


@pytest.mark.slow
def test_a_limit_that_is_reached_holds_to_the_unit_and_its_counters_rest() -> None:
    come(SOME, per_day_minor=SOME // 2 * CREDIT)
    buy(SOME, SOME)
    heat = Heat()
    with hooked(heat):
        assert sum(credit_at_once(range(SOME), SOME)) == SOME // 2
    all_credited(SOME // 2)
    heat = Heat()
    with hooked(heat):
        assert credit_at_once(range(SOME), SOME) == [0] * SOME
    assert heat.of(CAPS) == [0] * len(CAPS)


@pytest.mark.slow
def test_conflicts_make_nothing_hot_and_lose_nothing() -> None:
    come(40)
    buy(SOME, 40)
    heat = Heat()
    with hooked(heat), line(conflicts(0.4, seed=8)):
        assert credit_at_once(range(SOME), 40) == [1] * SOME
    assert heat.sent > SOME * 1.2
    spread_out(heat)
    all_credited(SOME)
    assert credit_at_once(range(SOME), 40) == [0] * SOME


@pytest.mark.slow
def test_a_thousand_purchases_by_a_thousand_friends_under_conflicts_are_all_credited() -> None:
    heat = Heat()
    with no_tokens():
        come(1_000, apart=12)
        buy(1_000, 1_000)
        with hooked(heat), line(conflicts(0.3, seed=8)):
            assert credit_at_once(range(1_000), 1_000) == [1] * 1_000
    spread_out(heat)
    # Besides, an order meets its own conflicts, and no other order.
    assert heat.hottest_but(*BALANCES, *ACCOUNTS) <= heat.sent // 50
    all_credited(1_000)
