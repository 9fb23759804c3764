"""The shop signs as Standard Webhooks prescribe, prints real receipts and tries again when told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from infra.demo import shop as module
from infra.demo.figures import business_day
from infra.demo.plan import Deliver, Scan, make_plan
from infra.demo.reader import read_orders
from infra.demo.shop import Shop, ShopError
from siyu.domain.codes import CodeKind, read, verify
from siyu.domain.keys import store_code_key

SAMPLE = Path(__file__).parents[1] / "data" / "sample_orders.csv"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MASTER_KEY = "m" * 64


@dataclass
class Reply:
    status: int
    text: str = "{}"


@dataclass
class FakeCloud:
    """Answers from a list and keeps what it was asked."""

    replies: list[Reply]
    secret: dict[str, Any] = field(
        default_factory=lambda: {"master_key": MASTER_KEY, "webhooks": {"shop": [SECRET]}}
    )
    env: dict[str, str] = field(default_factory=lambda: {"BRAND": "Siyu"})
    asked: list[dict[str, Any]] = field(default_factory=list)

    def call(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes | str | None = None,
        *,
        time_epoch_ms: int | None = None,
        source_ip: str = "127.0.0.1",
    ) -> Reply:
        self.asked.append(
            {
                "method": method,
                "path": path,
                "headers": headers,
                "body": body,
                "at": time_epoch_ms,
                "from": source_ip,
            }
        )
        return self.replies.pop(0)


def member(name: str) -> Reply:
    return Reply(200, json.dumps({"member": {"id": f"id-{name}", "referral_code": f"R-{name}"}}))


def first(kind: type[Any]) -> Any:
    plan = make_plan(read_orders(SAMPLE).rows, "GBP")
    return next(action for action in plan.actions if isinstance(action, kind))


def test_a_delivery_carries_a_valid_signature_and_its_own_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    action: Deliver = first(Deliver)
    cloud = FakeCloud([Reply(202)])
    Shop(cloud).deliver(action)
    asked = cloud.asked[0]
    monkeypatch.setattr(Webhook, "_Webhook__verify_timestamp", lambda *_: action.at.astimezone(UTC))
    event = Webhook(SECRET).verify(asked["body"], asked["headers"])
    assert asked["method"] == "POST"
    assert asked["at"] == int(asked["headers"]["webhook-timestamp"]) * 1_000
    assert event["data"]["order_id"] == action.data["order_id"]
    code = read(event["data"]["receipt_token"])
    assert code is not None
    assert (code.kind, code.store) == (CodeKind.RECEIPT, event["data"]["store_id"])
    assert code.day == business_day(action.occurred_at)
    key = store_code_key(MASTER_KEY.encode(), "Siyu", code.store, 1)
    assert verify(event["data"]["receipt_token"], code, key)


def test_every_scan_of_the_plan_finds_its_receipt_still_good() -> None:
    plan = make_plan(read_orders(SAMPLE).rows, "GBP")
    cloud = FakeCloud([member(scan.customer_id) for scan in plan.scans])
    shop = Shop(cloud)
    for scan in plan.scans:
        shop.scan(replace(scan, referrer=None))
        code = read(json.loads(cloud.asked[-1]["body"])["token"])
        assert code is not None
        assert code.good_on(business_day(scan.at))


def test_a_scan_brings_the_code_that_the_referrer_was_given() -> None:
    scan: Scan = first(Scan)
    referred = Scan(scan.at, "second", scan.receipt, scan.customer_id)
    cloud = FakeCloud([member("one"), member("two")])
    shop = Shop(cloud)
    shop.scan(scan)
    shop.scan(referred)
    bodies = [json.loads(asked["body"]) for asked in cloud.asked]
    assert "referral_code" not in bodies[0]
    assert bodies[1]["referral_code"] == "R-one"
    assert shop.customers == {"id-one": scan.customer_id, "id-two": "second"}


def test_busy_answers_are_tried_again_with_a_new_login_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0)
    cloud = FakeCloud([Reply(503), Reply(429), member("one")])
    Shop(cloud).scan(first(Scan))
    assert len({json.loads(asked["body"])["login_code"] for asked in cloud.asked}) == 3


@pytest.mark.parametrize(("replies", "asked"), [([Reply(401, "no")], 1), ([Reply(500)] * 5, 5)])
def test_a_refusal_stops_the_demo_with_the_answer(
    monkeypatch: pytest.MonkeyPatch, replies: list[Reply], asked: int
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0)
    cloud = FakeCloud(list(replies))
    with pytest.raises(ShopError, match=f"POST /v1/webhooks/shop .* {replies[0].status}"):
        Shop(cloud).deliver(first(Deliver))
    assert len(cloud.asked) == asked


def test_every_customer_scans_from_an_address_of_their_own() -> None:
    plan = make_plan(read_orders(SAMPLE).rows, "GBP")
    scans = [action for action in plan.actions if isinstance(action, Scan)][:3]
    cloud = FakeCloud([member(scan.customer_id) for scan in scans])
    shop = Shop(cloud)
    for scan in scans:
        shop.scan(replace(scan, referrer=None))
    assert len({asked["from"] for asked in cloud.asked}) == 3
