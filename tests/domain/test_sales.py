"""A sale is the same whoever tells of it first, and no source can make it larger than it was."""

from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.order_facts import Cancelled, Line, Paid, Refunded
from siyu.domain.orders import Order
from siyu.domain.sales import SALE_SOURCE, with_part

START = datetime(2026, 3, 1, 4, tzinfo=UTC)
PAYMENT = "4200002026"
SOURCES = ("pay", "shop", "till")
Reports = dict[str, Order]


@st.composite
def report(draw: st.DrawFn, source: str, number: int) -> tuple[str, Order]:
    """An order as one source tells it, with what it knows of refunds."""
    paid = Paid(
        draw(st.integers(1, 10_000)),
        START + timedelta(minutes=draw(st.integers(0, 3_000))),
        buyer_key=draw(st.none() | st.just("b")),
        store_id=draw(st.none() | st.just("A1B")),
        payment_id=PAYMENT,
        payment_only=draw(st.booleans()) if source == "pay" else False,
        lines=(Line(f"{source}-{number}", 1, 100),) if draw(st.booleans()) else (),
    )
    order = Order(source, str(number)).apply(paid)
    for refund in range(draw(st.integers(0, 2))):
        order = order.apply(Refunded(f"r{refund}", draw(st.integers(1, 12_000)), START))
    if draw(st.integers(0, 5)) == 0:
        order = order.apply(Cancelled(START))
    return f"{source}#{number}", order


orders = st.lists(
    st.tuples(st.sampled_from(SOURCES), st.integers(1, 2)), min_size=1, max_size=5, unique=True
).flatmap(lambda names: st.tuples(*(report(*name) for name in names)).map(dict[str, Order]))


def sale_of(*reports: tuple[str, Order]) -> Order:
    empty = Order(SALE_SOURCE, PAYMENT)
    return reduce(lambda sale, told: with_part(sale, *told), reports, empty)


def paid_by(told: Reports, source: str) -> int:
    return sum(order.paid_minor for order in told.values() if order.source == source)


@given(orders, st.data())
def test_any_order_and_number_of_reports_gives_the_same_sale(
    told: Reports, data: st.DataObject
) -> None:
    reports = list(told.items())
    repeated = reports + [one for one in reports if data.draw(st.booleans())]
    shuffled = data.draw(st.permutations(repeated))
    assert sale_of(*shuffled) == sale_of(*reports)
    assert sale_of(*shuffled).contribution == sale_of(*reports).contribution


@given(orders, st.data())
def test_only_what_an_order_says_at_last_stays(told: Reports, data: st.DataObject) -> None:
    """A report comes again with every fact of its order; the sale forgets how it stood before."""
    key, order = data.draw(st.sampled_from(list(told.items())))
    before = Order(order.source, order.order_id).apply(order.paid) if order.paid else order
    sale = sale_of((key, before), *told.items())
    assert sale == sale_of(*told.items())


@given(orders)
def test_paid_is_what_one_source_says_and_nobody_elses_is_added(told: Reports) -> None:
    sale = sale_of(*told.items())
    sources = {order.source for order in told.values()}
    assert sale.paid_minor in {paid_by(told, source) for source in sources}


@given(orders)
def test_who_sees_the_payment_only_never_outranks_who_knows_the_sale(told: Reports) -> None:
    knows = {order.source for order in told.values() if order.paid and not order.paid.payment_only}
    sale = sale_of(*told.items())
    if knows:
        assert sale.paid_minor == paid_by(told, min(knows))


@given(orders)
def test_given_back_is_the_most_that_any_one_source_knows_of(told: Reports) -> None:
    """All of it is all of what counts, whatever a source takes the total to be."""
    sale = sale_of(*told.items())
    most = 0
    for source in {order.source for order in told.values()}:
        back = sum(order.given_back_minor for order in told.values() if order.source == source)
        everything = back >= paid_by(told, source)
        most = max(most, sale.paid_minor if everything else min(back, sale.paid_minor))
    # Only who is believed about the amount may say that more went back than was paid.
    assert sale.given_back_minor == most or sale.given_back_minor > sale.paid_minor
    assert sale.given_back_minor >= most


@pytest.mark.parametrize("fact", [Cancelled(START), None], ids=["cancelled", "refunded"])
def test_what_all_report_as_gone_is_gone_whatever_they_take_it_to_be(
    fact: Cancelled | None,
) -> None:
    told = [
        (key, order.apply(fact or Refunded("r", order.paid_minor, START)))
        for key, order in (shop(5_000), pay(6_000))
    ]
    assert (sale_of(*told).net_minor, sale_of(*told[::-1]).net_minor) == (0, 0)


@given(orders)
def test_net_is_never_above_paid_and_never_above_what_is_left(told: Reports) -> None:
    sale = sale_of(*told.items())
    assert sale.net_minor <= sale.paid_minor
    assert sale.net_minor == sale.paid_minor - sale.given_back_minor


@given(orders)
def test_a_sale_counts_once_and_its_orders_not_at_all(told: Reports) -> None:
    sale = sale_of(*told.items())
    assert [order.contribution for order in told.values()] == [None] * len(told)
    contribution = sale.contribution
    assert contribution is not None
    assert contribution.net_minor == sale.net_minor
    assert contribution.orders == (sale.net_minor > 0)


@given(orders)
def test_who_bought_stays_with_the_orders(told: Reports) -> None:
    sale = sale_of(*told.items())
    assert (sale.buyer_key, sale.people, sale.payment_id) == (None, (), None)
    assert all(part.paid.buyer_key is None for part in sale.parts.values())


def shop(amount: int, number: int = 1) -> tuple[str, Order]:
    paid = Paid(amount, START, payment_id=PAYMENT)
    return f"shop#{number}", Order("shop", str(number)).apply(paid)


def pay(amount: int) -> tuple[str, Order]:
    paid = Paid(amount, START, payment_id=PAYMENT, payment_only=True)
    return "pay#1", Order("pay", "1").apply(paid)


def test_two_orders_of_one_shop_under_one_payment_add_up() -> None:
    both = sale_of(pay(12_800), shop(5_000), shop(7_800, 2))
    assert (both.paid_minor, both.contribution and both.contribution.orders) == (12_800, 1)
    assert sale_of(shop(5_000), shop(7_800, 2)).paid_minor == 12_800


def test_the_payment_speaks_until_a_shop_does() -> None:
    assert sale_of(pay(12_800)).paid_minor == 12_800
    assert sale_of(pay(12_800), shop(12_000)).paid_minor == 12_000
    assert sale_of(shop(12_000), pay(12_800)).paid_minor == 12_000


def test_a_refund_that_all_report_is_given_back_once() -> None:
    refund = Refunded("r", 3_000, START)
    told = [(key, order.apply(refund)) for key, order in (shop(12_800), pay(12_800))]
    assert sale_of(*told).net_minor == 9_800
    assert sale_of(told[0], pay(12_800)).net_minor == 9_800
    assert sale_of(shop(12_800), told[1]).net_minor == 9_800


def test_a_cancelled_report_takes_back_all_of_it() -> None:
    key, order = shop(12_800)
    assert sale_of((key, order.apply(Cancelled(START))), pay(12_800)).net_minor == 0


def test_an_order_nobody_paid_tells_of_no_sale() -> None:
    with pytest.raises(ValueError, match="only a paid order"):
        with_part(Order(SALE_SOURCE, PAYMENT), "shop#1", Order("shop", "1"))
