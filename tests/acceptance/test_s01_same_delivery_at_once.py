"""Scenario 1: one order.paid is delivered fifty times at the same moment. Every sender hears yes,
the sale counts once, its referrer is credited once, and nobody logs an error."""

from __future__ import annotations

from typing import Any

from tests.acceptance.orders import (
    BOBS,
    DONE,
    balance,
    figures,
    follow,
    friends,
    of_kind,
    stream_of,
    webhook,
    work,
)
from tests.acceptance.together import together
from tests.functions.calls import batch, call
from tests.support import kinds, receive

TIMES = 50
PAID = webhook("order.paid", "msg_1", order_id="1", paid_minor=10_000, buyer=BOBS)


def levels(rows: list[dict[str, Any]]) -> set[str]:
    return {row["level"] for row in rows} - {"INFO"}


def test_fifty_at_once_are_fifty_yeses_and_one_sale() -> None:
    friends()
    answers, received = together("order_webhook", [PAID] * TIMES)
    assert [answer["statusCode"] for answer in answers] == [202] * TIMES
    messages = receive()
    assert len(messages) == TIMES
    assert len(set(messages)) == 1
    worked, recorded = together("order_worker", [batch(one) for one in messages])
    assert worked == [DONE] * TIMES
    assert levels(received) | levels(recorded) == set()
    facts = {name: kinds()[name] for name in ("ORDER", "FACT", "DELIVERY")}
    assert facts == {"ORDER": 1, "FACT": 1, "DELIVERY": 1}
    assert figures() == (1, 10_000)


def test_fifty_at_once_in_full_batches_are_one_sale() -> None:
    """Ten in each batch, which are read for together before any of them is written."""
    friends()
    together("order_webhook", [PAID] * TIMES)
    messages = receive()
    batches = [batch(*messages[start : start + 10]) for start in range(0, TIMES, 10)]
    worked, recorded = together("order_worker", batches)
    assert worked == [DONE] * 5
    assert levels(recorded) == set()
    assert figures() == (1, 10_000)


def test_its_referrer_is_credited_once_however_many_tell_the_ledger() -> None:
    friends()
    call("order_webhook", PAID)
    assert work(*receive()) == []
    change = stream_of("ReferralCreditFunction")
    answers, rows = together("referral_credit", [change] * TIMES)
    assert answers == [DONE] * TIMES
    assert levels(rows) == set()
    follow()
    (entry,) = of_kind("ENTRY")
    assert entry["amount_minor"]["N"] == "500"
    assert (balance().pending_minor, balance().earned_minor) == (500, 500)
