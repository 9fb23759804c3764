"""Pushes as a WeChat Shop sends them, and orders and after-sale orders as its API answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from siyu.wechat import callback
from tests.channels.wechat_shop_account import AES_KEY, APP_ID, TOKEN
from tests.functions.calls import TIMESTAMP

PATH, SAFE_PATH = "/v1/webhooks/weishop", "/v1/webhooks/weishop_safe"
ORDER_ID = 3705115058471208929
AFTERSALE_ID = 2000000000000730213
TRANSACTION = f"4200000{ORDER_ID}"
CREATED, PAID, REFUNDED = TIMESTAMP - 300, TIMESTAMP - 240, TIMESTAMP - 180
CONFIRMED, CANCELLED = TIMESTAMP - 120, TIMESTAMP - 60
PLACED, TO_SHIP, SHIPPED, COMPLETED, ALL_RETURNED, GIVEN_UP = 10, 20, 30, 100, 200, 250

Json = dict[str, Any]


def push(name: str, order_id: int = ORDER_ID, **info: Any) -> Json:
    """The push about an order: `name` without what all of them begin with."""
    return {
        "ToUserName": "gh_0123456789ab",
        "FromUserName": "openid-ann",
        "CreateTime": TIMESTAMP,
        "MsgType": "event",
        "Event": f"channels_ec_order_{name}",
        "order_info": {"order_id": order_id, **info},
    }


def aftersale_push(
    status: str = "MERCHANT_REFUND_SUCCESS",
    aftersale_id: int = AFTERSALE_ID,
    order_id: int = ORDER_ID,
) -> Json:
    told = {"status": status, "after_sale_order_id": str(aftersale_id), "order_id": str(order_id)}
    return {
        "ToUserName": "gh_0123456789ab",
        "FromUserName": "openid-ann",
        "CreateTime": TIMESTAMP,
        "MsgType": "event",
        "Event": "channels_ec_aftersale_update",
        "finder_shop_aftersale_status_update": told,
    }


def line(number: int, price: int, count: int = 1, **changes: Any) -> Json:
    return {
        "product_id": 10000000000234 + number,
        "sku_id": 20000000000234 + number,
        "sku_cnt": count,
        "sku_code": "",
        "on_aftersale_sku_cnt": 0,
        "finish_aftersale_sku_cnt": 0,
        "title": "茶杯",
        "sale_price": price,
        "market_price": price,
        "real_price": price,
        "is_discounted": False,
        **changes,
    }


LINES = [line(0, 11_000, 2, sku_code="CUP-WHITE"), line(1, 1_000)]


def order(
    status: int = TO_SHIP, *aftersales: int, order_id: int = ORDER_ID, **changes: Any
) -> Json:
    """An order as the API has it in that state; one that was placed only has no payment."""
    paid = status not in (PLACED, GIVEN_UP)
    pay_info = {"prepay_id": "up_1122", "prepay_time": CREATED + 1, "payment_method": 1}
    if paid:
        pay_info |= {"transaction_id": f"4200000{order_id}", "pay_time": PAID}
    confirmed = {"confirm_receipt_time": CONFIRMED} if status == COMPLETED else {}
    return {
        "order_id": order_id,
        "status": status,
        "create_time": CREATED,
        "update_time": CANCELLED if status in (ALL_RETURNED, GIVEN_UP) else PAID,
        "openid": "shop-openid-ann",
        "unionid": "union-ann",
        "is_present": False,
        "order_detail": {
            "product_infos": LINES,
            "pay_info": pay_info,
            "price_info": {
                "product_price": 12_000,
                "order_price": 12_800,
                "freight": 800,
                "is_discounted": False,
            },
            "delivery_info": {"address_info": {"user_name": "ann", "tel_number": "13800138000"}},
            "ext_info": {"customer_notes": "请尽快发货", "merchant_notes": "", **confirmed},
        },
        "aftersale_detail": {
            "aftersale_order_list": [{"aftersale_order_id": one} for one in aftersales],
            "on_aftersale_order_cnt": 0,
        },
        **changes,
    }


def aftersale(
    amount: int = 2_801,
    status: str = "MERCHANT_REFUND_SUCCESS",
    aftersale_id: int = AFTERSALE_ID,
    order_id: int = ORDER_ID,
    **changes: Any,
) -> Json:
    return {
        "after_sale_order_id": str(aftersale_id),
        "status": status,
        "openid": "shop-openid-ann",
        "unionid": "union-ann",
        "product_info": {"product_id": "10000000000234", "sku_id": "20000000000234", "count": 1},
        "refund_info": {"amount": amount, "refund_reason": 1},
        "create_time": PAID + 10,
        "update_time": REFUNDED + 5,
        "complete_time": REFUNDED,
        "reason": "NO_LONGER_WANT",
        "type": "REFUND",
        "sub_type": "DEFAULT",
        "order_id": str(order_id),
        **changes,
    }


def sha1(*values: str) -> str:
    return hashlib.sha1("".join(sorted(values)).encode(), usedforsecurity=False).hexdigest()


def query(at: int = TIMESTAMP, token: str = TOKEN, **more: str) -> dict[str, str]:
    """The query of a plain push, which signs nothing but itself."""
    nonce = "1514711492"
    signature = sha1(token, str(at), nonce)
    sent = {"signature": signature, "timestamp": str(at), "nonce": nonce}
    return {**sent, "openid": "openid-ann", **more}


def safe(content: str | bytes, receive_id: str = APP_ID) -> tuple[str, dict[str, str]]:
    """Body and query of the same push, encrypted."""
    raw = content.encode() if isinstance(content, str) else content
    encrypted = callback.encrypt(AES_KEY, receive_id, raw)
    body = json.dumps({"ToUserName": "gh_0123456789ab", "Encrypt": encrypted})
    plain = query(encrypt_type="aes")
    return body, {
        **plain,
        "msg_signature": sha1(TOKEN, plain["timestamp"], plain["nonce"], encrypted),
    }


def events(http: Callable[..., Json]) -> dict[str, Json]:
    """Events of the gateway by `<function>/<case>`; the random part of an encryption is fixed."""
    content = json.dumps(push("pay", pay_time=PAID))
    with patch("siyu.wechat.callback.os.urandom", lambda size: b"0" * size):
        body, signed = safe(content)
    checked = query(echostr="4375120948345356249")
    return {
        "order_webhook/wechat_shop_paid": http("POST", PATH, content, urlencode(query())),
        "order_webhook/wechat_shop_safe": http("POST", SAFE_PATH, body, urlencode(signed)),
        "order_webhook/wechat_shop_check": http("GET", PATH, "", urlencode(checked)),
    }
