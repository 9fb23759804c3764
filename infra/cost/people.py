"""A shop, its tills and its members, as the API sees them."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from infra.cost.cloud import CostCloud
from infra.local.http_events import Request
from infra.local.stack import DEFAULT_SOURCE
from siyu.domain.calendar import business_date
from siyu.domain.codes import mint, receipt_code
from siyu.domain.keys import store_code_key, till_request_key
from siyu.domain.standard_webhooks import sign

STORE = "A1B"


@dataclass(frozen=True, slots=True)
class Member:
    """What the mini-program keeps after a scan; `name` is the openid and the shop's buyer id."""

    name: str
    session: str
    referral_code: str
    coupon: str | None


class People:
    """Everybody is somebody new unless said otherwise; one second passes with each request."""

    def __init__(self, cloud: CostCloud) -> None:
        self._cloud = cloud
        self._numbers = count(1)
        self._now = datetime.fromtimestamp(int(time.time()), UTC)
        master, brand = cloud.secret["master_key"].encode(), cloud.env["BRAND"]
        self._code_key = store_code_key(master, brand, STORE, 1)
        till = till_request_key(master, brand, STORE, 1)
        self._till_secret = "whsec_" + base64.b64encode(till).decode()
        self._shop_secret = cloud.secret["webhooks"][DEFAULT_SOURCE][0]

    @property
    def now(self) -> datetime:
        return self._now

    def receipt(self) -> str:
        """A token that a till printed just now."""
        code = receipt_code(STORE, business_date(self._now), next(self._numbers))
        return mint(code, self._code_key)

    def name(self) -> str:
        return f"o{next(self._numbers):027d}"

    def scan(self, token: str, name: str, referral: str | None = None) -> Member:
        """A scan from an address of the shopper's own."""
        fields = {"token": token, "login_code": f"{name}.{next(self._numbers)}"}
        if referral is not None:
            fields["referral_code"] = referral
        told = self._post("/v1/scans", json.dumps(fields), {}, 200, _address(name))
        coupon = told["coupon"]["code"] if told["coupon"] else None
        member = told["member"]
        return Member(name, told["session"]["token"], member["referral_code"], coupon)

    def join(self, referral: str | None = None) -> Member:
        """Somebody whom the shop knows: bought once, scanned the receipt, and what follows is
        done."""
        token, name = self.receipt(), self.name()
        self.pays(name, 900, token)
        self._cloud.settle()
        member = self.scan(token, name, referral)
        self._cloud.settle()
        return member

    def pays(self, buyer: str | None, amount: int, token: str | None = None) -> None:
        """The shop reports a paid order."""
        number = next(self._numbers)
        data: dict[str, Any] = {
            "order_id": f"order-{number}",
            "paid_minor": amount,
            "currency": self._cloud.env["CURRENCY"],
            "occurred_at": self._now.isoformat(),
            "store_id": STORE,
        }
        if buyer is not None:
            data["buyer_id"] = buyer
        if token is not None:
            data["receipt_token"] = token
        body = json.dumps({"type": "order.paid", "data": data})
        headers = self._signed(f"msg_{number}", body, self._shop_secret)
        self._post(f"/v1/webhooks/{DEFAULT_SOURCE}", body, headers, 202)

    def redeems(self, member: Member) -> None:
        """A till takes the member's coupon."""
        body = json.dumps({"coupon_code": member.coupon, "spend_minor": 20_000})
        headers = self._signed(f"redeem_{next(self._numbers)}", body, self._till_secret)
        self._post(f"/v1/stores/{STORE}/redemptions", body, headers, 200)

    def looks(self, member: Member, path: str) -> None:
        """The member opens a page of the mini-program."""
        headers = (("authorization", f"Bearer {member.session}"),)
        self._cloud.call(Request("GET", path, headers=headers, time_epoch_ms=self._tick()), 200)

    def night(self, name: str, days: int) -> Any:
        """A job of the night, so many days from here."""
        later = self._now + timedelta(days=days)
        at = datetime.combine(business_date(later), datetime.min.time(), UTC)
        return self._cloud.schedule(name, at - timedelta(hours=6))

    def _signed(self, name: str, body: str, secret: str) -> dict[str, str]:
        at = int(self._now.timestamp())
        return {
            "webhook-id": name,
            "webhook-timestamp": str(at),
            "webhook-signature": sign(secret, name, at, body.encode()),
        }

    def _tick(self) -> int:
        self._now += timedelta(seconds=1)
        return int(self._now.timestamp() * 1_000)

    def _post(
        self, path: str, body: str, headers: dict[str, str], wanted: int, ip: str = "192.0.2.1"
    ) -> Any:
        pairs = (("content-type", "application/json"), *headers.items())
        epoch = self._tick()
        request = Request("POST", path, "", pairs, body.encode(), ip, epoch)
        return self._cloud.call(request, wanted).json()


def _address(name: str) -> str:
    number = int(name[1:])
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
