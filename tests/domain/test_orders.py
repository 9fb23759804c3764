"""An order is the same whatever the order and number of its facts."""

from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.figures import Figures
from siyu.domain.order_facts import Cancelled, Completed, Fact, Paid, Refunded
from siyu.domain.orders import Contribution, Order, standalone_order_id
from siyu.errors import ConflictingFactError

START = datetime(2026, 3, 1, tzinfo=UTC)
instants = st.integers(0, 60 * 24 * 40).map(lambda minutes: START + timedelta(minutes=minutes))
amounts = st.integers(1, 10_000)
refunds = st.builds(
    Refunded, st.sampled_from(["r1", "r2", "r3"]), amounts, instants, st.none() | st.just("b")
)
flags = st.builds(Cancelled, instants) | st.builds(Completed, instants)
histories = st.tuples(
    st.none() | st.builds(Paid, amounts, instants, st.just("b")),
    st.lists(refunds | flags, max_size=6),
).map(lambda drawn: [fact for fact in (drawn[0], *drawn[1]) if fact is not None])


def fold(facts: list[Fact], order_id: str = "1") -> Order:
    return reduce(Order.apply, facts, Order("pos", order_id))


@given(histories, st.data())
def test_arrival_in_any_order_and_number_gives_the_same_order(
    facts: list[Fact], data: st.DataObject
) -> None:
    repeated = facts + [fact for fact in facts if data.draw(st.booleans())]
    shuffled = data.draw(st.permutations(repeated))
    assert fold(shuffled) == fold(facts)
    assert fold(shuffled).contribution == fold(facts).contribution


@given(histories)
def test_figures_forget_what_an_order_was_before(facts: list[Fact]) -> None:
    """Exchanging contributions step by step ends where a single step would."""
    order, figures = Order("pos", "1"), Figures()
    for fact in facts:
        after = order.apply(fact)
        figures = figures.exchange(order.contribution, after.contribution)
        order = after
    assert figures == Figures().exchange(None, order.contribution)


def test_refunds_count_once_per_id_at_their_largest() -> None:
    order = fold(
        [
            Paid(1000, START),
            Refunded("a", 100, START),
            Refunded("a", 300, START),
            Refunded("a", 200, START),
            Refunded("b", 50, START),
        ]
    )
    assert order.net_minor == 650
    assert order.contribution == Contribution(START.date(), 1, 650)


def test_a_cancelled_order_keeps_nothing_and_loses_nothing_twice() -> None:
    order = fold([Paid(1000, START), Refunded("a", 1000, START), Cancelled(START)])
    assert order.net_minor == 0
    assert fold([Paid(1000, START), Cancelled(START)]).net_minor == 0


def test_more_may_be_refunded_than_was_paid() -> None:
    order = fold([Paid(1000, START), Refunded("a", 1200, START)])
    assert order.contribution == Contribution(START.date(), 0, -200)


def test_a_refund_of_an_unknown_sale_waits_for_it() -> None:
    refunded = fold([Refunded("a", 300, START, "b")])
    assert refunded.contribution is None
    assert refunded.buyer_key is None
    assert refunded.apply(Paid(1000, START, "b")).net_minor == 700


def test_a_refund_without_a_sale_takes_from_its_buyer_and_counts_no_order() -> None:
    order = fold([Refunded("a", 300, START, "b")], standalone_order_id("a"))
    assert order.contribution == Contribution(START.date(), 0, -300)
    assert order.buyer_key == "b"


def test_a_refund_without_a_sale_cannot_change_its_buyer() -> None:
    """Two tills that number their refunds alike: the second is kept for a person to look at."""
    first = fold([Refunded("1", 300, START, "a")], standalone_order_id("1"))
    with pytest.raises(ConflictingFactError):
        first.apply(Refunded("1", 500, START, "b"))
    assert first.apply(Refunded("1", 500, START, "a")).net_minor == -500


def test_what_a_refund_says_of_its_buyer_does_not_matter_where_there_is_a_sale() -> None:
    order = fold([Refunded("r", 1, START, "x"), Paid(10, START, "b"), Refunded("s", 1, START, "y")])
    assert (order.buyer_key, order.net_minor) == ("b", 8)


def test_a_second_sale_with_other_content_is_a_conflict() -> None:
    with pytest.raises(ConflictingFactError):
        fold([Paid(1000, START), Paid(1001, START)])


def test_the_business_day_is_the_day_in_shanghai() -> None:
    late = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
    contribution = fold([Paid(1, late)]).contribution
    assert contribution is not None
    assert contribution.day.isoformat() == "2026-11-22"
