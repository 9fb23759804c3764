"""What a WeChat Shop's order says and what it does not, as the adapter reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from siyu.channels.adapters import wechat_shop as adapter
from siyu.channels.contract import Delivery
from siyu.errors import UnprocessableEventError
from siyu.secrets import Source
from tests.channels import wechat_shop as shop
from tests.channels.wechat_shop import (
    AFTERSALE_ID,
    GIVEN_UP,
    LINES,
    ORDER_ID,
    SHIPPED,
    TO_SHIP,
    aftersale,
    aftersale_push,
    line,
    order,
    push,
)
from tests.channels.wechat_shop_account import APP_ID, SOURCES
from tests.support import NOW, forget_login_codes, standin

Json = dict[str, Any]
PLAIN, SAFE = (Source(name, "wechat_shop", fields) for name, fields in SOURCES.items())


@pytest.fixture(autouse=True)
def empty_shop() -> None:
    forget_login_codes()


def read(content: Any, source: Source = PLAIN) -> list[Json]:
    text = content if isinstance(content, str) else json.dumps(content)
    delivery = Delivery(source.name, "d", "", NOW, text)
    return [dict(one) for one in adapter.read(delivery, source)]


def told(current: Json, *aftersales: Json, by: Json | None = None) -> dict[str, Mapping[str, Any]]:
    """What the order says, by kind of event."""
    standin.put_order(current)
    for one in aftersales:
        standin.put_aftersale(one)
    return {one["type"].partition(".")[2]: one["data"] for one in read(by or push("settle"))}


def refused(content: Any, source: Source = PLAIN) -> str:
    with pytest.raises(UnprocessableEventError) as error:
        read(content, source)
    return error.value.reason


def test_a_buyer_who_gave_up_placed_an_order_and_cancelled_it() -> None:
    found = told(order(GIVEN_UP))
    assert found.keys() == {"created", "cancelled"}
    assert found["cancelled"]["occurred_at"] == "2026-11-22T11:59:00+08:00"


def test_a_payment_counts_though_the_status_lags_behind() -> None:
    """WeChat has been seen to answer with both."""
    assert told({**order(TO_SHIP), "status": 10}, by=push("pay")).keys() == {"created", "paid"}


@pytest.mark.parametrize("method", [2, 3, 4])
def test_an_order_that_nobody_paid_is_no_sale(method: int) -> None:
    """To be paid later, won, or had for points: such orders have a time to pay all the same."""
    current = order(SHIPPED)
    current["order_detail"]["pay_info"] = {"payment_method": method, "pay_time": shop.PAID}
    assert told(current, by=push("pay")).keys() == {"created"}


def test_a_completed_order_was_completed_when_the_buyer_said_so() -> None:
    assert told(order(100))["completed"]["occurred_at"] == "2026-11-22T11:58:00+08:00"
    silent = order(100, update_time=shop.CANCELLED)
    del silent["order_detail"]["ext_info"]["confirm_receipt_time"]
    assert told(silent)["completed"]["occurred_at"] == "2026-11-22T11:59:00+08:00"


def test_the_buyer_is_known_by_the_shops_own_app() -> None:
    buyer = told(order())["paid"]["buyer"]
    assert buyer == {"openid": "shop-openid-ann", "unionid": "union-ann", "app_id": APP_ID}


def test_a_present_was_bought_by_the_giver() -> None:
    giver: Json = {"present_giver_openid": "shop-openid-bob", "present_giver_unionid": ""}
    buyer = told(order(is_present=True, **giver))["paid"]["buyer"]
    assert buyer == {"openid": "shop-openid-bob", "unionid": None, "app_id": APP_ID}
    assert told(order(is_present=True))["paid"]["buyer"] is None


@pytest.mark.parametrize(
    "status",
    ["MERCHANT_PROCESSING", "USER_CANCELD", "PLATFORM_REFUND_FAIL", "MERCHANT_EXCHANGE_SUCCESS"],
)
def test_an_after_sale_that_gave_nothing_back_is_no_refund(status: str) -> None:
    assert "refunded" not in told(order(SHIPPED, AFTERSALE_ID), aftersale(status=status))


@pytest.mark.parametrize("status", ["MERCHANT_REFUND_SUCCESS", "MERCHANT_RETURN_SUCCESS"])
def test_a_refund_is_told_at_the_instant_it_was_done(status: str) -> None:
    found = told(order(SHIPPED, AFTERSALE_ID), aftersale(status=status))["refunded"]
    assert found == {
        "order_id": str(ORDER_ID),
        "occurred_at": "2026-11-22T11:57:00+08:00",
        "refund_id": str(AFTERSALE_ID),
        "refunded_minor": 2_801,
        "currency": "CNY",
    }
    older = aftersale(status=status, complete_time=None)
    at = told(order(SHIPPED, AFTERSALE_ID), older)["refunded"]["occurred_at"]
    assert at == "2026-11-22T11:57:05+08:00"


def test_a_return_of_nothing_is_no_refund() -> None:
    assert "refunded" not in told(order(SHIPPED, AFTERSALE_ID), aftersale(0))


def test_an_after_sale_that_the_order_does_not_list_yet_is_asked_for_too() -> None:
    assert told(order(SHIPPED), aftersale(), by=aftersale_push())["refunded"]["refunded_minor"]


def test_an_after_sale_of_another_order_takes_nothing() -> None:
    standin.put_order(order(SHIPPED))
    standin.put_aftersale(aftersale(order_id=ORDER_ID + 1))
    assert refused(aftersale_push()) == "not_an_order_event"


LINES_NOT_TOLD = {
    "none": None,
    "no price": [*LINES, line(3, 1, real_price=None)],
    "price no number": [line(3, 1, real_price="1")],
    "negative": [line(3, -1)],
    "no pieces": [line(3, 1, 0)],
    "exchanged": [line(3, 1, change_sku_info={"preshipment_change_sku_state": 4})],
    "name too long": [line(3, 1, sku_code="x" * 65)],
    "too many": LINES * 51,
}


@pytest.mark.parametrize("lines", LINES_NOT_TOLD.values(), ids=LINES_NOT_TOLD.keys())
def test_a_sale_counts_without_lines_that_cannot_be_told(lines: Any) -> None:
    current = order()
    current["order_detail"]["product_infos"] = lines
    assert (told(current)["paid"]["paid_minor"], told(current)["paid"]["lines"]) == (12_800, [])


UNKNOWN = {
    "no order event": ({**push("x"), "Event": "channels_ec_brand"}, "unknown_topic"),
    "longer": ({**push("x"), "Event": "channels_ec_order_paying"}, "unknown_topic"),
    "a message": ({"MsgType": "text", "Content": "?"}, "not_an_order_event"),
    "no order": ({**push("pay"), "order_info": {}}, "not_an_order_event"),
    "no json": ("{", "not_an_order_event"),
    "a list": ("[]", "not_an_order_event"),
    "encrypted, without a key": ('{"Encrypt": "AAAA"}', "not_an_order_event"),
    "an order the shop does not have": (push("pay", 1), "not_at_the_shop"),
}


@pytest.mark.parametrize(("content", "reason"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_cannot_be_read_is_kept_with_its_reason(content: Any, reason: str) -> None:
    assert refused(content) == reason


def test_too_many_after_sales_are_looked_at_by_a_person() -> None:
    standin.put_order(order(SHIPPED, *range(1, 52)))
    assert refused(push("settle")) == "not_an_order_event"


def test_a_push_that_came_before_the_key_is_read_and_one_of_another_key_is_kept() -> None:
    standin.put_order(order())
    assert len(read(push("pay"), SAFE)) == 2
    body, _ = shop.safe(json.dumps(push("pay")))
    renewed = Source("weishop_safe", "wechat_shop", {**SAFE.fields, "aes_key": "B" * 42 + "A"})
    assert refused(body, renewed) == "not_an_order_event"


HOME = {
    "user_name": "ann",
    "postal_code": "510000",
    "province_name": "广东省",
    "city_name": "广州市",
    "county_name": "海珠区",
    "detail_info": "大塘 7 号",
    "house_number": "3-201",
    "tel_number": "13800138000",
}
CODE = "e258ec6c3333e0acb97d3e0bc875758c"


@pytest.mark.parametrize(
    ("address", "told_as"),
    [
        (HOME, {"address": "广东省 广州市 海珠区 大塘 7 号 3-201"}),
        ({**HOME, "detail_info": "****", "hash_code": CODE}, {"address": CODE}),
        ({**HOME, "detail_info": "****", "hash_code": ""}, None),
        ({"user_name": "ann", "tel_number": "138****8000"}, None),
        (None, None),
    ],
)
def test_where_the_goods_go_is_told_by_the_address_or_its_code(
    address: Json | None, told_as: Json | None
) -> None:
    current = order()
    current["order_detail"]["delivery_info"] = {"address_info": address}
    assert told(current)["paid"]["delivery"] == told_as
