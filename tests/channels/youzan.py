"""Messages as Youzan sends them: the envelope, and `msg` encoded as in a form."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

CLIENT_ID = "c346b8b39599aaa677"
CLIENT_SECRET = "youzan-secret-of-the-tests"
OPENID_APP = "wxfans"
SHOP, STORE = 13027865, "A1B"
FIELDS = {
    "kind": "youzan",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "shops": {str(SHOP): STORE},
    "wechat_app_id": OPENID_APP,
}
SOURCES = {
    "yz": FIELDS,
    "yz_old": {
        "kind": "youzan",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "body_sign": True,
    },
}
PATH, OLD_PATH = "/v1/webhooks/yz", "/v1/webhooks/yz_old"

TID = "E20261122115650090904167"
REFUND_ID = "202611221158420000310025"
TRANSACTION = "4200000886202611223391126524"
CREATED, PAID = "2026-11-22 11:56:50", "2026-11-22 11:57:51"
REFUNDED, COMPLETED = "2026-11-22 11:58:42", "2026-11-22 11:59:10"
CLOSED = "2026-11-22 11:59:30"

Json = dict[str, Any]


def line(number: int, payment: str, num: int = 1, **changes: Any) -> Json:
    return {
        "is_cross_border": "",
        "outer_item_id": "",
        "discount_price": payment,
        "item_type": 0,
        "num": num,
        "oid": f"279247428477491617{number}",
        "title": "茶杯 · 白",
        "item_message": "",
        "is_present": False,
        "price": "73.00",
        "total_fee": payment,
        "payment": payment,
        "outer_sku_id": "",
        "item_id": 495651017 + number,
        "sku_properties_name": "[]",
        "sku_id": 0,
        "points_price": "0",
        **changes,
    }


LINES = [line(1, "119.99", 2, outer_sku_id="CUP-WHITE"), line(2, "0.01", sku_id=37186796)]


def order(*, paid: bool = True, pay: Json | None = None, **info: Any) -> Json:
    """The `msg` of trade_TradePaid, or of trade_TradeCreate; `info` changes order_info."""
    numbers = [TRANSACTION] if paid else []
    return {
        "delivery_order": [],
        "order_promotion": {"item": [], "adjust_fee": "0.00", "order": []},
        "refund_order": [],
        "full_order_info": {
            "address_info": {
                "self_fetch_info": "",
                "delivery_address": "学院路 1 + 2 号",
                "receiver_name": "ann",
                "receiver_tel": "13800138000",
            },
            "remark_info": {"buyer_message": "请尽快发货 100%"},
            "pay_info": {
                "outer_transactions": numbers,
                "post_fee": "8.00",
                "deduction_pay": 0,
                "deduct_value_card_pay": 0,
                "deduct_gift_card_pay": 0,
                "phase_payments": [],
                "total_fee": "120.00",
                "payment": "128.00",
                "transaction": ["261122115750002850744"] if paid else [],
                **(pay or {}),
            },
            "buyer_info": {
                "outer_user_id": "openid-ann",
                "yz_open_id": "yCKLYMKT630114409934508032",
                "fans_type": 1,
                "buyer_id": 496283533,
                "buyer_phone": "13800138000",
                "fans_nickname": "ann",
                "fans_id": 11351079281,
            },
            "orders": LINES,
            "source_info": {
                "is_offline_order": False,
                "source": {"platform": "wx", "wx_entrance": "direct_buy"},
            },
            "order_info": {
                "consign_time": "",
                "created": CREATED,
                "status_str": "待发货" if paid else "待支付",
                "expired_time": "2026-11-22 12:56:50",
                "success_time": "",
                "type": 0,
                "tid": TID,
                "pay_time": PAID if paid else "",
                "update_time": PAID if paid else CREATED,
                "pay_type": 10 if paid else 0,
                "refund_state": 0,
                "close_type": 0,
                "status": "WAIT_SELLER_SEND_GOODS" if paid else "WAIT_BUYER_PAY",
                **info,
            },
        },
    }


def refund(fee: Any = "28.01", refund_id: str = REFUND_ID, **changes: Any) -> Json:
    return {
        "tid": TID,
        "oids": "2792474284774916171",
        "refund_id": refund_id,
        "refund_type": "REFUND_ONLY",
        "refund_reason": 15,
        "refunded_fee": fee,
        "update_time": REFUNDED,
        **changes,
    }


SUCCESS = {"tid": TID, "update_time": COMPLETED}
CLOSE = {"tid": TID, "close_type": 12, "close_reason": "已全额退款", "update_time": CLOSED}


def state(status: str, payment: str = "128.00", at: str = PAID) -> Json:
    """The `msg` of TRADE_ORDER_STATE."""
    extra = json.dumps({"is_retail_offline": False})
    fields = {"tid": TID, "status": status, "payment": payment, "update_time": at}
    return {**fields, "extra_info": extra, "pay_type": "微信支付", "book_id": "2026112211565"}


def encode(message: Json) -> str:
    """As Java's URLEncoder does: a space is a `+`."""
    return quote_plus(json.dumps(message, ensure_ascii=False, separators=(",", ":")))


def encode_as_uri(message: Json) -> str:
    """As JavaScript's encodeURI does, which older messages show."""
    return quote(json.dumps(message, ensure_ascii=False, separators=(",", ":")), safe=":,")


def md5(content: str | bytes, secret: str = CLIENT_SECRET) -> str:
    raw = content.encode() if isinstance(content, str) else content
    joined = CLIENT_ID.encode() + raw + secret.encode()
    return hashlib.md5(joined, usedforsecurity=False).hexdigest()


def envelope(kind: str, message: Json | str, **changes: Any) -> Json:
    """The body; a message given as text is left as it is."""
    msg = message if isinstance(message, str) else encode(message)
    digest = hashlib.sha256(f"{kind} {msg}".encode()).hexdigest()
    return {
        "msg": msg,
        "kdt_name": "茶杯商城",
        "test": False,
        "sign": md5(msg),
        "type": kind,
        "sendCount": 0,
        "version": 1_795_319_871,
        "client_id": CLIENT_ID,
        "mode": 1,
        "kdt_id": SHOP,
        "root_kdt_id": SHOP,
        "id": TID,
        "msg_id": f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}",
        "status": "TRADE_PAID",
        **changes,
    }


def dumps(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def headers(content: str | bytes, kind: str = "trade_TradePaid") -> dict[str, str]:
    return {"event-sign": md5(content), "event-type": kind, "client-id": CLIENT_ID}


def events(http: Callable[..., Json]) -> dict[str, Json]:
    """Events of the gateway by `<function>/<case>`."""

    def webhook(body: Json) -> Json:
        content = dumps(body)
        return http("POST", PATH, content, **headers(content, body["type"]))

    paid = webhook(envelope("trade_TradePaid", order()))
    encoded = base64.b64encode(paid["body"].encode()).decode()
    old = envelope("trade_TradePaid", encode_as_uri(order()))
    probe = envelope("trade_TradePaid", "", test=True, sign="")
    return {
        "order_webhook/youzan_paid": paid,
        "order_webhook/youzan_base64": {**paid, "body": encoded, "isBase64Encoded": True},
        "order_webhook/youzan_refunded": webhook(
            {**envelope("youzan_trade_RefundSuccess", ""), "msg": refund()}
        ),
        "order_webhook/youzan_old_paid": http("POST", OLD_PATH, dumps(old)),
        "order_webhook/youzan_test": http("POST", PATH, dumps(probe)),
    }
