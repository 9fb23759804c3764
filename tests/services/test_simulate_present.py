"""Asked about the rules that are in force, the what-if comes to exactly what stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.domain.programmes import Checks
from siyu.domain.what_if import Outcome
from siyu.services.credit_referral import credit_referral, following
from tests.services.rules import OPEN, ago, bind, buy, member, pair, rule, trigger
from tests.services.shop import refunded
from tests.services.what_if import COUPON, told, what_if
from tests.support import NOW, empty_table


def test_with_caps_it_comes_to_what_stands_when_all_came_in_order() -> None:
    fields: dict[str, Any] = {"per_day_minor": 900, "per_month_minor": 1_300, "budget_minor": 1_700}
    in_force = rule("v", 300, **fields)
    small_history_in_order()
    compared = what_if(in_force)
    assert compared.simulated.totals == compared.actual.totals
    assert told(compared.simulated) == told(compared.actual)
    assert compared.actual.totals.held_back_minor > 0


def small_history_in_order() -> None:
    ann, bob = pair()
    eve = member("eve", 3)
    bind(ann, eve)
    for number, amount in enumerate((10_000, 12_000, 30_000, 9_000)):
        who, friend = (("bob", bob), ("eve", eve))[number % 2]
        buy(str(number), amount, 5 - number / 4, who)
        trigger(friend, str(number))


purchases = st.lists(
    st.tuples(
        st.sampled_from(("bob", "dan", "eve")),
        st.integers(500, 60_000),
        st.integers(0, 30),
        st.one_of(st.none(), st.integers(1, 60_000)),
    ),
    max_size=8,
)
rules_of_any_kind = st.fixed_dictionaries(
    {"rate_bp": st.integers(0, 9_000)},
    optional={
        "fixed_minor": st.integers(0, 3_000),
        "max_credit_minor": st.integers(0, 2_000),
        "first_purchase_only": st.booleans(),
        "new_customers_only": st.booleans(),
        "referral_days": st.integers(0, 25),
        "coupon": st.just(COUPON),
        "checks": st.sampled_from((OPEN, Checks(friends_a_day=1), Checks(share_bp=1_000))),
    },
)


@pytest.mark.slow
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(purchases, rules_of_any_kind)
def test_the_rules_in_force_come_to_exactly_what_stands(
    told_of: list[tuple[str, int, int, int | None]], fields: dict[str, Any]
) -> None:
    """Without caps, which depend on who came first."""
    empty_table()
    in_force = rule("v", 300, **fields)
    ann, bob = pair()
    dan, eve = member("dan", 3), member("eve", 4)
    bind(ann, dan)
    bind(bob, eve, ago(10), refused="staff")
    for number, (who, amount, days_ago, back) in enumerate(told_of):
        buy(str(number), amount, days_ago, who)
        if back:
            refunded(str(number), "r", back)
    shared = following({one.member_id for one in (bob, dan, eve)})
    for number in range(len(told_of)):
        credit_referral(f"shop#{number}", shared, NOW)
    compared = what_if(in_force)
    assert list(_essence(compared.simulated)) == list(_essence(compared.actual))
    assert compared.simulated.totals == compared.actual.totals


def _essence(outcome: Outcome) -> Iterator[tuple[Any, ...]]:
    """All that decides, of credits that ever were worth something."""
    for one in sorted(outcome.credits, key=lambda credit: credit.order_key):
        if one.earned_minor or one.blocked:
            yield one.order_key, one.referrer_id, one.kept_minor, one.decision, one.evidence
