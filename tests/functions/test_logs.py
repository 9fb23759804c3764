"""A day of the shop, good and bad, and what it leaves in the log: names of events, no data."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.faults import line
from tests.functions.bucket import bucket
from tests.functions.calls import (
    ANN,
    BOB,
    EVENTS,
    batch,
    body,
    call,
    envelope,
    join,
    load,
    message,
    signed,
    with_fields,
    with_headers,
)
from tests.functions.import_events import SAMPLE
from tests.services.shop import door, receipt
from tests.support import SECRETS, WEBHOOK_SECRET, WECHAT_SECRET, receive

PHONE = "13800138000"
BUYER = "buyer-1"
PRIVATE = {
    "openid": "openid-ann",
    "other openid": "openid-bob",
    "unionid": "union-openid-ann",
    "contact": "wm-ann",
    "welcome code": "welcome-1",
    "address": "192.0.2.7",
    "export link": load("member_privacy/download")["rawPath"].removeprefix("/v1/exports/"),
    "login code": "openid-ann.code1",
    "phone": PHONE,
    "buyer": BUYER,
    "receipt token": receipt(1),
    "receipt token's MAC": receipt(1)[-16:],
    "store token": door(),
    "master key": str(SECRETS["master_key"]),
    "WeChat secret": WECHAT_SECRET,
    "webhook secret": WEBHOOK_SECRET.removeprefix("whsec_"),
    "signature": load("order_webhook/paid")["headers"]["webhook-signature"],
    "session": load("member_profile/me")["headers"]["authorization"].removeprefix("Bearer "),
    "note": "请尽快发货",
}


def a_day() -> list[str]:
    """Every event on disk, every refusal and every failure; returns secrets made meanwhile."""
    first = body(call("scan_signup", load("scan_signup/receipt")))
    code = first["member"]["referral_code"]
    join(ANN, receipt(3), "openid-zoe")
    join(BOB, receipt(4), "openid-bob", code)
    with bucket() as files:
        files.put("incoming/till/day_file.csv", SAMPLE.read_bytes())
        for path in sorted(EVENTS.glob("*/*.json")):
            call(path.parent.name, load(f"{path.parent.name}/{path.stem}"))
    webhook = load("order_webhook/paid")
    with_phone = message("order.paid", "d9", order_id=1, buyer_phone=PHONE, buyer_id=BUYER)
    call("order_webhook", signed(webhook, with_phone))
    call("order_webhook", with_headers(webhook, webhook_signature="v1,x"))
    call("order_worker", batch(*receive(), with_phone, envelope(f'{{"phone": "{PHONE}"}}')))
    scan = load("scan_signup/receipt")
    refusals: list[dict[str, Any]] = [
        {"login_code": "errcode.-1"},
        {"login_code": "openid-ann.code1", "phone": PHONE},
        {"login_code": "openid-bob.code1"},
        {"token": PHONE, "login_code": [PHONE]},
    ]
    for fields in refusals:
        call("scan_signup", with_fields(scan, **fields))
    call("member_profile", with_headers(load("member_profile/me"), authorization="Bearer x"))
    with line(lambda _, operation: "conflict" if operation[0] == "T" else None):
        failing = message("order.paid", "d7", order_id="7", paid_minor=7, buyer_id=BUYER)
        call("order_worker", batch(failing))
        call("referral_credit", load("referral_credit/order_of_member"))
        call("scan_signup", with_fields(scan, token=receipt(8), login_code="openid-eve.code1"))
    return [first["session"]["token"], first["coupon"]["code"], code, "openid-eve", "openid-zoe"]


def test_no_line_of_the_log_holds_anything_private(output: Callable[[], str]) -> None:
    made = a_day()
    logged = output()
    assert {name for name, text in PRIVATE.items() if text in logged} == set()
    assert [text for text in made if text in logged] == []


def test_the_log_names_what_happened(output: Callable[[], str]) -> None:
    a_day()
    lines = [json.loads(line) for line in output().splitlines() if line.startswith("{")]
    assert {line["message"] for line in lines} >= {
        "request_refused",
        "request_contended",
        "event_quarantined",
        "event_failed",
        "credits_released",
        "members_segmented",
    }
    assert {line["reason"] for line in lines if "reason" in line} >= {
        "already_claimed",
        "code_not_valid",
        "login_refused",
        "not_an_order_event",
        "not_signed_in",
        "signature_not_valid",
        "temporarily_unavailable",
    }
