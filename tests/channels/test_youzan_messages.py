"""What Youzan's messages say: amounts to the fen, and nothing that is not told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from siyu.domain.order_facts import Line
from siyu.domain.orders import Order
from tests.channels import youzan
from tests.channels.youzan import (
    CLOSE,
    LINES,
    SUCCESS,
    TRANSACTION,
    encode_as_uri,
    line,
    order,
    refund,
    state,
)
from tests.channels.youzan_life import deliver, standing
from tests.support import dump, empty_table, kinds

pytestmark = pytest.mark.usefixtures("empty_table")

PAID = ("trade_TradePaid", order())


def reasons() -> list[str]:
    return [one["reason"]["S"] for one in dump().values() if one["kind"]["S"] == "QUARANTINE"]


def told(*sent: tuple[str, Any], **more: Any) -> Order:
    deliver(*sent, **more)
    assert reasons() == []
    return standing()


def test_a_sale_is_read_to_the_fen_with_all_that_is_needed_and_no_more() -> None:
    known = told(PAID)
    assert known.paid is not None
    assert (known.paid.amount_minor, known.paid.payment_id) == (12_800, TRANSACTION)
    assert known.paid.occurred_at.isoformat() == "2026-11-22T03:57:51+00:00"
    assert known.paid.lines == (Line("CUP-WHITE", 2, 11_999), Line("37186796", 1, 1))
    assert (known.paid.store_id, len(known.paid.people)) == (youzan.STORE, 1)
    assert (known.paid.buyer_key is not None, known.created_at is not None) == (True, True)
    stored = json.dumps(list(dump().values()), ensure_ascii=False)
    assert not [one for one in ("13800138000", "学院路", "openid-ann") if one in stored]


@pytest.mark.parametrize("message", [encode_as_uri(order()), youzan.encode(order())])
def test_a_message_is_the_same_in_either_encoding(message: str) -> None:
    known = told(("trade_TradePaid", message))
    assert known.paid is not None
    assert known.paid.occurred_at.isoformat() == "2026-11-22T03:57:51+00:00"


def test_a_message_that_is_an_object_is_read_as_it_is() -> None:
    deliver(PAID)
    assert told(("youzan_trade_RefundSuccess", ""), name="z", msg=refund()).net_minor == 9_999


@pytest.mark.parametrize("fee", ["28.01", 28.01, "28.010"])
def test_a_refund_is_read_to_the_fen(fee: Any) -> None:
    assert told(PAID, ("trade_refund_RefundSuccess", refund(fee))).refunded_minor == 2_801


def test_a_refund_counts_once_however_many_messages_tell_it() -> None:
    stages = ["RefundSellerCreated", "RefundSellerAgree", "RefundSuccess", "SysRefund"]
    assert (
        told(PAID, *((f"trade_refund_{one}", refund()) for one in stages)).refunded_minor == 2_801
    )


def test_two_refunds_add_up_and_closing_takes_nothing_twice() -> None:
    both = [
        ("trade_refund_RefundSuccess", refund(fee, name))
        for name, fee in (("a", "100"), ("b", "28"))
    ]
    known = told(("trade_TradeClose", CLOSE), *both, PAID)
    assert (known.refunded_minor, known.given_back_minor, known.net_minor) == (12_800, 12_800, 0)


def test_a_buyer_who_has_the_goods_completes_the_order() -> None:
    known = told(("trade_TradeSuccess", SUCCESS), PAID)
    assert known.completed_at is not None
    assert known.completed_at.isoformat() == "2026-11-22T03:59:10+00:00"


def test_the_oldest_form_tells_a_whole_life() -> None:
    stages = [
        state("TRADE_SUCCESS", at=youzan.COMPLETED),
        state("WAIT_BUYER_PAY", at=youzan.CREATED),
        state("WAIT_SELLER_SEND_GOODS"),
        state("TRADE_CLOSED", at=youzan.CLOSED),
    ]
    known = told(*(("TRADE_ORDER_STATE", one) for one in stages))
    assert known.paid is not None
    assert known.paid.occurred_at.isoformat() == "2026-11-22T03:57:51+00:00"
    assert None not in (known.created_at, known.completed_at, known.cancelled_at)
    assert (known.paid_minor, known.net_minor) == (12_800, 0)


UNPAID = {
    "nobody paid yet": order(paid=False),
    "a deposit": order(status="WAIT_BUYER_PAY", pay={"phase_payments": [{"phase": 1}]}),
    "nothing to pay": order(pay={"payment": "0.00"}),
}


@pytest.mark.parametrize("message", UNPAID.values(), ids=UNPAID.keys())
def test_an_order_without_money_was_placed_and_not_paid(message: dict[str, Any]) -> None:
    known = told(("trade_TradePaid", message))
    assert (known.paid, known.created_at is not None) == (None, True)


def test_an_order_exchanged_for_points_is_completed_and_not_paid() -> None:
    known = told(("TRADE_ORDER_STATE", state("TRADE_SUCCESS", "0.00")))
    assert (known.paid, known.completed_at is not None) == (None, True)


def test_a_refund_of_nothing_is_no_refund() -> None:
    assert told(PAID, ("trade_refund_RefundSuccess", refund("0.00"))).refunds == {}


@pytest.mark.parametrize(
    "pay",
    [
        {"outer_transactions": []},
        {"outer_transactions": [TRANSACTION, "4200000886"]},
        {"outer_transactions": None},
        {"outer_transactions": [""]},
        {"deduct_gift_card_pay": 100},
        {"deduct_value_card_pay": 100},
    ],
)
def test_a_sale_that_not_one_payment_paid_counts_by_itself(pay: dict[str, Any]) -> None:
    known = told(("trade_TradePaid", order(pay=pay)))
    assert (known.payment_id, known.net_minor) == (None, 12_800)


def changed(**buyer: Any) -> dict[str, Any]:
    message = order()
    message["full_order_info"]["buyer_info"] |= buyer
    return message


@pytest.mark.parametrize("buyer", [{"fans_type": 9}, {"fans_type": 0}, {"outer_user_id": ""}])
def test_an_openid_of_another_app_names_nobody(buyer: dict[str, Any]) -> None:
    known = told(("trade_TradePaid", changed(**buyer)))
    assert known.paid is not None
    assert (known.people, known.paid.buyer_key is not None) == ((), True)


def test_a_sale_without_its_buyer_counts() -> None:
    message = order()
    del message["full_order_info"]["buyer_info"]
    known = told(("trade_TradePaid", message))
    assert known.paid is not None
    assert (known.paid_minor, known.paid.buyer_key, known.people) == (12_800, None, ())


def test_an_openid_is_not_read_where_its_app_is_not_known() -> None:
    deliver(PAID, source="yz_old")
    known = standing(source="yz_old")
    assert known.paid is not None
    assert (known.people, known.paid.store_id) == ((), None)


LINES_NOT_TOLD = {
    "by weight": [*LINES, {**line(3, "1.00"), "num": 0.5}],
    "nameless": [*LINES, line(3, "1.00", item_id=0)],
    "name too long": [line(3, "1.00", outer_sku_id="x" * 65, item_id=None)],
    "none": None,
    "too many": LINES * 51,
    "half a fen": [line(3, "0.005")],
    "fewer than none": [line(3, "1.00", -1)],
}


@pytest.mark.parametrize("lines", LINES_NOT_TOLD.values(), ids=LINES_NOT_TOLD.keys())
def test_a_sale_counts_without_lines_that_cannot_be_told(lines: Any) -> None:
    message = order()
    message["full_order_info"]["orders"] = lines
    known = told(("trade_TradePaid", message))
    assert known.paid is not None
    assert (known.paid_minor, known.paid.lines) == (12_800, ())


QUARANTINED = {
    "not yet agreed": ("trade_refund_BuyerCreated", refund(), "unknown_topic"),
    "goods on their way": ("trade_refund_RefundSellerAgreeReturnGoods", refund(), "unknown_topic"),
    "sent": ("trade_TradeSellerShip", SUCCESS, "unknown_topic"),
    "not known": ("x" * 200, {}, "unknown_topic"),
    "state not known": ("TRADE_ORDER_STATE", state("TRADE_LOST"), "unknown_topic"),
    "another type than its content": ("trade_TradeClose", SUCCESS, "not_an_order_event"),
    "no json": ("trade_TradePaid", "%7B", "not_an_order_event"),
    "no order": ("trade_TradePaid", SUCCESS, "not_an_order_event"),
    "half a fen": ("trade_TradePaid", order(pay={"payment": "0.005"}), "not_an_order_event"),
    "negative": ("trade_TradePaid", order(pay={"payment": "-1"}), "not_an_order_event"),
    "no time": ("trade_TradePaid", order(pay_time="soon"), "not_an_order_event"),
    "no refund id": ("trade_refund_SysRefund", refund(refund_id=""), "not_an_order_event"),
}


@pytest.mark.parametrize(("kind", "message", "reason"), QUARANTINED.values(), ids=QUARANTINED)
def test_what_cannot_count_is_kept_with_its_reason(kind: str, message: Any, reason: str) -> None:
    deliver((kind, message))
    assert (reasons(), kinds()) == ([reason], {"QUARANTINE": 1})


def test_a_shop_that_does_not_count_is_kept_apart() -> None:
    deliver(PAID, kdt_id=74234)
    assert (reasons(), kinds()) == (["another_shop"], {"QUARANTINE": 1})


CIPHER = "$eTS8t8hAECdXKgNtV6DIfw==$1$"
DISTRICT = {"delivery_province": "四川省", "delivery_city": "成都市", "delivery_district": "青羊区"}


def places(**address: Any) -> tuple[str, ...]:
    """The marks of where an order goes."""
    message = order()
    message["full_order_info"]["address_info"] = address
    paid = told(("trade_TradePaid", youzan.encode(message))).paid
    return paid.delivered_to if paid else ()


def test_where_the_goods_go_is_told_also_where_it_is_encrypted() -> None:
    clear = places(**DISTRICT, delivery_address="学院路 1 + 2 号", receiver_tel="13800138000")
    assert len(clear) == 2
    empty_table()
    hidden = places(**DISTRICT, delivery_address=CIPHER, receiver_tel=CIPHER)
    assert len({*clear, *hidden}) == 4


@pytest.mark.parametrize(
    "address",
    [
        {"delivery_address": "学院路 1 号", "self_fetch_info": '{"name": "门店"}'},
        {**DISTRICT, "delivery_address": "", "receiver_tel": "13800138000"},
        {**DISTRICT, "delivery_address": "****", "receiver_tel": "138****8000"},
        {},
    ],
)
def test_what_is_fetched_or_hidden_goes_nowhere(address: dict[str, Any]) -> None:
    assert places(**address) == ()
