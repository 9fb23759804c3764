"""The routes of the OpenAPI document, what to ask of each, and whose data it would be after."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from importlib import import_module
from typing import Any

from infra.local.http_events import Match as GatewayMatch
from infra.local.http_events import Request, build_event
from infra.local.triggers import Function
from infra.openapi import HTTP_FUNCTIONS, document
from siyu.api import credit_id, session
from siyu.domain.consents import Consent, Purpose
from siyu.services import codes, identities
from siyu.services.link_phone import link_phone
from siyu.services.record_consent import record_consent
from tests.functions.calls import ANN, BOB, TIMESTAMP, Event, call, join
from tests.services.purse import earn, hold
from tests.services.shop import STORE, paid, receipt, settle
from tests.support import NOW, dump, forget_login_codes

NUMBER = "+8613800138000"
Route = tuple[str, str]
PATHS: dict[str, dict[str, Any]] = json.loads(document())["paths"]
ROUTES: dict[Route, dict[str, Any]] = {
    (method.upper(), path): operation
    for path, operations in PATHS.items()
    for method, operation in operations.items()
}
SESSION, CONSOLE = (
    [route for route, operation in ROUTES.items() if operation.get("security") == [{scheme: []}]]
    for scheme in ("session", "console")
)
# What opens the others. They take no session, so each is attacked at what it does take.
LINKS = [("GET", "/v1/exports/{token}")]
HOLDS = "/v1/stores/{store}/holds"
AUDIENCES = "/v1/console/audiences"
REDEMPTION, HOLD, CAPTURE, VOID = TILLS = [
    ("POST", "/v1/stores/{store}/redemptions"),
    ("POST", HOLDS),
    ("POST", f"{HOLDS}/{{hold}}/capture"),
    ("POST", f"{HOLDS}/{{hold}}/void"),
]
WEBHOOK = ("POST", "/v1/webhooks/{source}")
SIGNED = [*TILLS, WEBHOOK]
CHECKS = [("GET", "/v1/webhooks/{source}")]
CALLBACKS = [
    (method, f"/v1/{partner}/callback")
    for partner in ("wecom", "wechat")
    for method in ("GET", "POST")
]
LOGINS = [("POST", "/v1/scans"), ("POST", "/v1/sessions")]
PUBLIC = [("GET", "/r/{token}"), ("GET", "/v1/referrals/{code}/poster")]
OWED, HELD, BOBS_HOLD, BOBS_CREDIT = 654_321, 987, "bobs-hold-1", "bobs-credit"


def function_of(method: str, path: str) -> str:
    """The function that has this route."""
    for name in HTTP_FUNCTIONS:
        app = import_module(f"{name}.handler").app
        for route in app._static_routes + app._dynamic_routes:
            if route.method == method and re.sub(r"<(\w+)>", r"{\1}", route.path) == path:
                return name
    raise LookupError(path)


def body_of(route: Route, member_id: str, code: str) -> str:
    """A body that would do the most harm, were it let in."""
    fields: dict[Route, dict[str, Any]] = {
        ("POST", "/v1/scans"): {"token": receipt(2), "login_code": "openid-eve.1"},
        ("POST", "/v1/sessions"): {"login_code": "openid-eve.1"},
        ("POST", "/v1/me/phone"): {"code": "phone.13800138000.1", "login_code": "openid-ann.9"},
        ("DELETE", "/v1/me"): {"login_code": "openid-bob.1"},
        ("POST", "/v1/me/consents"): {
            "purpose": "marketing",
            "granted": False,
            "policy_version": "1",
            "text_hash": "a" * 64,
        },
        REDEMPTION: {"coupon_code": code, "spend_minor": 12_800},
        HOLD: {"wallet_code": wallet_code(BOB), "amount_minor": 1, "spend_minor": 1},
        CAPTURE: {"hold": BOBS_HOLD, "amount_minor": HELD},
        VOID: {"hold": BOBS_HOLD},
        ("POST", "/v1/console/quarantine/{event_id}/replay"): {"dry_run": False},
        ("POST", AUDIENCES): {},
        ("POST", f"{AUDIENCES}/preview"): {},
        ("POST", "/v1/console/programmes"): {"version": "evil", "rate_bp": 10_000},
        ("POST", "/v1/console/schemes"): {"name": "default", "enabled": False},
        ("POST", "/v1/console/credits/{credit}/decision"): {"verdict": "block", "fraud": True},
        ("PUT", "/v1/console/referrers/{member}/standing"): {"suspended": True},
        WEBHOOK: {
            "type": "order.refunded",
            "data": {"order_id": "1", "refund_id": "r", "refunded_minor": 1, "currency": "CNY"},
        },
    }
    if route in CALLBACKS:
        return "<xml><ToUserName>ww1436e0e65a779aee</ToUserName><Encrypt>AAAA</Encrypt></xml>"
    return json.dumps(fields[route]) if route in fields else ""


def wallet_code(member_id: str) -> str:
    return session.issue(member_id, NOW, "wallet", timedelta(minutes=5), {"jti": "mark"}).token


def ask(route: Route, code: str, text: str | None = None, **how: Any) -> Event:
    """One request to a route: `headers`, `query`, `store`, `token`; `parts` of the path by name.

    WeChat takes a login code again that it took before, unless `forget` is False.
    """
    method, template = route
    parts = {"token": how.get("token", "x"), "store": how.get("store", STORE), "source": "shop"}
    parts |= {"event_id": "20261122T040000000Z-m1", "member": BOB, "hold": BOBS_HOLD}
    parts |= {"audience": "a" * 16}
    parts |= {"credit": credit_id.encode(f"shop#{BOBS_CREDIT}"), "code": codes.referral_token(BOB)}
    parts |= how.get("parts", {})
    path = template.format(**parts)
    headers = {"content-type": "application/json", **how.get("headers", {})}
    raw = (body_of(route, BOB, code) if text is None else text).encode()
    sent = Request(
        method, path, how.get("query", ""), headers.items(), raw, "192.0.2.9", TIMESTAMP * 1000
    )
    name = function_of(*route)
    if how.get("forget", True):
        forget_login_codes()
    match = GatewayMatch(Function(name, "", "", 1, 128, {}), f"{method} {template}", parts)
    return call(name, build_event(sent, match))  # type: ignore[no-any-return]


def all_of_bobs() -> str:
    """Lets Ann and Bob be members, and Bob have all that a member can; his coupon."""
    join(ANN, receipt(1), "openid-ann")
    bob = join(BOB, receipt(2), "openid-bob", unionid="union-openid-bob")
    paid("bobs-order", 123_456, buyer_id="buyer-bob", receipt_token=receipt(2))
    settle()
    link_phone(BOB, NUMBER, NOW)
    consent = Consent(Purpose.PROFILING, True, "bobs-policy", "b" * 64, "mini_program", NOW)
    record_consent(BOB, consent)
    earn(BOB, BOBS_CREDIT, OWED)
    hold(BOB, HELD, BOBS_HOLD)
    assert bob.coupon is not None
    return bob.coupon.code


def refused(answer: Event, statuses: set[int], code: str, *, stored: Any) -> None:
    """Refused, with nothing of Bob's in the answer, and nothing changed in the table."""
    assert answer["statusCode"] in statuses, answer
    said = json.dumps(answer, ensure_ascii=False)
    indexes = (
        identities.mini_program_openid("openid-bob")[1],
        identities.unionid("union-openid-bob")[1],
        identities.phone(NUMBER)[1],
    )
    for private in (BOB, code, NUMBER[1:], "openid-bob", "123456", "bobs-", str(OWED), *indexes):
        assert private not in said
    assert dump() == stored
