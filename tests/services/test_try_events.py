"""A trial says what recording would come to, event by event, and writes nothing."""

from __future__ import annotations

import pytest

from siyu.api.order_event import read_event
from siyu.api.quarantine import READERS
from siyu.errors import UnprocessableEventError
from siyu.services.order_events import OrderEvent
from siyu.services.record_order import record_order
from siyu.services.replay_events import Trial, try_event
from siyu.services.try_events import Tried, try_events
from tests.functions.callbacks import friend, queued, received
from tests.services.aside import configure_kiosk, put_aside, told_by_kiosk
from tests.services.contacts import change_secrets
from tests.services.shop import event, paid, receipt, scan, settle
from tests.support import NOW, dump


def pay(order: str, amount: int, **more: object) -> OrderEvent:
    return event("order.paid", None, order_id=order, paid_minor=amount, **more)


def refund(order: str | None, amount: int, refund_id: str = "r", **more: object) -> OrderEvent:
    fields = {"order_id": order, "refund_id": refund_id, "refunded_minor": amount, **more}
    return event("order.refunded", None, **fields)


def by_provider(order: str, amount: int, payment: str) -> OrderEvent:
    """The same sale as the payment provider tells of it."""
    data = {
        "order_id": order,
        "paid_minor": amount,
        "payment_id": payment,
        "payment_only": True,
        "currency": "CNY",
        "occurred_at": NOW.isoformat(),
    }
    return read_event("pay", f"pay-{order}", NOW, {"type": "order.paid", "data": data})


SALE = pay("9", 700)
MESSAGES: dict[str, list[OrderEvent]] = {
    "a sale": [pay("2", 5_000)],
    "a sale of a member": [pay("2", 5_000, buyer_id="ann")],
    "a sale and what went back": [pay("2", 5_000, buyer_id="ann"), refund("2", 1_000)],
    "what went back before its sale": [refund("2", 1_000), pay("2", 5_000, buyer_id="ann")],
    "a refund that grows": [pay("2", 500), refund("2", 100), refund("2", 300), refund("2", 200)],
    "a cancelled sale": [pay("2", 500, buyer_id="ann"), event("order.cancelled", order_id="2")],
    "a known sale, fuller": [pay("1", 900, buyer_id="ann", store_id="A1B")],
    "a known sale, contradicted": [pay("1", 901, buyer_id="ann"), refund("1", 100)],
    "one sale twice": [SALE, SALE],
    "a sale that contradicts itself": [pay("2", 500), pay("2", 501), refund("2", 1)],
    "a sale by its payment, told by both": [
        pay("2", 5_000, payment_id="p1", buyer_id="ann"),
        by_provider("x", 5_000, "p1"),
        refund("2", 1_500),
    ],
    "a payment that pays two orders": [
        pay("2", 3_000, payment_id="p2", buyer_id="ann"),
        pay("3", 2_000, payment_id="p2", buyer_id="ann"),
        by_provider("y", 5_000, "p2"),
        event("order.cancelled", order_id="3"),
    ],
    "another order of a known payment": [
        pay("5", 100, payment_id="p0"),
        refund("4", 50),
        refund("5", 20),
    ],
    "a refund without a sale": [refund(None, 300, buyer_id="ann")],
    "nothing": [],
}


def shop() -> None:
    """A member with a sale, and a sale told by its payment."""
    paid("1", 900, buyer_id="ann", receipt_token=receipt(1))
    scan(receipt(1), "ann")
    paid("4", 250, payment_id="p0", buyer_id="ann")
    settle()


def recorded(one: OrderEvent) -> Tried:
    """What the event comes to for real."""
    (tried,) = try_events([one])
    try:
        outcome, reason = record_order(one).value, None
    except UnprocessableEventError as error:
        outcome, reason = "refused", error.reason
    assert (tried.outcome, tried.reason) == (outcome, reason)
    return tried


@pytest.mark.parametrize("events", MESSAGES.values(), ids=MESSAGES.keys())
def test_a_trial_of_a_message_is_what_recording_it_one_by_one_comes_to(
    events: list[OrderEvent],
) -> None:
    shop()
    before = dump()
    tried = try_events(events)
    assert dump() == before
    assert tried == [recorded(one) for one in events]


def test_amounts_are_those_of_the_order_and_of_what_counts() -> None:
    shop()
    first = pay("2", 5_000, buyer_id="ann", payment_id="p1")
    sale, known, unseen = try_events([first, by_provider("x", 5_000, "p1"), refund("7", 100)])
    assert sale == Tried("shop#2", "recorded", 0, 5_000, 0, 5_000, member_known=True)
    assert known == Tried("pay#x", "recorded", 0, 5_000, 5_000, 5_000, member_known=True)
    assert unseen == Tried("shop#7", "recorded", 0, -100, 0, 0, member_known=False)


def test_a_trial_uses_the_adapters_and_secrets_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    name = put_aside(told_by_kiosk())
    before = dump()
    text = "the source is not configured any more"
    assert try_event(name, READERS) == Trial("refused", (), "unknown_source", text)
    configure_kiosk(monkeypatch)
    sale = Tried("kiosk#1", "recorded", 0, 5_000, 0, 5_000, member_known=False)
    assert try_event(name, READERS) == Trial("recorded", [sale])
    assert dump() == before


def test_a_trial_of_a_contacts_message_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    received()
    name = put_aside(queued(friend()))
    before = dump()
    assert try_event(name, READERS) == Trial("requeued")
    change_secrets(monkeypatch, wecom=None)
    assert try_event(name, READERS).reason == "not_a_callback"
    assert (dump(), received()) == (before, [])
