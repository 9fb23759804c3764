"""What Shopify's orders and refunds prove, whichever topic tells them."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.channels.adapters.shopify import read
from siyu.channels.contract import Delivery, Event
from siyu.errors import UnprocessableEventError
from siyu.secrets import Source
from tests.channels import shopify
from tests.channels.shopify import (
    CANCELLED,
    FIELDS,
    FULFILLED,
    ORDER_ID,
    REFUND_ID,
    encode,
    fulfillment,
    line,
    order,
    refund,
    transaction,
)
from tests.support import NOW

SOURCE = Source("intl", "shopify", FIELDS)


def told(topic: str, body: Any) -> list[Event]:
    text = body if isinstance(body, str) else encode(body).decode()
    return list(read(Delivery("intl", "d1", topic, NOW, text), SOURCE))


def unreadable(topic: str, body: Any) -> str:
    with pytest.raises(UnprocessableEventError) as error:
        told(topic, body)
    return error.value.reason


def kinds_told(body: Any, topic: str = "orders/updated") -> list[str]:
    return [event["type"].removeprefix("order.") for event in told(topic, body)]


def facts(body: Any, kind: str, topic: str = "orders/updated") -> list[dict[str, Any]]:
    return [one["data"] for one in told(topic, body) if one["type"] == f"order.{kind}"]


def test_a_paid_order_tells_its_sale() -> None:
    assert kinds_told(order()) == ["created", "paid"]
    assert facts(order(location_id=655441491), "paid") == [
        {
            "order_id": ORDER_ID,
            "paid_minor": 13_949,
            "currency": "CNY",
            "occurred_at": shopify.PROCESSED,
            "buyer_id": 115310627314723954,
            "store_id": 655441491,
            "lines": [
                {"sku": "CUP-WHITE", "quantity": 2, "amount_minor": 10_950},
                {"sku": "808950811", "quantity": 1, "amount_minor": 1_999},
            ],
            "delivery": None,
        }
    ]


ADDRESS = {
    "first_name": "ann",
    "name": "ann",
    "company": None,
    "address1": "123 Shipping Street",
    "address2": "Flat 7",
    "city": "Shippington",
    "zip": "40003",
    "province": "Kentucky",
    "province_code": "KY",
    "country": "United States",
    "country_code": "US",
    "phone": "555-555-SHIP",
    "latitude": None,
}


def test_where_the_goods_go_is_told_without_a_name() -> None:
    (sale,) = facts(order(shipping_address=ADDRESS), "paid")
    assert sale["delivery"] == {
        "address": "US 40003 KY Shippington 123 Shipping Street Flat 7",
        "phone": "555-555-SHIP",
    }


@pytest.mark.parametrize(
    "address",
    [None, {"country_code": "US"}, {**ADDRESS, "address1": None}, {"address1": "x" * 301}, "home"],
)
def test_a_sale_counts_where_no_address_can_be_told(address: Any) -> None:
    (sale,) = facts(order(shipping_address=address), "paid")
    assert (sale["delivery"], sale["paid_minor"]) == (None, 13_949)


@pytest.mark.parametrize("status", ["paid", "partially_refunded", "refunded"])
def test_what_was_all_paid_once_is_a_sale_and_the_same_one(status: str) -> None:
    later = order(financial_status=status, current_total_price="0.00", updated_at=CANCELLED)
    assert facts(later, "paid") == facts(order(), "paid")


@pytest.mark.parametrize("status", ["pending", "authorized", "partially_paid", "voided", "expired"])
def test_what_is_not_all_paid_proves_no_sale(status: str) -> None:
    assert kinds_told(order(financial_status=status)) == ["created"]


def test_a_free_order_is_no_sale() -> None:
    assert kinds_told(order(total_price="0.00")) == ["created"]


@pytest.mark.parametrize(
    "lines",
    [
        [{**line(0, None, "9.00"), "variant_id": None}],
        [line(0, "A", "9.00"), {**line(1, "", "9.00"), "variant_id": None}],
        [line(0, "A", "9.00", 0)],
        [line(number, "A", "1.00") for number in range(101)],
    ],
    ids=["custom item", "one of two", "none of it", "too many"],
)
def test_lines_are_told_whole_or_not_at_all(lines: list[Any]) -> None:
    assert facts(order(line_items=lines), "paid")[0]["lines"] == []


def test_a_sku_too_long_gives_way_to_the_variant() -> None:
    told_lines = facts(order(line_items=[line(0, "s" * 65, "9.00")]), "paid")[0]["lines"]
    assert [one["sku"] for one in told_lines] == ["808950810"]


def test_only_money_that_went_back_is_a_refund() -> None:
    card, gift = transaction("20.00"), transaction("8.01", gateway="gift_card")
    pending, failed = transaction(status="pending"), transaction(status="failure")
    two = refund(card, gift, pending, failed, transaction(kind="void"))
    assert facts(two, "refunded", "refunds/create") == [
        {
            "order_id": ORDER_ID,
            "refund_id": REFUND_ID,
            "refunded_minor": 2_801,
            "currency": "CNY",
            "occurred_at": shopify.REFUNDED,
        }
    ]
    with pytest.raises(UnprocessableEventError, match="refund_pending"):
        told("refunds/create", refund(pending))
    assert told("refunds/create", {**refund(), "transactions": []}) == []
    assert told("refunds/create", refund(transaction("0.00"))) == []


def test_a_refund_is_the_same_by_itself_and_in_its_order() -> None:
    inside = order(financial_status="partially_refunded", refunds=[refund()])
    assert facts(inside, "refunded") == facts(refund(), "refunded", "refunds/create") != []


def test_completed_is_when_the_last_part_was_sent() -> None:
    parts = [fulfillment(shopify.REFUNDED), fulfillment(), fulfillment(CANCELLED, "cancelled")]
    whole = order(fulfillment_status="fulfilled", fulfillments=parts)
    assert facts(whole, "completed") == [{"order_id": ORDER_ID, "occurred_at": FULFILLED}]
    assert kinds_told({**whole, "fulfillment_status": "partial"}) == ["created", "paid"]
    nothing_sent = order(fulfillment_status="fulfilled", updated_at=CANCELLED)
    assert facts(nothing_sent, "completed")[0]["occurred_at"] == CANCELLED


def test_an_imported_order_keeps_its_day_and_others_have_their_creation() -> None:
    imported = order(processed_at="2019-05-01T09:00:00+08:00")
    assert facts(imported, "paid")[0]["occurred_at"] == "2019-05-01T09:00:00+08:00"
    assert facts(order(processed_at=None), "paid")[0]["occurred_at"] == shopify.CREATED


@pytest.mark.parametrize(
    "topic",
    ["orders/create", "orders/paid", "orders/updated", "orders/fulfilled", "orders/cancelled"],
)
def test_every_topic_of_orders_tells_all_that_the_order_proves(topic: str) -> None:
    body = order(
        financial_status="refunded",
        fulfillment_status="fulfilled",
        fulfillments=[fulfillment()],
        refunds=[refund()],
        cancelled_at=CANCELLED,
    )
    assert kinds_told(body, topic) == ["created", "paid", "cancelled", "completed", "refunded"]


def test_an_id_beyond_what_a_double_holds_keeps_its_digits() -> None:
    assert facts(order(2**63 + 1), "created")[0]["order_id"] == 9_223_372_036_854_775_809


@pytest.mark.parametrize(("amount", "minor"), [("19.99", 1_999), (19.99, 1_999), (20, 2_000)])
def test_an_amount_is_exact_also_as_a_number(amount: Any, minor: int) -> None:
    assert facts(order(total_price=amount), "paid")[0]["paid_minor"] == minor


def test_a_test_order_is_told_apart() -> None:
    assert unreadable("orders/paid", order(test=True)) == "test_order"
    assert unreadable("refunds/create", refund(transaction(test=True))) == "test_order"


@pytest.mark.parametrize("topic", ["orders/edited", "orders/delete", "refunds/update", ""])
def test_another_topic_is_unknown(topic: str) -> None:
    assert unreadable(topic, order()) == unreadable(topic, refund()) == "unknown_topic"


DRAFT = {**order(), "admin_graphql_api_id": f"gid://shopify/DraftOrder/{ORDER_ID}"}
RETURN = {**refund(), "admin_graphql_api_id": f"gid://shopify/Return/{REFUND_ID}"}
UNREADABLE = {
    "refund as an order": ("orders/paid", refund()),
    "order as a refund": ("refunds/create", order()),
    "draft": ("orders/create", DRAFT),
    "return": ("refunds/create", RETURN),
    "another's name": ("orders/paid", {**order(), "id": 1}),
    "no name": ("orders/paid", {**order(), "admin_graphql_api_id": None}),
    "list": ("orders/paid", "[]"),
    "not JSON": ("orders/paid", "{"),
    "cut to some fields": ("orders/paid", {**order(), "refunds": None}),
    "refunds an object": ("orders/paid", order(refunds={})),
    "status unknown": ("orders/paid", {**order(), "financial_status": None}),
    "total no amount": ("orders/paid", order(total_price="a lot")),
    "total too fine": ("orders/paid", order(total_price="1.001")),
    "created never": ("orders/paid", order(created_at="yesterday")),
    "two currencies": (
        "refunds/create",
        refund(transaction("1.00"), transaction("1.00", currency="USD")),
    ),
}


@pytest.mark.parametrize(("topic", "body"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_no_order_or_refund_is_not_read(topic: str, body: Any) -> None:
    assert unreadable(topic, body) == "not_an_order_event"
