"""What was read for a batch serves each of its messages until an earlier one has written it."""

from __future__ import annotations

from siyu import counts
from siyu.services.order_events import OrderEvent
from siyu.services.record_batch import look_ahead, record_all
from siyu.storage import keys, orders
from tests.services.shop import event, paid, receipt, scan, settle
from tests.support import SOURCE


def joined(number: int) -> str:
    """A buyer who is a member."""
    buyer = f"buyer{number}"
    paid(f"first{number}", 900, buyer_id=buyer, receipt_token=receipt(number))
    scan(receipt(number), buyer)
    settle()
    return buyer


def order(number: str, buyer: str | None) -> OrderEvent:
    return event("order.paid", order_id=number, paid_minor=5_000, buyer_id=buyer)


def test_the_second_order_of_a_member_is_read_again() -> None:
    ann, bob = joined(1), joined(2)
    told = {"a": [order("1", ann)], "b": [order("2", ann)], "c": [order("3", bob)]}

    ahead = look_ahead(told)

    assert [ahead.of(name) is not None for name in told] == [True, False, True]


def test_the_second_event_of_an_order_is_read_again() -> None:
    refund = event("order.refunded", order_id="1", refund_id="r", refunded_minor=100)

    ahead = look_ahead({"a": [order("1", None)], "b": [refund], "c": [order("2", None)]})

    assert [ahead.of(name) is not None for name in ("a", "b", "c")] == [True, False, True]


def test_what_was_recorded_before_is_known_without_another_look() -> None:
    ann = joined(1)
    again = order("1", ann)
    list(record_all([again]))

    ahead = look_ahead({"a": [again], "b": [order("2", ann)]})

    assert ahead.of("a") is not None
    assert ahead.of("b") is not None


def test_no_order_of_a_batch_is_tried_in_vain() -> None:
    ann = joined(1)
    told = {str(number): [order(str(number), ann)] for number in range(5)}
    ahead = look_ahead(told)

    counts.forget()
    for name, events in told.items():
        list(record_all(events, ahead.of(name)))

    found = orders.find(keys.order_key(SOURCE, name) for name in told)
    assert all(standing.order.member_id for standing in found.values())
    assert "TransactionRetried" not in counts._counted
