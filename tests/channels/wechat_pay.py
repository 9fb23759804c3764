"""Notifications as WeChat Pay sends them, signed and sealed with the tests' keys."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from tests.channels.wechat_pay_account import API_V3_KEY, APP_ID, KEY_ID, MCHID, PLATFORM, SOURCE
from tests.functions.calls import TIMESTAMP, Event, with_body, with_headers

PATH = f"/v1/webhooks/{SOURCE}"
NONCE = "593BEC0C930BF1AFEB40B4A08C8FB242"
SEALING_NONCE = "fdasflkja484"
ORDER_ID = "shop20261122115800001"
PAYMENT_ID = "4200002418202611221157000001"
REFUND_ID = "shop20261122115900001-r1"
PROBE = "WECHATPAY/SIGNTEST/"

Json = dict[str, Any]


def payment(**changes: Any) -> Json:
    """What is sealed in TRANSACTION.SUCCESS; a coupon paid a part of it."""
    return {
        "mchid": MCHID,
        "appid": APP_ID,
        "out_trade_no": ORDER_ID,
        "transaction_id": PAYMENT_ID,
        "trade_type": "JSAPI",
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
        "bank_type": "OTHERS",
        "attach": "",
        "success_time": "2026-11-22T11:58:00+08:00",
        "payer": {"openid": "openid-ann"},
        "amount": {
            "total": 12_800,
            "payer_total": 10_800,
            "currency": "CNY",
            "payer_currency": "CNY",
        },
        **changes,
    }


def refund(**changes: Any) -> Json:
    """What is sealed in a notification about a refund, which names no currency."""
    return {
        "mchid": MCHID,
        "transaction_id": PAYMENT_ID,
        "out_trade_no": ORDER_ID,
        "refund_id": "50303802418202611221159000001",
        "out_refund_no": REFUND_ID,
        "refund_status": "SUCCESS",
        "success_time": "2026-11-22T11:59:00+08:00",
        "user_received_account": "支付用户零钱",
        "amount": {"total": 12_800, "refund": 2_800, "payer_total": 10_800, "payer_refund": 2_362},
        **changes,
    }


def sealed(content: Json | bytes, key: str = API_V3_KEY, associated_data: str = "x") -> Json:
    plain = content if isinstance(content, bytes) else json.dumps(content).encode()
    cipher = AESGCM(key.encode())
    content_and_tag = cipher.encrypt(SEALING_NONCE.encode(), plain, associated_data.encode())
    return {
        "original_type": "transaction",
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(content_and_tag).decode(),
        "associated_data": associated_data,
        "nonce": SEALING_NONCE,
    }


def notification(
    kind: str, resource: Json | None, delivery_id: str = "EV-2026112211580001", **changes: Any
) -> str:
    fields = {
        "id": delivery_id,
        "create_time": "2026-11-22T11:58:01+08:00",
        "resource_type": "encrypt-resource",
        "event_type": kind,
        "summary": "支付成功",
        "resource": resource,
        **changes,
    }
    return json.dumps(fields, ensure_ascii=False)


def paid(**changes: Any) -> str:
    return notification("TRANSACTION.SUCCESS", sealed(payment(**changes), associated_data=""))


def refunded(**changes: Any) -> str:
    return notification("REFUND.SUCCESS", sealed(refund(**changes)), "EV-2026112211590001")


def sign(body: bytes, at: int | str = TIMESTAMP, key: RSAPrivateKey = PLATFORM) -> str:
    signed = f"{at}\n{NONCE}\n".encode() + body + b"\n"
    return base64.b64encode(key.sign(signed, PKCS1v15(), SHA256())).decode()


def headers(body: bytes, at: int | str = TIMESTAMP, serial: str = KEY_ID) -> dict[str, str]:
    return {
        "wechatpay-serial": serial,
        "wechatpay-signature": sign(body, at),
        "wechatpay-timestamp": str(at),
        "wechatpay-nonce": NONCE,
        "wechatpay-signature-type": "WECHATPAY2-SHA256-RSA2048",
    }


def signed(event: Event, content: str | bytes, at: int = TIMESTAMP, serial: str = KEY_ID) -> Event:
    """The webhook event with a body and the headers that go with it."""
    raw = content.encode() if isinstance(content, str) else content
    given = {name.replace("-", "_"): value for name, value in headers(raw, at, serial).items()}
    return with_headers(with_body(event, content), **given)


def probe(event: Event) -> Event:
    """The event with a signature that has to fail, as WeChat Pay sends one now and then."""
    right = event["headers"]["wechatpay-signature"]
    return with_headers(event, wechatpay_signature=PROBE + right[len(PROBE) :])


def events(http: Callable[..., Event]) -> dict[str, Event]:
    """The events on disk; `http` builds what the gateway makes of a request."""
    plain = http("POST", PATH)
    sale = signed(plain, paid())
    return {
        "order_webhook/wechat_pay_paid": sale,
        "order_webhook/wechat_pay_refund": signed(plain, refunded()),
        "order_webhook/wechat_pay_base64": signed(plain, paid().encode()),
        "order_webhook/wechat_pay_tampered": with_body(
            sale, sale["body"].replace("TRANSACTION.SUCCESS", "REFUND.SUCCESS")
        ),
        "order_webhook/wechat_pay_wrong_serial": with_headers(
            sale, wechatpay_serial="PUB_KEY_ID_0119000000019999999999999999"
        ),
        "order_webhook/wechat_pay_probe": probe(sale),
    }
