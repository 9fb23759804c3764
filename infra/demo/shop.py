"""The shop and its customers as the product sees them: signed webhooks and scanned receipts.

Receipts are signed by the same file that a till gets, events/receipt/sign.py, not by the product.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib.util
import json
import time
from datetime import datetime, timedelta
from functools import cache
from types import ModuleType
from typing import Any, Protocol

from infra.demo.figures import Programme
from infra.demo.plan import Deliver, Receipt, Scan
from infra.local.engine import ROOT
from siyu.domain.keys import session_key, store_code_key
from siyu.domain.tokens import sign

SIGNER = ROOT / "events" / "receipt" / "sign.py"
SOURCE = "shop"
CHECKS = (
    "friends_a_day",
    "friends_a_month",
    "friends_a_minute",
    "friends_per_address",
    "friends_per_device",
    "friends_per_network",
    "friends_per_delivery",
    "share_bp",
)
ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.2


class ShopError(Exception):
    """The product refused a request that it should take; the text has its answer."""


class Answer(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def text(self) -> str: ...


class Cloud(Protocol):
    """What the shop needs of the local cloud."""

    secret: dict[str, Any]
    env: dict[str, str]

    def call(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes | str | None = None,
        *,
        time_epoch_ms: int | None = None,
        source_ip: str = ...,
    ) -> Answer: ...


def load_signer() -> ModuleType:
    """The till's signer as a module; it lies outside every package, as it would at a till."""
    spec = importlib.util.spec_from_file_location("receipt_signer", SIGNER)
    if spec is None or spec.loader is None:
        raise ImportError(f"no Python file at {SIGNER}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Shop:
    """Keeps what real tills and shoppers would: signing keys, member ids and referral codes."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._webhook_key = base64.b64decode(
            cloud.secret["webhooks"][SOURCE][0].removeprefix("whsec_")
        )
        self._till = load_signer()
        master_key, brand = cloud.secret["master_key"].encode(), cloud.env["BRAND"]
        self._store_key = cache(lambda store: store_code_key(master_key, brand, store, 1))
        self._referral_codes: dict[str, str] = {}
        self.customers: dict[str, str] = {}
        """Member id -> customer id of the file."""

    def publish(self, programme: Programme, before: datetime) -> None:
        """The brand's referral rules, as an operator would, in time for what comes. Raises
        ShopError."""
        at = before - timedelta(minutes=5)
        rules = {
            "version": "demo",
            "effective_from": (before - timedelta(minutes=2)).isoformat(),
            "rate_bp": programme.rate_bp,
            "min_order_minor": programme.min_order_minor,
            "return_window_days": programme.hold_days - 1,
            "checks": dict.fromkeys(CHECKS),
        }
        headers = {
            "content-type": "application/json",
            "authorization": f"Bearer {self._console_token(at)}",
        }
        body = json.dumps(rules)
        self._post("/v1/console/programmes", headers, lambda _: body, at, 200)

    def deliver(self, action: Deliver) -> None:
        """Raises ShopError."""
        data = dict(action.data)
        if action.receipt is not None:
            data["store_id"] = action.receipt.store_id
            data["receipt_token"] = self._token(action.receipt)
        body = json.dumps(
            {"type": action.type, "timestamp": action.occurred_at.isoformat(), "data": data}
        )
        signed = f"{action.webhook_id}.{int(action.at.timestamp())}.{body}".encode()
        signature = base64.b64encode(hmac.digest(self._webhook_key, signed, hashlib.sha256))
        headers = {
            "content-type": "application/json",
            "webhook-id": action.webhook_id,
            "webhook-timestamp": str(int(action.at.timestamp())),
            "webhook-signature": f"v1,{signature.decode()}",
        }
        self._post(f"/v1/webhooks/{SOURCE}", headers, lambda _: body, action.at, 202)

    def scan(self, action: Scan) -> None:
        """Raises ShopError."""
        # A hash, because a file may hold customer ids that no openid could look like.
        shopper = hashlib.sha256(action.customer_id.encode())
        openid = "o" + shopper.hexdigest()[:27]
        request = {"token": self._token(action.receipt)}
        if action.referrer is not None:
            request["referral_code"] = self._referral_codes[action.referrer]
        answer = self._post(
            "/v1/scans",
            {"content-type": "application/json"},
            # WeChat takes a login code once, so each attempt needs its own.
            lambda attempt: json.dumps({**request, "login_code": f"{openid}.{attempt}"}),
            action.at,
            200,
            # Everybody has a phone of their own: as one address they would meet its limit.
            source_ip="10." + ".".join(map(str, shopper.digest()[:3])),
        )
        member = json.loads(answer.text)["member"]
        self.customers[member["id"]] = action.customer_id
        self._referral_codes[action.customer_id] = member["referral_code"]

    def _console_token(self, at: datetime) -> str:
        """What `siyu console token` gives an operator."""
        key_id = self._cloud.secret["session_keys"][0]
        master_key, brand = self._cloud.secret["master_key"].encode(), self._cloud.env["BRAND"]
        issued = int(at.timestamp())
        claims = {"sub": "demo", "aud": "console", "iss": brand, "iat": issued, "exp": issued + 60}
        key = session_key(master_key, brand, key_id)
        return sign(claims, key, key_id)

    def _token(self, receipt: Receipt) -> str:
        key = self._store_key(receipt.store_id)
        token: str = self._till.token(key, receipt.store_id, receipt.day, receipt.serial)
        return token

    def _post(
        self,
        path: str,
        headers: dict[str, str],
        body: Any,
        at: datetime,
        wanted: int,
        *,
        source_ip: str = "127.0.0.1",
    ) -> Answer:
        """Tries again when the product is busy, as every sender of webhooks does."""
        moment = int(at.timestamp() * 1_000)
        for attempt in range(ATTEMPTS):
            answer = self._cloud.call(
                "POST", path, headers, body(attempt), time_epoch_ms=moment, source_ip=source_ip
            )
            if answer.status == wanted:
                return answer
            if answer.status < 500 and answer.status != 429:
                break
            time.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
        raise ShopError(f"POST {path} as of {at.isoformat()}: {answer.status} {answer.text[:500]}")
