"""A day of the shop, good and bad, and the names of events that it leaves in the log.

That it leaves nothing else is scenario 25 (tests/acceptance/test_s25_logs_hold_nobody.py).
"""

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
from tests.services.shop import receipt
from tests.support import receive

PHONE = "13800138000"
BUYER = "buyer-1"


def a_day() -> None:
    """Every event on disk, every refusal and every failure."""
    first = body(call("scan_signup", load("scan_signup/receipt")))
    join(ANN, receipt(3), "openid-zoe")
    join(BOB, receipt(4), "openid-bob", first["member"]["referral_code"])
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
