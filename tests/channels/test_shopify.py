"""Shopify's webhooks: what is authentic is queued, and every order of delivery ends the same."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from siyu.channels.adapters.shopify import receive as receive_one
from siyu.channels.contract import Request
from siyu.domain.order_facts import Line
from siyu.domain.orders import Order
from siyu.secrets import Source
from siyu.storage import orders
from tests.channels import shopify
from tests.channels.shopify import (
    CANCELLED,
    OLD_SECRET,
    ORDER_ID,
    PATH,
    SECRET,
    encode,
    fulfillment,
    headers,
    order,
    refund,
)
from tests.functions.calls import batch, call, refused, with_headers
from tests.functions.make_events import http
from tests.support import NOW, dump, kinds, receive

pytestmark = pytest.mark.usefixtures("empty_table")

CASES = shopify.events(http)
PAID = CASES["order_webhook/shopify_paid"]


def webhook(topic: str, body: Any, **more: str) -> dict[str, Any]:
    content = body if isinstance(body, bytes) else encode(body)
    return http("POST", PATH, content, **headers(content, topic, **more))


def accepted(event: dict[str, Any]) -> dict[str, Any]:
    answer = call("order_webhook", event)
    assert (answer["statusCode"], answer.get("body", "")) == (200, "")
    (queued,) = receive()
    fields: dict[str, Any] = json.loads(queued)
    return fields


def not_authentic(event: dict[str, Any]) -> None:
    refused(call("order_webhook", event), 401, "signature_not_valid")
    assert receive() == []


def test_an_authentic_delivery_is_queued_word_for_word() -> None:
    sent = PAID["headers"]
    assert accepted(PAID) == {
        "source": "intl",
        "delivery_id": sent["x-shopify-webhook-id"],
        "topic": "orders/paid",
        "received_at": NOW.isoformat(),
        "body": PAID["body"],
    }


def test_a_body_in_base64_is_the_same_delivery() -> None:
    assert accepted(CASES["order_webhook/shopify_base64"]) == accepted(PAID)


def test_the_secret_before_the_last_rotation_is_good_too() -> None:
    assert accepted(webhook("orders/paid", order(), secret=OLD_SECRET))["topic"] == "orders/paid"


def test_a_delivery_a_day_late_is_taken() -> None:
    late = webhook("orders/paid", order(), x_shopify_triggered_at="2026-11-21T03:00:00Z")
    assert accepted(late)["body"] == PAID["body"]


@pytest.mark.parametrize("given", ["", "x", "a b c d e f g h", "a" * 65, "é" * 20, "\ud800" * 9])
def test_a_delivery_without_a_sane_id_is_named_by_its_content(given: str) -> None:
    named = accepted(with_headers(PAID, x_shopify_webhook_id=given))["delivery_id"]
    other = webhook("orders/paid", order(note="!"))
    assert len(named) == 64
    assert accepted(with_headers(other, x_shopify_webhook_id=given))["delivery_id"] != named


SIGNATURE = PAID["headers"]["x-shopify-hmac-sha256"]
UNSIGNED = {
    "tampered": {**PAID, "body": PAID["body"].replace("139.49", "939.49")},
    "other secret": webhook("orders/paid", order(), secret="guess"),
    "empty secret": webhook("orders/paid", order(), secret=""),
    "no signature": with_headers(PAID, x_shopify_hmac_sha256=""),
    "signature joined": with_headers(PAID, x_shopify_hmac_sha256=f"{SIGNATURE},{SIGNATURE}"),
    "signature cut off": with_headers(PAID, x_shopify_hmac_sha256=SIGNATURE[:-4]),
    "signature no text": with_headers(PAID, x_shopify_hmac_sha256="é\ud800"),
    "another shop's": with_headers(PAID, x_shopify_shop_domain="other.myshopify.com"),
    "no shop": with_headers(PAID, x_shopify_shop_domain=""),
}


@pytest.mark.parametrize("event", UNSIGNED.values(), ids=UNSIGNED.keys())
def test_what_is_not_authentic_is_refused(event: dict[str, Any]) -> None:
    not_authentic(event)


def test_a_source_that_names_no_shop_takes_whatever_its_app_signed() -> None:
    content = encode(order())
    sent = headers(content, "orders/paid", x_shopify_shop_domain="other.myshopify.com")
    source = Source("intl", "shopify", {"secrets": [SECRET]})
    assert receive_one(Request(sent, {}, content, NOW), source).topic == "orders/paid"


@pytest.mark.parametrize("topic", ["", "orders", "orders/paid,orders/paid", "a" * 200, "\ud800/x"])
def test_a_delivery_without_a_topic_is_malformed(topic: str) -> None:
    refused(
        call("order_webhook", with_headers(PAID, x_shopify_topic=topic)), 400, "malformed_request"
    )
    assert receive() == []


def test_an_authentic_body_that_is_no_json_is_refused() -> None:
    answer = call("order_webhook", webhook("orders/paid", b"{"))
    assert (answer["statusCode"], "not_json" in answer["body"]) == (422, True)
    assert receive() == []


def deliver(*sent: tuple[str, Any], name: str = "w") -> None:
    """Give the worker deliveries, each under an id of its own."""
    messages = [
        {
            "source": "intl",
            "delivery_id": f"{name}-{number}",
            "topic": topic,
            "received_at": NOW.isoformat(),
            "body": encode(body).decode(),
        }
        for number, (topic, body) in enumerate(sent)
    ]
    answer = call("order_worker", batch(*map(json.dumps, messages)))
    assert answer == {"batchItemFailures": []}


def standing(order_id: int = ORDER_ID) -> Order:
    return orders.find([f"intl#{order_id}"])[f"intl#{order_id}"].order


def reasons() -> list[str]:
    return [one["reason"]["S"] for one in dump().values() if one["kind"]["S"] == "QUARANTINE"]


def life(order_id: int = ORDER_ID) -> list[tuple[str, Any]]:
    """One order as five topics tell it, each as it stood then."""
    returned = refund(order_id=order_id)
    part = {"financial_status": "partially_refunded", "refunds": [returned]}
    whole = {**part, "fulfillment_status": "fulfilled", "fulfillments": [fulfillment()]}
    return [
        ("orders/create", order(order_id, financial_status="pending")),
        ("orders/paid", order(order_id)),
        ("refunds/create", returned),
        ("orders/updated", order(order_id, **part)),
        ("orders/fulfilled", order(order_id, **whole)),
    ]


def test_every_order_of_delivery_gives_one_state() -> None:
    found = set()
    for number, sent in enumerate(permutations((0, 1, 2, 4))):
        stages = life(ORDER_ID + number)
        deliver(*(stages[stage] for stage in sent), name=f"w{number}")
        found.add(repr(replace(standing(ORDER_ID + number), order_id="")))
    assert len(found) == 1
    assert "QUARANTINE" not in kinds()
    known = standing()
    assert (known.paid_minor, known.refunded_minor, known.net_minor) == (13_949, 2_801, 11_148)
    assert known.paid is not None
    assert known.paid.lines == (Line("CUP-WHITE", 2, 10_950), Line("808950811", 1, 1_999))
    assert known.completed_at is not None


def test_the_topics_of_two_subscriptions_leave_one_fact_of_each_kind() -> None:
    deliver(*life(), name="first")
    deliver(*life(), name="second")
    assert (kinds()["ORDER"], kinds()["FACT"]) == (1, 4)


def test_the_worker_takes_what_the_receiver_queued_and_knows_it_again() -> None:
    for case in ("paid", "cancelled", "refund", "paid"):
        assert call("order_webhook", CASES[f"order_webhook/shopify_{case}"])["statusCode"] == 200
    assert call("order_worker", batch(*receive())) == {"batchItemFailures": []}
    assert (kinds()["ORDER"], kinds()["FACT"]) == (1, 4)
    assert standing().net_minor == 0


def test_a_refund_told_later_as_larger_counts_once() -> None:
    pending = shopify.transaction("10.00", status="pending")
    some, all_of_it = shopify.transaction("18.01"), shopify.transaction("10.00")
    deliver(
        ("orders/paid", order()),
        ("refunds/create", refund(some, pending)),
        ("orders/updated", order(refunds=[refund(some, all_of_it)])),
        ("refunds/create", refund(some, pending)),
    )
    assert standing().refunded_minor == 2_801


def test_a_cancelled_order_counts_nothing_though_less_was_given_back() -> None:
    deliver(
        ("orders/cancelled", order(cancelled_at=CANCELLED, refunds=[refund()])),
        ("orders/paid", order()),
    )
    assert standing().net_minor == 0


def test_an_edit_that_adds_goods_is_kept_for_a_person_and_the_first_total_stays() -> None:
    edited = order(total_price="159.49", refunds=[refund()])
    deliver(("orders/paid", order()), ("orders/updated", edited))
    assert reasons() == ["conflicting_fact"]
    assert (standing().paid_minor, standing().refunded_minor) == (13_949, 2_801)


def test_what_cannot_count_is_kept_with_its_reason() -> None:
    deliver(
        ("orders/paid", order(test=True)),
        ("orders/edited", {"order_edit": {"id": 1}}),
        ("orders/paid", refund()),
        ("orders/paid", order(currency="USD")),
    )
    kept = ["foreign_currency", "not_an_order_event", "test_order", "unknown_topic"]
    assert sorted(reasons()) == kept
