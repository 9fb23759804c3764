"""What a notification of WeChat Pay says happened, once it is opened."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.api.order_event import read_event
from siyu.channels.adapters import wechat_pay
from siyu.channels.contract import Delivery, Event
from siyu.errors import UnprocessableEventError
from siyu.secrets import Source
from tests.channels.wechat_pay import (
    ORDER_ID,
    PAYMENT_ID,
    REFUND_ID,
    notification,
    paid,
    payment,
    refund,
    refunded,
    sealed,
)
from tests.channels.wechat_pay_account import APP_ID, FIELDS, SOURCE
from tests.support import NOW


def read(body: str, **fields: Any) -> Event:
    source = Source(SOURCE, "wechat_pay", {**FIELDS, **fields})
    (event,) = wechat_pay.read(Delivery(SOURCE, "d", "", NOW, body), source)
    return event


def reason(body: str, **fields: Any) -> str:
    with pytest.raises(UnprocessableEventError) as caught:
        read(body, **fields)
    assert "openid" not in str(caught.value)
    return caught.value.reason


def test_a_payment_counts_in_full_though_a_coupon_paid_a_part() -> None:
    assert read(paid()) == {
        "type": "order.paid",
        "data": {
            "order_id": ORDER_ID,
            "paid_minor": 12_800,
            "currency": "CNY",
            "occurred_at": "2026-11-22T11:58:00+08:00",
            "payment_id": PAYMENT_ID,
            "payment_only": True,
            "buyer": {"openid": "openid-ann", "app_id": APP_ID},
        },
    }


def test_a_shop_that_knows_its_own_number_only_is_linked_by_that() -> None:
    assert read(paid(), link="out_trade_no")["data"]["payment_id"] == ORDER_ID


def test_a_payer_nobody_names_is_no_buyer() -> None:
    assert "buyer" not in read(paid(payer={}))["data"]


def test_a_refund_is_in_the_currency_of_the_merchant() -> None:
    assert read(refunded()) == {
        "type": "order.refunded",
        "data": {
            "order_id": ORDER_ID,
            "refund_id": REFUND_ID,
            "refunded_minor": 2_800,
            "currency": "CNY",
            "occurred_at": "2026-11-22T11:59:00+08:00",
        },
    }


def test_what_is_read_is_an_order_event() -> None:
    for body in (paid(), refunded()):
        assert read_event(SOURCE, "d", NOW, read(body)).order_id == ORDER_ID


ELSE = sealed(payment(), "another-api-v3-key-of-the-tests!")
CHANGED = {**sealed(payment()), "associated_data": "y"}
UNREAD = {
    "refund stuck": ("refund_abnormal", notification("REFUND.ABNORMAL", sealed(refund()))),
    "refund closed": ("refund_closed", notification("REFUND.CLOSED", sealed(refund()))),
    "unknown type": ("unknown_event_type", notification("MCHTRANSFER.BILL", sealed({}))),
    "other key": ("not_decryptable", notification("TRANSACTION.SUCCESS", ELSE)),
    "changed": ("not_decryptable", notification("TRANSACTION.SUCCESS", CHANGED)),
    "no base64": (
        "not_decryptable",
        notification("TRANSACTION.SUCCESS", {**sealed(payment()), "ciphertext": "é"}),
    ),
    "sealed bytes": ("not_decryptable", notification("REFUND.SUCCESS", sealed(b"\xff"))),
    "sealed text": ("not_an_order_event", notification("REFUND.SUCCESS", sealed(b"x"))),
    "other algorithm": ("not_an_order_event", notification("REFUND.SUCCESS", {"algorithm": "x"})),
    "no resource": ("not_an_order_event", notification("REFUND.SUCCESS", None)),
    "other merchant": ("other_merchant", paid(mchid="1900000002")),
    "no merchant": ("other_merchant", paid(mchid=None)),
    "not paid": ("not_successful", paid(trade_state="NOTPAY")),
    "not refunded": ("not_successful", refunded(refund_status="PROCESSING")),
    "no state": ("not_an_order_event", paid(trade_state=None)),
    "combined orders": ("not_an_order_event", paid(out_trade_no=None, sub_orders=[{}])),
    "no time": ("not_an_order_event", paid(success_time="soon")),
    "no JSON": ("not_an_order_event", "x"),
    "a list": ("not_an_order_event", "[]"),
}


@pytest.mark.parametrize(("expected", "body"), UNREAD.values(), ids=UNREAD.keys())
def test_what_is_no_payment_and_no_refund_is_left_to_a_person(expected: str, body: str) -> None:
    assert reason(body) == expected


@pytest.mark.parametrize("total", [1.5, "12800", True, -1, 0, None, 10**12])
def test_an_amount_that_is_no_whole_number_of_fen_counts_nothing(total: Any) -> None:
    with pytest.raises(UnprocessableEventError) as caught:
        read_event(SOURCE, "d", NOW, read(paid(amount={"total": total, "currency": "CNY"})))
    assert caught.value.reason == "not_an_order_event"


SEALED = base64.b64decode(sealed(payment())["ciphertext"])


@given(place=st.integers(0, len(SEALED) - 1), bit=st.integers(0, 7))
def test_a_bit_changed_anywhere_in_what_is_sealed_keeps_it_shut(place: int, bit: int) -> None:
    changed = bytearray(SEALED)
    changed[place] ^= 1 << bit
    resource = {**sealed(payment()), "ciphertext": base64.b64encode(changed).decode()}
    assert reason(notification("TRANSACTION.SUCCESS", resource)) == "not_decryptable"


def test_a_key_of_the_wrong_length_opens_nothing() -> None:
    assert reason(paid(), api_v3_key="short") == "not_decryptable"
