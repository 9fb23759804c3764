"""Writes events/<function>/<case>.json: `python -m tests.functions.make_events`.

Shapes are those of the gateway, the queue, the stream and the scheduler; images are items as the
table really holds them; tokens and signatures are made with the tests' fixed secrets.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from infra.local.engine import ROOT
from infra.local.host import schedule_event
from infra.local.http_events import Request, Routes, build_event
from infra.local.resolver import ACCOUNT, REGION
from infra.local.triggers import Function, route, schedule
from siyu.api import session
from siyu.services.codes import referral_token
from siyu.services.erase_member import erase_member
from siyu.services.record_order import record_order
from siyu.services.request_audience import ask_for
from siyu.services.segment_members import segment_members
from siyu.services.verify_till import till_secret
from siyu.wechat import callback
from tests import machine
from tests.channels import shopify, wechat_pay, wechat_shop, youzan
from tests.functions import audience_events as audiences
from tests.functions import import_events
from tests.functions.calls import (
    ANN,
    BOB,
    CAT,
    EVENTS,
    Event,
    batch,
    join,
    message,
    signed,
    with_body,
    with_headers,
)
from tests.functions.console_events import events as console_events
from tests.functions.programme_events import events as programme_events
from tests.functions.review_events import events as review_events
from tests.functions.segment_events import events as segment_events
from tests.functions.wallet_events import events as wallet_events
from tests.services.shop import STORE, TODAY, door, event, paid, receipt, scan, settle
from tests.support import NOW, WECOM, dump, empty_table
from tests.template.reading import all_events as all_triggers
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
    Function(name, "", "", 1, 128, {}, routes=tuple(route(spec) for spec in specs))
    for name, specs in all_triggers("HttpApi").items()
)


def http(
    method: str, path: str, content: str | bytes = "", query: str = "", **headers: str
) -> Event:
    raw = content.encode() if isinstance(content, str) else content
    match = ROUTES.find(method, path)
    assert match is not None
    pairs = [*HEADERS.items(), *headers.items()]
    at = int(NOW.timestamp() * 1000)
    request = Request(method, path, query, pairs, raw, "192.0.2.7", at)
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


def landings() -> dict[str, Event]:
    wechat = http("GET", f"/r/{receipt(1)}")
    phone, desktop = "Mozilla/5.0 (Linux; Android 16; K)", "Mozilla/5.0 (Windows NT 10.0)"
    return {
        "code_landing/wechat": wechat,
        "code_landing/phone": with_headers(wechat, user_agent=phone),
        "code_landing/desktop": with_headers(wechat, user_agent=desktop),
        "code_landing/no_code": http("GET", "/r/x"),
    }


def members() -> dict[str, Event]:
    bearer = {"authorization": f"Bearer {session.issue(ANN, NOW).token}"}
    export = session.issue(ANN, NOW, "export", timedelta(minutes=15)).token
    login = json.dumps({"login_code": "openid-ann.code1"})
    decision = {
        "purpose": "marketing",
        "granted": True,
        "policy_version": "2026-11",
        "text_hash": hashlib.sha256(b"We may write to you.").hexdigest(),
    }
    poster = f"/v1/referrals/{referral_token(ANN)}/poster"
    return {
        "member_profile/me": http("GET", "/v1/me", **bearer),
        "member_profile/coupons": http("GET", "/v1/me/coupons", **bearer),
        "member_profile/no_session": http("GET", "/v1/me"),
        "member_session/sign_in": http("POST", "/v1/sessions", login),
        "member_phone/link": http(
            "POST",
            "/v1/me/phone",
            json.dumps({"code": "phone.13800138000.code1", "login_code": "openid-ann.code1"}),
            **bearer,
        ),
        "referral_poster/svg": http("GET", poster, query="format=svg&lang=en"),
        "referral_poster/png": http("GET", poster, query="format=png"),
        "member_consents/read": http("GET", "/v1/me/consents", **bearer),
        "member_consents/agree": http("POST", "/v1/me/consents", json.dumps(decision), **bearer),
        "member_privacy/export": http("POST", "/v1/me/export", **bearer),
        "member_privacy/download": http("GET", f"/v1/exports/{export}"),
        "member_privacy/erase": http("DELETE", "/v1/me", login, **bearer),
    }


def redemptions() -> dict[str, Event]:
    plain = http("POST", f"/v1/stores/{STORE}/redemptions")
    body = json.dumps({"coupon_code": "0123456789AB", "spend_minor": 12_800})
    secret = till_secret(STORE, 1)
    return {"coupon_redeem/redeem": signed(plain, body, "till-1-0001", secret=secret)}


def callbacks() -> dict[str, Event]:
    """Envelopes as WeCom makes them, but for the random part, which is fixed."""
    fields = {
        "ToUserName": WECOM["id"],
        "FromUserName": "sys",
        "CreateTime": str(int(NOW.timestamp()) - 1),
        "MsgType": "event",
        "Event": "change_external_contact",
        "ChangeType": "add_external_contact",
        "UserID": "guide-lily",
        "ExternalUserID": "wm-ann",
        "State": door(),
        "WelcomeCode": "welcome-1",
    }
    text = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    with patch("siyu.wechat.callback.os.urandom", lambda size: b"0" * size):
        encrypted = callback.encrypt(WECOM["aes_key"], WECOM["id"], f"<xml>{text}</xml>".encode())
        echo = callback.encrypt(WECOM["aes_key"], WECOM["id"], b"1288432023552776189")
    outer = f"<xml><ToUserName>{WECOM['id']}</ToUserName><Encrypt>{encrypted}</Encrypt></xml>"
    message = {"account": "wecom", "received_at": NOW.isoformat(), "encrypted": encrypted}
    path = "/v1/wecom/callback"
    checked = _signed_query(echo) + "&" + urlencode({"echostr": echo})
    return {
        "contact_callback/check": http("GET", path, query=checked),
        "contact_callback/friend": http("POST", path, outer, query=_signed_query(encrypted)),
        "contact_worker/friend": batch(json.dumps(message)),
    }


def _signed_query(payload: str) -> str:
    at, nonce = str(int(NOW.timestamp())), "1597212914"
    signature = callback.signature(WECOM["token"], at, nonce, payload)
    return urlencode({"msg_signature": signature, "timestamp": at, "nonce": nonce})


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
    erase_member(BOB, NOW)
    erased = _image(lambda item: item["kind"] == {"S": "ERASURE"})
    join(CAT, door(), "openid-cat", unionid="union-cat")
    known = _image(lambda item: item.get("identity_kind") == {"S": "unionid"})
    segment_members(TODAY)
    ask_for({"scheme": "default", **audiences.QUERY}, "cat", NOW, audiences.KEY)
    asked = _image(lambda item: item["kind"] == {"S": "AUDIENCE"})
    empty_table()
    return {
        "member_changes/erasure": changed(("INSERT", erased)),
        "member_changes/unionid_known": changed(("INSERT", known)),
        "member_changes/audience_asked": changed(("INSERT", asked)),
        "member_changes/buyer_revealed": changed(("INSERT", revealed)),
        "member_changes/receipt_claimed": changed(("MODIFY", claimed)),
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
    reconcile = specs["OrderReconcileFunction"]
    return {
        "order_reconcile/daily": schedule_event(reconcile, NOW.replace(hour=3)),
        "referral_release/nightly": schedule_event(release, NOW.replace(hour=18)),
        "segment_nightly/nightly": {
            **schedule_event(segment, NOW.replace(hour=18, minute=30)),
            "machine": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:siyu-SegmentNightMachine",
        },
    }


def parts_of_a_night() -> dict[str, Event]:
    """What the state machine asks of its function, in a night of one part."""
    asked: dict[str, Event] = {}

    def answer(payload: Event) -> Event:
        over = "segment_part/finish" in asked
        asked[f"segment_part/{payload['step']}"] = payload
        night = {"night": "2026-11-23", "ranges": [[0, 1]], "page_shards": 64}
        return {"as_of": payload["as_of"], "over": over, **night}

    names = {"Partition": "aws", "SegmentPart": "SegmentPartFunction"}
    definition = machine.load(ROOT / "infra" / "segment_night.asl.yaml", names)
    machine.Machine(definition, answer).run({"as_of": "2026-11-23"})
    return asked


def make() -> dict[str, Event]:
    """All events by `<function>/<case>`."""
    makers = (
        scans,
        landings,
        members,
        redemptions,
        callbacks,
        webhooks,
        batches,
        streams,
        nights,
        parts_of_a_night,
        import_events.events,
    )
    channels = (wechat_pay, wechat_shop, youzan, shopify)
    ours = {name: made for maker in makers for name, made in maker().items()}
    theirs = {name: made for kind in channels for name, made in kind.events(http).items()}
    others = (
        audiences.events,
        console_events,
        programme_events,
        review_events,
        segment_events,
        wallet_events,
    )
    return {
        **ours,
        **theirs,
        **{name: made for some in others for name, made in some(http).items()},
    }


def main() -> None:
    for name, made in make().items():
        path = EVENTS / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
