"""Scenario 2: the shop, its payment provider and its till report one sale, under three names and
three delivery ids. It is one sale and one credit; the other two are known to be the same."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from itertools import combinations, permutations
from typing import Any

import pytest

from siyu.domain.ledger import Balance
from tests.acceptance.orders import (
    BOBS,
    RATE,
    balance,
    figures,
    follow,
    friends,
    of_kind,
    quarantined,
    standing,
    state,
    told,
    webhook,
    work,
)
from tests.functions.calls import BOB, call
from tests.services.shop import receipt, scan
from tests.support import dump, empty_table, kinds, receive

SOURCES = ("shop", "pay2", "till")
NAMES = {"shop": "S1", "pay2": "P1", "till": "T1"}
PAYMENT = "4200001234567890"
AMOUNT, BACK = 12_800, 3_840
Happenings = Sequence[Callable[[], str]]


def sale(source: str, amount: int = AMOUNT, order_id: str = "", **more: Any) -> str:
    """What a source says of the sale; the payment provider sees the payment only."""
    data: dict[str, Any] = {"order_id": order_id or NAMES[source], "paid_minor": amount, **more}
    if source == "pay2":
        data["payment_only"] = True
    name = f"{source}-paid-{data['order_id']}"
    return told("order.paid", name, source, payment_id=PAYMENT, **{"buyer": BOBS, **data})


def back(source: str, amount: int = BACK) -> str:
    """What a source says of the refund, which each numbers in its own way."""
    data: dict[str, Any] = {
        "order_id": NAMES[source],
        "refund_id": f"{source}-r",
        "refunded_minor": amount,
    }
    return told("order.refunded", f"{source}-back", source, **data)


def cancel(source: str) -> str:
    return told("order.cancelled", f"{source}-void", source, order_id=NAMES[source])


def happen(texts: Sequence[str], *, stepwise: bool = False) -> None:
    """Begin with nothing but Ann and Bob, then tell it all."""
    empty_table()
    friends()
    for text in texts:
        assert work(text) == []
        if stepwise:
            follow()
    follow()
    assert quarantined() == []


def orders() -> dict[str, dict[str, Any]]:
    return {item["order_key"]["S"]: item for item in of_kind("ORDER")}


def test_three_webhooks_are_one_sale_one_credit_and_two_linked_reports() -> None:
    friends()
    for source in SOURCES:
        data = {"order_id": NAMES[source], "paid_minor": AMOUNT, "payment_id": PAYMENT}
        more = {"payment_only": True} if source == "pay2" else {"buyer": BOBS}
        event = webhook("order.paid", f"msg-{source}", source, **data, **more)
        assert call("order_webhook", event)["statusCode"] == 202
    assert work(*receive()) == []
    follow()
    counted = {name: kinds()[name] for name in ("FACT", "DELIVERY", "ORDER", "CREDIT", "ENTRY")}
    assert counted == {"FACT": 3, "DELIVERY": 3, "ORDER": 4, "CREDIT": 1, "ENTRY": 1}
    assert figures() == (1, AMOUNT)
    assert balance() == Balance(pending_minor=640, earned_minor=640)
    linked = orders()
    whole = linked.pop(f"~sale#{PAYMENT}")
    assert set(json.loads(whole["parts"]["S"])) == set(linked)
    assert whole["member_id"]["S"] == BOB
    # The reports are kept and name the payment. A list of the member's orders has the sale alone.
    assert {item["payment_id"]["S"] for item in linked.values()} == {PAYMENT}
    assert whole["GSI1SK"]["S"].startswith("O#")
    listed = [item["GSI1SK"]["S"][:2] for item in linked.values() if "GSI1SK" in item]
    assert listed == ["T#", "T#"]


def test_every_order_of_arrival_leaves_the_same_bytes() -> None:
    outcomes = []
    for arrangement in permutations(SOURCES):
        happen([sale(source) for source in arrangement])
        outcomes.append(state())
    assert len(outcomes) == 6
    assert outcomes == [outcomes[0]] * 6
    assert figures() == (1, AMOUNT)


def test_nor_does_it_matter_when_the_ledger_looks_or_what_comes_twice() -> None:
    happen([sale(source) for source in SOURCES])
    expected = standing()
    for arrangement in permutations(SOURCES):
        happen([sale(source) for source in (*arrangement, *arrangement)], stepwise=True)
        assert standing() == expected


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_refund_is_taken_back_once_whoever_tells_of_it(number: int) -> None:
    for tellers in combinations(SOURCES, number):
        happen([*map(sale, SOURCES), *map(back, tellers)], stepwise=True)
        assert figures() == (1, AMOUNT - BACK)
        assert balance() == Balance(pending_minor=448, earned_minor=640, reversed_minor=192)


@pytest.mark.slow
def test_sale_and_refund_may_come_mixed_in_any_way() -> None:
    """Thirty of the 720 ways, always the same; the domain's own test goes through many more."""
    texts = [*map(sale, SOURCES), *map(back, SOURCES)]
    happen(texts)
    expected = standing()
    shuffle = random.Random(2)
    for _ in range(30):
        shuffle.shuffle(texts)
        happen(texts, stepwise=True)
        assert standing() == expected


