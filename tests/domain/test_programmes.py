"""Versions of the rules: which one holds, what caps there are, what an order is worth by them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.caps import BUDGET_SHARDS, SPREAD_FROM_MINOR, Cap, budget_caps, caps_of
from siyu.domain.order_facts import Line, Paid
from siyu.domain.orders import Order
from siyu.domain.programmes import PROGRAMME, Programme, Programmes
from siyu.domain.referrals import Binding, Goods, Purchases, demand_of

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
BINDING = Binding("FRIEND", "SENDER", START)


def rules(**fields: object) -> Programme:
    return Programme("v", START, **fields)  # type: ignore[arg-type]


def worth(programme: Programme, paid: int, *lines: Line, first: date | None = None) -> int:
    order = Order("pos", "1", Paid(paid, START), member_id="FRIEND")
    return demand_of(order, BINDING, programme, Purchases((Goods(paid, lines),), first))


versions = st.lists(
    st.builds(
        Programme,
        st.sampled_from("abcdefgh"),
        st.integers(0, 5).map(lambda days: START + days * DAY),
    ),
    unique_by=lambda one: one.version,
    max_size=6,
)


@given(versions, st.integers(-1, 6))
def test_the_latest_that_has_begun_holds_and_of_one_instant_the_one_published_last(
    published: list[Programme], days: int
) -> None:
    instant = START + days * DAY
    held = Programmes(tuple(published)).in_force(instant)
    begun = [one for one in published if one.effective_from <= instant]
    assert held in begun or (held is PROGRAMME and not begun)
    for number, one in enumerate(begun):
        assert one.effective_from <= held.effective_from
        if one.effective_from == held.effective_from:
            assert number <= begun.index(held)


@given(versions)
def test_a_version_never_decides_if_another_was_published_later_for_its_instant(
    published: list[Programme],
) -> None:
    known = Programmes(tuple(published))
    decides = {known.in_force(START + timedelta(days=days)).version for days in range(-1, 7)}
    for one in (PROGRAMME, *published):
        replaced = known.replaced_by(one)
        assert (replaced is None) == (one.version in decides)
        if replaced is not None:
            assert replaced.effective_from == one.effective_from
            assert published.index(one) < published.index(replaced)
            assert known.replaced_by(replaced) is None


def test_a_correction_holds_whatever_its_name_is() -> None:
    spring, fix = Programme("spring", START), Programme("fix", START)
    known = Programmes((spring, fix))
    assert known.in_force(START) is fix
    assert (known.replaced_by(spring), known.replaced_by(fix)) == (fix, None)
    assert [one.version for one in known.all] == ["2026-1", "spring", "fix"]


def test_a_version_holds_from_its_very_instant_on() -> None:
    known = Programmes((Programme("a", START), Programme("b", START + DAY)))
    moment = timedelta(microseconds=1)
    assert known.in_force(START - moment) is PROGRAMME
    assert known.in_force(START).version == "a"
    assert known.in_force(START + DAY - moment).version == "a"
    assert known.in_force(START + DAY).version == "b"


def test_versions_are_found_by_name_and_told_by_time() -> None:
    first, second = Programme("z", START), Programme("a", START + DAY)
    known = Programmes((second, first))
    assert [one.version for one in known.all] == ["2026-1", "z", "a"]
    assert (known.named("a"), known.named("2026-1")) == (second, PROGRAMME)
    with pytest.raises(LookupError):
        known.named("b")


def test_without_a_limit_on_a_referrer_nothing_is_counted_and_with_one_everything() -> None:
    assert caps_of(PROGRAMME, "ann", date(2026, 3, 1)) == []
    by_month = caps_of(rules(per_month_minor=5), "ann", date(2026, 3, 1), ("ann-2",))
    assert [(one.key, one.most_minor) for one in by_month] == [
        (("ann", "2026-03-01"), None),
        (("ann", "2026-03"), 5),
        (("ann", "2026"), None),
    ]
    day, month, _ = by_month
    assert day.room({}, 9) == 9
    assert month.keys == (("ann", "2026-03"), ("ann-2", "2026-03"))
    used = {("ann", "2026-03"): 1, ("ann-2", "2026-03"): 2}
    assert (month.room(used, 9), month.room(used, 1)) == (2, 1)
    assert month.room({**used, ("ann-2", "2026-03"): 99}, 9) == 0


def test_each_limit_is_a_cap_of_its_window() -> None:
    limited = rules(per_day_minor=1, per_month_minor=2, per_year_minor=0)
    assert caps_of(limited, "ann", date(2026, 3, 1)) == [
        Cap("per_day", "ann", "2026-03-01", 1),
        Cap("per_month", "ann", "2026-03", 2),
        Cap("per_year", "ann", "2026", 0),
    ]


@given(st.integers(0, 10**9))
def test_the_shards_of_a_budget_are_all_of_it_and_of_one_size(budget: int) -> None:
    shards = budget_caps(rules(budget_minor=budget))
    assert len(shards) == (BUDGET_SHARDS if budget >= SPREAD_FROM_MINOR else 1)
    sizes = [one.most_minor or 0 for one in shards]
    assert sum(sizes) == budget
    assert max(sizes) - min(sizes) <= 1
    assert len({(one.account, one.window) for one in shards}) == len(shards)


def test_without_a_budget_there_is_no_cap() -> None:
    assert budget_caps(PROGRAMME) == []


@pytest.mark.parametrize(
    ("pattern", "excluded", "counted"),
    [
        ("GIFT-*", ["GIFT-", "GIFT-10"], ["gift-10", "A GIFT-10", "GIFT"]),
        ("A?", ["A1", "AB"], ["A", "A12"]),
        ("A[1]", ["A[1]"], ["A1"]),
        ("[", ["["], ["[["]),
        ("A.", ["A."], ["AB"]),
    ],
)
def test_a_pattern_knows_stars_and_question_marks_and_nothing_else(
    pattern: str, excluded: list[str], counted: list[str]
) -> None:
    programme = rules(excluded_skus=("other", pattern))
    assert all(programme.excludes(sku) for sku in excluded)
    assert not any(programme.excludes(sku) for sku in counted)


def test_excluded_goods_take_their_part_of_what_was_paid_and_no_more() -> None:
    programme = rules(rate_bp=1_000, excluded_skus=("GIFT-*",))
    gift, shoes = Line("GIFT-1", 1, 3_000), Line("SHOES", 1, 9_000)
    # A discount on the whole order: 6,000 was paid for goods of 12,000.
    assert worth(programme, 6_000, gift, shoes) == 450
    assert worth(programme, 6_000, gift) == 0
    assert worth(programme, 6_000) == 600


@given(
    st.integers(1_000, 10**6),
    st.one_of(st.none(), st.integers(0, 10**6)),
    st.one_of(st.none(), st.integers(0, 10**6)),
    st.integers(0, 10_000),
)
def test_an_order_never_earns_more_than_its_limit_nor_than_was_paid(
    paid: int, fixed: int | None, most: int | None, rate_bp: int
) -> None:
    programme = rules(fixed_minor=fixed, max_credit_minor=most, rate_bp=rate_bp)
    wanted = paid * rate_bp // 10_000 if fixed is None else fixed
    assert worth(programme, paid) == min(wanted, paid, paid if most is None else most)


def test_a_fixed_amount_is_no_more_than_what_the_eligible_goods_cost() -> None:
    programme = rules(fixed_minor=2_000, excluded_skus=("GIFT",))
    lines = (Line("GIFT", 1, 9_000), Line("SHOES", 1, 1_000))
    assert worth(programme, 10_000, *lines) == 1_000


def test_a_referral_counts_to_its_last_day_and_no_longer() -> None:
    programme = rules(referral_days=30, min_order_minor=0)
    for days, earns in ((-1, False), (0, True), (30, True), (31, False)):
        order = Order("pos", "1", Paid(1_000, START + days * DAY), member_id="FRIEND")
        assert bool(demand_of(order, BINDING, programme, Purchases())) is earns, days


def test_only_first_purchases_and_only_new_customers() -> None:
    today = date(2026, 1, 1)
    before = today - DAY
    for name in ("first_purchase_only", "new_customers_only"):
        programme = rules(**{name: True})
        assert worth(programme, 1_000, first=today) == 50
        assert worth(programme, 1_000, first=None) == 50
        assert worth(programme, 1_000, first=before) == 0
    assert worth(rules(), 1_000, first=before) == 50


def test_a_programme_that_is_off_gives_nothing_and_a_small_order_neither() -> None:
    assert worth(rules(enabled=False), 10_000) == 0
    assert worth(rules(min_order_minor=1_000), 999) == 0
    assert worth(rules(min_order_minor=1_000), 1_000) == 50


def test_the_hold_outlasts_the_return_window_by_a_day() -> None:
    programme = rules(return_window_days=7)
    assert programme.hold_days == 8
    # 20:00 UTC is the next day in Shanghai.
    late = datetime(2026, 1, 1, 20, tzinfo=UTC)
    assert programme.release_on(late) == date(2026, 1, 10)
