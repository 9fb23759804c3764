"""What other rules would have come to: worked out by hand, equal to what stands, never written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from siyu.domain.credits import Credit
from siyu.domain.programmes import Programme
from siyu.domain.vetting import Ruling, Verdict
from siyu.domain.what_if import Doubt, Totals
from siyu.services.sign_up import SignedUp
from siyu.storage import credit_items
from siyu.storage.transaction import Transaction
from tests.services.rules import OPEN, bind, buy, credits_by_order, member, pair, rule, trigger
from tests.services.shop import refunded
from tests.services.what_if import COUPON, plain, told, what_if
from tests.support import NOW

LINES = [
    {"sku": "GIFT-10", "quantity": 1, "amount_minor": 4_000},
    {"sku": "SHOES", "quantity": 2, "amount_minor": 12_000},
]
RULES = Programme(
    "what-if",
    NOW,
    rate_bp=1_000,
    max_credit_minor=1_500,
    excluded_skus=("GIFT-*",),
    per_month_minor=3_500,
    budget_minor=5_000,
    coupon=COUPON,
    checks=replace(OPEN, share_bp=5_000),
)


PLAIN_ORDERS = ("b1", "b2", "d1", "b4")


def small_history() -> tuple[SignedUp, SignedUp]:
    """Ann brought Bob, and Eve who was refused at the door; Cat brought Dan. All by 5%."""
    ann, bob = pair()
    cat, dan, eve = (member(name, number) for number, name in enumerate(("cat", "dan", "eve"), 3))
    bind(cat, dan)
    bind(ann, eve, refused="same_device")
    buy("b1", 10_000, 9)
    buy("b2", 20_000, 5)
    buy("d1", 30_000, 4, "dan")
    buy("b3", 8_000, 3, lines=LINES)
    buy("d2", 2_000, 2, "dan")
    buy("e1", 10_000, 1.5, "eve")
    buy("b4", 10_000, 1)
    refunded("b2", "r", 5_000)
    trigger(bob, "b1", "b2", "b3", "b4")
    trigger(dan, "d1", "d2")
    trigger(eve, "e1")
    return ann, cat


def test_a_small_history_comes_to_what_was_worked_out_by_hand() -> None:
    """Of b1, b2, d1, b3, d2 and b4, in this order: 1,000, 1,500 (not 2,000), 1,500 (not 3,000), 600
    (of 6,000 that were no gift), 200, and 200 of 1,000, for no more is left of the budget. With
    the coupon d2 gives 70% away; a quarter of b2 goes back."""
    ann, cat = small_history()
    compared = what_if(RULES)
    assert compared.actual.totals == Totals(
        credits=6,
        earned_minor=4_000,
        taken_back_minor=250,
        kept_minor=3_750,
        cost_minor=3_750,
        blocked=1,
    )
    assert told(compared.simulated) == {
        "b1": (1_000, 0),
        "b2": (1_500, 375),
        "d1": (1_500, 0),
        "b3": (600, 0),
        "d2": (200, 0),
        "e1": (0, 0),
        "b4": (200, 0),
    }
    assert compared.simulated.totals == Totals(
        credits=6,
        earned_minor=5_000,
        taken_back_minor=375,
        kept_minor=4_625,
        coupons=2,
        coupons_minor=2_400,
        cost_minor=7_025,
        in_review=1,
        in_review_minor=200,
        blocked=1,
        held_back_minor=800,
    )
    refused = Doubt("shop#e1", ann.member_id, Verdict.BLOCK, ("same_device",))
    looked_at = Doubt("shop#d2", cat.member_id, Verdict.REVIEW, ("share_of_order",))
    assert compared.actual.doubts == [refused]
    assert compared.simulated.doubts == [refused, looked_at]
    limited = [one for one in compared.simulated.credits if one.limited_by]
    assert [(one.order_key, one.limited_by) for one in limited] == [
        ("shop#b4", ("budget", "per_month"))
    ]


def test_the_difference_is_what_the_other_rules_come_to_more() -> None:
    small_history()
    compared = what_if(RULES)
    more = compared.simulated.totals.minus(compared.actual.totals)
    assert (more.kept_minor, more.credits, more.blocked, more.coupons_minor) == (875, 0, 0, 2_400)
    back = compared.actual.totals.minus(compared.simulated.totals)
    assert (back.kept_minor, back.taken_back_minor) == (-875, -125)


@pytest.mark.parametrize(
    ("rules", "earned"),
    [
        (plain(rate_bp=0), {}),
        (plain(enabled=False, coupon=COUPON), {}),
        (plain(fixed_minor=700), dict.fromkeys(("b1", "b2", "d1", "b3", "d2", "b4"), 700)),
        (plain(first_purchase_only=True), {"b1": 500, "d1": 1_500}),
        (plain(min_order_minor=15_000), {"b2": 1_000, "d1": 1_500}),
        (plain(referral_days=15), {"b2": 1_000, "b1": 500}),
        (plain(per_day_minor=450, min_order_minor=9_000), dict.fromkeys(PLAIN_ORDERS, 450)),
        (plain(budget_minor=1_600), {"b1": 500, "b2": 1_000, "d1": 100}),
    ],
    ids=["no rate", "off", "fixed", "first purchase", "minimum", "days", "day's cap", "budget"],
)  # fmt: skip
def test_each_rule_alone(rules: Programme, earned: dict[str, int]) -> None:
    small_history()
    simulated = what_if(rules).simulated
    found = {name: amount for name, (amount, _) in told(simulated).items() if amount}
    assert found == earned
    assert simulated.totals.coupons == 0


def test_since_a_day_only_what_was_paid_then_counts_and_caps_begin_empty() -> None:
    small_history()
    since = date(2026, 11, 18)
    compared = what_if(RULES, since)
    assert told(compared.actual).keys() == {"d1", "b3", "d2", "e1", "b4"}
    assert told(compared.simulated)["b4"] == (1_000, 0)
    assert compared.simulated.totals.held_back_minor == 0
    assert compared.simulated.totals.coupons == 0
    assert what_if(RULES, date(2026, 11, 2)).simulated == what_if(RULES).simulated


def test_a_credit_whose_order_has_come_to_nobodys_friend_still_stands() -> None:
    small_history()
    buy("a1", 10_000, 1, "ann")
    stands = credits_by_order()["b1"]
    put(replace(stands, order_key="shop#a1", reversed_minor=500, version=1))
    for since in (None, date(2026, 11, 20)):
        compared = what_if(RULES, since)
        assert told(compared.actual)["a1"] == (500, 500)
        assert "a1" not in told(compared.simulated)
    assert "a1" not in told(what_if(RULES, date(2026, 11, 22)).actual)


def put(credit: Credit) -> None:
    write = Transaction()
    credit_items.put(write, credit)
    write.commit()


@pytest.mark.parametrize(
    ("verdict", "reasons", "holds"),
    [
        (Verdict.APPROVE, ("share_of_order",), Verdict.APPROVE),
        (Verdict.APPROVE, ("friends_a_day",), Verdict.REVIEW),
        (Verdict.BLOCK, ("friends_a_day",), Verdict.BLOCK),
    ],
)
def test_what_somebody_decided_is_respected_as_far_as_it_holds(
    verdict: Verdict, reasons: tuple[str, ...], holds: Verdict
) -> None:
    small_history()
    stands = credits_by_order()["d2"]
    ruling = Ruling(verdict, reasons, "bob", NOW)
    put(replace(stands, ruling=ruling, version=stands.version + 1))
    (found,) = (one for one in what_if(RULES).simulated.credits if one.order_key == "shop#d2")
    assert found.verdict is holds
    assert found.earned_minor == (0 if holds is Verdict.BLOCK else 200)


def test_what_the_caps_of_today_hold_back_is_told_too() -> None:
    rule(per_month_minor=700)
    _, bob = pair()
    buy("1", 10_000, 2)
    buy("2", 10_000, 1)
    trigger(bob, "1", "2")
    compared = what_if(plain())
    assert compared.actual.totals.held_back_minor == 300
    assert compared.simulated.totals == Totals(
        credits=2, earned_minor=1_000, kept_minor=1_000, cost_minor=1_000
    )
