"""Signs bodies as their senders would: this cloud's secrets, the machine's time."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from siyu.domain.keys import till_request_key
from siyu.domain.standard_webhooks import sign
from siyu.wechat.callback import encrypt, signature
from tests.channels import shopify, wechat_pay_account, wechat_shop_account, youzan

SHOP, PAY, SHOPIFY, YOUZAN = "shop", wechat_pay_account.SOURCE, "intl", "yz"
WECHAT_SHOP, WECHAT_SHOP_SAFE = "weishop", "weishop_safe"
# What the secret has besides the standard source, as the channels' own tests have it.
SOURCES: Mapping[str, Any] = {
    PAY: wechat_pay_account.FIELDS,
    SHOPIFY: shopify.FIELDS,
    **youzan.SOURCES,
    **wechat_shop_account.SOURCES,
}
NONCE, SEALING_NONCE = "1597212914", b"fdasflkja484"


@dataclass(frozen=True)
class Sent:
    """A request as its sender makes it; header names are in lower case."""

    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Senders:
    """Everybody who signs what they send; `secret` is the brand's."""

    secret: Mapping[str, Any]
    brand: str

    def shop(self, body: bytes, delivery: str) -> Sent:
        """A system of the brand's own."""
        secret = self.secret["webhooks"][SHOP][0]
        return Sent(webhooks(SHOP), body, _standard(secret, delivery, body))

    def till(self, store: str, body: bytes, request_id: str, path: str = "redemptions") -> Sent:
        """A till with the first version of its store's key."""
        key = till_request_key(self.secret["master_key"].encode(), self.brand, store, 0)
        secret = "whsec_" + base64.b64encode(key).decode()
        return Sent(f"/v1/stores/{store}/{path}", body, _standard(secret, request_id, body))

    def shopify(self, body: bytes, topic: str = "orders/paid") -> Sent:
        return Sent(webhooks(SHOPIFY), body, shopify.headers(body, topic))

    def youzan(self, body: bytes) -> Sent:
        return Sent(webhooks(YOUZAN), body, youzan.headers(body))

    def wechat_pay(self, content: bytes, kind: str = "TRANSACTION.SUCCESS") -> Sent:
        """A notification with this content in its sealed part."""
        cipher = AESGCM(wechat_pay_account.API_V3_KEY.encode())
        resource = {
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": base64.b64encode(cipher.encrypt(SEALING_NONCE, content, b"x")).decode(),
            "associated_data": "x",
            "nonce": SEALING_NONCE.decode(),
        }
        body = json.dumps({"id": f"EV-{time.time_ns()}", "event_type": kind, "resource": resource})
        return self.wechat_pay_raw(body.encode())

    def wechat_pay_raw(self, body: bytes) -> Sent:
        """The same with any body."""
        stamp = str(_now())
        signed = f"{stamp}\n{NONCE}\n".encode() + body + b"\n"
        made = wechat_pay_account.PLATFORM.sign(signed, PKCS1v15(), SHA256())
        headers = {
            "wechatpay-serial": wechat_pay_account.KEY_ID,
            "wechatpay-signature": base64.b64encode(made).decode(),
            "wechatpay-timestamp": stamp,
            "wechatpay-nonce": NONCE,
        }
        return Sent(webhooks(PAY), body, headers)

    def wechat_shop(self, body: bytes, **more: str) -> Sent:
        """A plain push, whose signature says nothing about its body."""
        query = _signed(wechat_shop_account.TOKEN, "signature")
        return Sent(webhooks(WECHAT_SHOP), body, query={**query, **more})

    def wechat_shop_safe(self, content: bytes) -> Sent:
        """An encrypted push."""
        key, app_id = wechat_shop_account.AES_KEY, wechat_shop_account.APP_ID
        encrypted = encrypt(key, app_id, content)
        query = _signed(wechat_shop_account.TOKEN, "msg_signature", encrypted)
        body = json.dumps({"ToUserName": "gh_1", "Encrypt": encrypted}).encode()
        return Sent(webhooks(WECHAT_SHOP_SAFE), body, query=query)

    def callback(self, account: str, path: str, content: bytes) -> Sent:
        """A callback of WeCom's or the official account's, encrypted."""
        fields = self.secret[account]
        encrypted = encrypt(fields["aes_key"], fields["id"], content)
        body = f"<xml><ToUserName>us</ToUserName><Encrypt>{encrypted}</Encrypt></xml>".encode()
        return Sent(path, body, query=_signed(fields["token"], "msg_signature", encrypted))

    def address_check(self, account: str, path: str, echo: str) -> Sent:
        """WeCom encrypts what is to be echoed, an official account does not."""
        fields = self.secret[account]
        if account != "wecom":
            return Sent(path, query={**_signed(fields["token"], "signature"), "echostr": echo})
        encrypted = encrypt(fields["aes_key"], fields["id"], echo.encode())
        query = _signed(fields["token"], "msg_signature", encrypted)
        return Sent(path, query={**query, "echostr": encrypted})


def webhooks(source: str) -> str:
    return f"/v1/webhooks/{source}"


def _standard(secret: str, delivery: str, body: bytes) -> dict[str, str]:
    at = _now()
    return {
        "webhook-id": delivery,
        "webhook-timestamp": str(at),
        "webhook-signature": sign(secret, delivery, at, body),
    }


def _signed(token: str, name: str, payload: str = "") -> dict[str, str]:
    stamp = str(_now())
    made = signature(token, stamp, NONCE, payload)
    return {name: made, "timestamp": stamp, "nonce": NONCE}


def _now() -> int:
    return int(time.time())
