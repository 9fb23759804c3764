"""Writes events/<function>/<case>.json: `python -m tests.functions.make_events`.

Shapes are those of the gateway, the queue, the stream and the scheduler; images are items as the
table really holds them; tokens and signatures are made with the tests' fixed secrets.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from infra.local.host import schedule_event
from infra.local.http_events import Request, Routes, build_event
from infra.local.triggers import Function, route, schedule
from siyu.api import session
from siyu.services.record_order import record_order
from tests.functions.calls import (
    ANN,
    BOB,
    EVENTS,
    Event,
    batch,
    join,
    message,
    signed,
    with_body,
)
from tests.services.shop import door, event, paid, receipt, scan, settle
from tests.support import NOW, dump, empty_table
from tests.template.reading import events as triggers

STREAM_ARN = (
    "arn:aws:dynamodb:us-east-1:000000000000:table/siyu-Table/stream/2026-11-22T00:00:00.000"
)
HEADERS = {
    "accept": "*/*",
    "content-type": "application/json",
    "host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
    "user-agent": "MicroMessenger",
    "x-forwarded-for": "192.0.2.7",
    "x-forwarded-port": "443",
    "x-forwarded-proto": "https",
}
ROUTES = Routes(
    Function(name, "", "", 1, 128, {}, routes=(route(spec),))
    for name, (_, spec) in triggers("HttpApi").items()
)


def http(method: str, path: str, content: str | bytes = "", **headers: str) -> Event:
    raw = content.encode() if isinstance(content, str) else content
    match = ROUTES.find(method, path)
    assert match is not None
    pairs = [*HEADERS.items(), *headers.items()]
    at = int(NOW.timestamp() * 1000)
    request = Request(method, path, "", pairs, raw, "192.0.2.7", at)
    built = build_event(request, match)
    built["requestContext"]["requestId"] = "JKJaXmPLvHcESHA="
    return built


def scans() -> dict[str, Event]:
    def scan_of(token: str, **more: str) -> Event:
        fields = {"token": token, "login_code": "openid-ann.code1", **more}
        return http("POST", "/v1/scans", json.dumps(fields))

    other = scan_of(receipt(1)[:-1] + ("0" if receipt(1)[-1] != "0" else "1"))
    binary = scan_of(receipt(2))
    return {
        "scan_signup/receipt": scan_of(receipt(1)),
        "scan_signup/store": scan_of(door()),
        "scan_signup/forged": other,
        "scan_signup/base64": with_body(binary, binary["body"].encode()),
    }


def profiles() -> dict[str, Event]:
    token = session.issue(ANN, NOW).token
    return {
        "member_profile/me": http("GET", "/v1/me", authorization=f"Bearer {token}"),
        "member_profile/no_session": http("GET", "/v1/me"),
    }


def webhooks() -> dict[str, Event]:
    plain = http("POST", "/v1/webhooks/shop")
    sale = {
        "order_id": 3705115058471208929,
        "paid_minor": 12_800,
        "currency": "CNY",
        "occurred_at": "2026-11-22T11:58:00+08:00",
        "buyer_id": "buyer-1",
        "store_id": "A1B",
        "receipt_token": receipt(1),
        "note": "请尽快发货",
    }
    refund = {
        "order_id": "3705115058471208929",
        "refund_id": "r-1",
        "refunded_minor": 2_800,
        "currency": "CNY",
        "occurred_at": "2026-11-22T11:59:00+08:00",
    }
    paid_text = json.dumps({"type": "order.paid", "data": sale}, ensure_ascii=False)
    refund_text = json.dumps({"type": "order.refunded", "data": refund})
    return {
        "order_webhook/paid": signed(plain, paid_text, "msg_paid"),
        "order_webhook/refunded": signed(plain, refund_text, "msg_refunded"),
        "order_webhook/base64": signed(plain, paid_text.encode(), "msg_paid"),
    }


def batches() -> dict[str, Event]:
    first = message("order.paid", "d1", order_id="1", paid_minor=5_000, buyer_id="buyer-1")
    second = message("order.refunded", "d2", order_id="1", refund_id="r", refunded_minor=1_000)
    poison = message("order.paid", "d3", order_id="2", paid_minor="a lot")
    return {
        "order_worker/two_orders": batch(first, second),
        "order_worker/one_poison": batch(first, poison),
    }


def streams() -> dict[str, Event]:
    """Images of what really happened in an empty shop."""
    empty_table()
    paid("1", 5_000, buyer_id="buyer-1", receipt_token=receipt(1))
    paid("2", 7_000, receipt_token=receipt(2))
    join(ANN, receipt(2), "openid-ann")
    ann = scan(door(), "openid-ann")
    join(BOB, receipt(1), "openid-bob", ann.referral_code)
    revealed = _image(lambda item: item.get("identity_kind") == {"S": "buyer"})
    claimed = _image(lambda item: item.get("claimed_by") == {"S": ANN})
    settle()
    record_order(event("order.completed", order_id="1"))
    bought = _image(lambda item: item.get("order_key") == {"S": "shop#1"} and "paid_minor" in item)
    empty_table()
    return {
        "order_claims/buyer_revealed": changed(("INSERT", revealed)),
        "order_claims/receipt_claimed": changed(("MODIFY", claimed)),
        "referral_credit/order_of_member": changed(("MODIFY", bought)),
    }


def _image(wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    (found,) = (item for item in dump().values() if wanted(item))
    return found


def changed(*changes: tuple[str, dict[str, Any]]) -> Event:
    """A batch from the table's stream: sequence numbers 1001, 1002 and so on."""
    return {
        "Records": [
            {
                "eventID": f"c4ca4238a0b923820dcc509a6f7{number}",
                "eventName": name,
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": "us-east-1",
                "dynamodb": {
                    "ApproximateCreationDateTime": int(NOW.timestamp()),
                    "Keys": {"PK": image["PK"], "SK": image["SK"]},
                    "NewImage": dict(sorted(image.items())),
                    "SequenceNumber": str(number),
                    "SizeBytes": len(json.dumps(image)),
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
                "eventSourceARN": STREAM_ARN,
            }
            for number, (name, image) in enumerate(changes, 1001)
        ]
    }


def nights() -> dict[str, Event]:
    specs = {name: schedule(*named) for name, named in triggers("ScheduleV2").items()}
    release, segment = specs["ReferralReleaseFunction"], specs["SegmentNightlyFunction"]
    return {
        "referral_release/nightly": schedule_event(release, NOW.replace(hour=18)),
        "segment_nightly/nightly": schedule_event(segment, NOW.replace(hour=18, minute=30)),
    }


def make() -> dict[str, Event]:
    """All events by `<function>/<case>`."""
    makers = (scans, profiles, webhooks, batches, streams, nights)
    return {name: made for maker in makers for name, made in maker().items()}


def main() -> None:
    for name, made in make().items():
        path = EVENTS / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
