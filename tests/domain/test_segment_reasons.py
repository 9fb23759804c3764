"""What is told of a label is what decided it."""

import operator
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.cut_points import CutPoints, Tally, buckets_to_open, cut
from siyu.domain.quantiles import values_in
from siyu.domain.schemes import DEFAULT, High, Rule, Scheme
from siyu.domain.segment_reasons import Reason, reasons
from siyu.domain.segments import GROUPS, Measure, place

AS_OF = date(2026, 3, 1)
TODAY = AS_OF.toordinal()
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}

bought = st.builds(
    lambda idle, orders, net, more: Measure(
        TODAY - idle, orders, net if orders else 0, orders + more, TODAY - 900
    ),
    st.integers(0, 500),
    st.integers(0, 9),
    st.integers(-200, 20_000),
    st.integers(1, 4),
)
never = st.builds(
    lambda member_days: Measure(None, 0, 0, 0, TODAY - member_days), st.integers(0, 90)
)
schemes = st.builds(
    lambda rule, high, loyal, least: replace(
        DEFAULT, rule=rule, high=high, loyal_orders=loyal, min_population=least
    ),
    st.sampled_from([Rule.INVERTED_CDF, Rule.LINEAR]),
    st.sampled_from([High.MEAN_SCORE, High.MEAN, High.MEDIAN]),
    st.integers(1, 4),
    st.integers(1, 8),
)


def drawn(members: list[Measure], scheme: Scheme) -> CutPoints:
    counted = [one for one in members if one.orders and one.last_day]
    net = [one.net_minor for one in counted]
    tally = Tally()
    tally.count([one.last_day or 0 for one in counted], [one.orders for one in counted], net)
    opened: Counter[int] = values_in(net, buckets_to_open(tally, scheme))
    return cut(tally, opened, scheme, AS_OF)


def of(what: str, told: list[Reason]) -> list[Reason]:
    return [one for one in told if one.what == what]


@given(st.lists(bought | never, min_size=1, max_size=30), schemes)
def test_every_outcome_is_the_one_that_was_placed(members: list[Measure], scheme: Scheme) -> None:
    cuts = drawn(members, scheme)
    for measure in members:
        label = place(measure, scheme, cuts, AS_OF)
        told = reasons(measure, scheme, cuts, AS_OF)
        assert {one.outcome for one in of("stage", told)} == {label.stage}
        assert {one.outcome for one in of("aipl", told)} == {label.aipl}
        assert {one.outcome for one in of("group", told)} == {label.group or "-"}
        scores = [of(what, told) for what in ("recency", "frequency", "monetary")]
        assert [one.outcome for [one] in filter(None, scores)] == [
            str(score) for score in label.scores or ()
        ]


@given(st.lists(bought | never, min_size=1, max_size=30), schemes)
def test_every_comparison_holds_or_not_as_told(members: list[Measure], scheme: Scheme) -> None:
    cuts = drawn(members, scheme)
    for measure in members:
        for one in reasons(measure, scheme, cuts, AS_OF):
            if one.line is not None:
                assert COMPARE[one.sign](one.value, one.line) is one.holds
            if one.next_line is not None:
                assert not COMPARE[one.sign](one.value, one.next_line)


@given(st.lists(bought, min_size=8, max_size=30), schemes)
def test_the_sides_told_make_the_group_and_the_last_rule_the_stage(
    members: list[Measure], scheme: Scheme
) -> None:
    cuts = drawn(members, scheme)
    for measure in members:
        told = reasons(measure, scheme, cuts, AS_OF)
        sides = of("group", told)
        if len(sides) == 3:
            r, f, m = (one.holds for one in sides)
            assert GROUPS[r, f, m] == sides[0].outcome
        *tried, last = of("stage", told)
        assert last.holds
        assert last.rule == last.outcome
        assert not any(one.holds for one in tried)


CUTS = CutPoints(
    "default", 1, AS_OF, 100, (180, 90, 31, 7), (1, 2, 3, 5), (10, 20, 30, 40), (60, 2, 25), 99, 4
)


def test_a_score_tells_the_line_passed_and_the_line_ahead() -> None:
    measure = Measure(TODAY - 12, 6, 25, 6, TODAY - 900)
    r, f, m = reasons(measure, DEFAULT, CUTS, AS_OF)[:3]
    assert (r.value, r.sign, r.line, r.next_line, r.outcome) == (12, "<", 31, 7, "4")
    assert (f.value, f.sign, f.line, f.next_line, f.outcome) == (6, ">", 5, None, "5")
    assert (m.value, m.sign, m.line, m.next_line, m.outcome) == (25, ">", 20, 30, "3")


def test_beyond_no_line_there_is_none_to_tell() -> None:
    r, f, m = reasons(Measure(TODAY - 300, 1, 5, 1, 0), DEFAULT, CUTS, AS_OF)[:3]
    assert [(one.line, one.holds, one.outcome) for one in (r, f, m)] == [(None, False, "1")] * 3
    assert [one.next_line for one in (r, f, m)] == [180, 1, 10]


def test_who_bought_before_the_window_is_told_why_nobody_scored_them() -> None:
    told = reasons(Measure(TODAY - 40, 0, 0, 2, 0), DEFAULT, CUTS, AS_OF)
    assert of("group", told) == [Reason("group", "scored", "orders", 0, ">", 0, False, "-")]
    assert [one.rule for one in of("stage", told)] == ["lost", "dormant", "repurchase_1"]


def test_with_too_few_buyers_the_population_is_told() -> None:
    cuts = CutPoints("default", 1, AS_OF, 3)
    told = reasons(Measure(TODAY - 1, 1, 5, 1, 0), DEFAULT, cuts, AS_OF)
    assert of("group", told) == [Reason("group", "scored", "population", 3, ">=", 5, False, "-")]


def test_a_member_without_a_purchase_is_told_by_the_days_since_joining() -> None:
    joined = (AS_OF - timedelta(31)).toordinal()
    told = reasons(Measure(None, 0, 0, 0, joined), DEFAULT, CUTS, AS_OF)
    [stage] = of("stage", told)
    assert (stage.value, stage.sign, stage.line, stage.holds) == (31, "<=", 30, False)
    assert stage.outcome == "prospect"