def test_a_larger_refund_is_believed_and_a_smaller_one_is_part_of_it() -> None:
    for texts in permutations([back("shop", 1_000), back("pay2", 5_000), back("till", 3_000)]):
        happen([*map(sale, SOURCES), *texts], stepwise=True)
        assert figures() == (1, AMOUNT - 5_000)


@pytest.mark.parametrize("source", SOURCES)
def test_what_one_source_cancels_is_taken_back_once(source: str) -> None:
    happen([*map(sale, SOURCES), cancel(source), back("pay2", AMOUNT)], stepwise=True)
    assert figures() == (0, 0)
    assert balance() == Balance(earned_minor=640, reversed_minor=640)


@pytest.mark.parametrize("amount", [12_000, 13_500])
def test_the_shop_knows_the_amount_better_than_the_payment(amount: int) -> None:
    """The payment tells first and is credited first; what is kept at last is the shop's."""
    for texts in permutations([sale("pay2"), sale("shop", amount)]):
        happen(texts, stepwise=True)
        assert figures() == (1, amount)
        assert balance().pending_minor == amount // RATE
        assert balance().earned_minor - balance().reversed_minor == amount // RATE


TWO = [sale("shop", 5_000, "S1"), sale("shop", 7_800, "S2")]


def test_two_orders_of_a_shop_under_one_payment_add_up() -> None:
    outcomes = []
    for arrangement in permutations([*TWO, sale("pay2")]):
        happen(arrangement)
        outcomes.append(state())
    assert outcomes == [outcomes[0]] * 6
    assert figures() == (1, AMOUNT)
    assert balance() == Balance(pending_minor=640, earned_minor=640)


def test_two_orders_under_one_payment_earn_it_all_when_the_ledger_looks_in_between() -> None:
    """The payment says 128, the first order 50 of it: what that took back comes with the second."""
    happen([sale("pay2"), *TWO], stepwise=True)
    assert figures() == (1, AMOUNT)
    assert balance().pending_minor == 640


@pytest.mark.parametrize("knowing", SOURCES)
def test_a_buyer_whom_one_source_knows_is_the_buyer(knowing: str) -> None:
    for arrangement in permutations(SOURCES):
        buyers = {source: BOBS if source == knowing else None for source in SOURCES}
        happen([sale(source, buyer=buyers[source]) for source in arrangement], stepwise=True)
        assert figures() == (1, AMOUNT)
        assert balance().earned_minor == 640


def test_sources_that_name_two_people_come_to_one_whichever_tells_first() -> None:
    """A friend pays: the shop knows who bought, the payment provider whose account it was."""
    outcomes = []
    for texts in permutations([sale("shop"), sale("pay2", buyer={"openid": "openid-ann"})]):
        happen(texts)
        outcomes.append(state())
    assert outcomes[0] == outcomes[1]


@pytest.mark.slow
def test_a_sale_of_nobody_is_whoever_claims_the_receipt_of_one_report() -> None:
    """Before any report, between any two, or after the last one."""
    nobody = [sale(source, buyer=None) for source in SOURCES[:2]]
    printed = sale("till", buyer=None, receipt_token=receipt(7))
    for arrangement in permutations([*nobody, printed]):
        for number in range(4):
            empty_table()
            friends()
            for step, text in enumerate([*arrangement[:number], "", *arrangement[number:]]):
                if text:
                    assert work(text) == []
                elif step == number:
                    scan(receipt(7), "openid-bob")
                follow()
            assert figures() == (1, AMOUNT)
            assert balance().earned_minor == 640


def test_a_buyer_still_unknown_gets_the_sale_once_the_shop_knows_them() -> None:
    for arrangement in permutations(SOURCES):
        empty_table()
        for source in arrangement:
            assert work(sale(source)) == []
        assert {item["kind"]["S"] for item in dump().values()} >= {"WAITING", "ORDER"}
        friends()
        follow()
        follow()
        assert figures() == (1, AMOUNT)
        assert balance().earned_minor == 640


def test_reports_that_name_no_payment_are_sales_of_their_own() -> None:
    """The source has to say what links them; nothing is guessed."""
    alone = told("order.paid", "x", "till", order_id="T9", paid_minor=AMOUNT, buyer=BOBS)
    happen([sale("shop"), alone])
    assert figures() == (2, 2 * AMOUNT)
