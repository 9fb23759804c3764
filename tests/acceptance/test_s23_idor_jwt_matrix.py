"""Scenario 23: every route, asked by everybody who may not have what they ask for.

The routes are those of the OpenAPI document, so a new one is in the matrix or fails it.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import jwt
import pytest

import siyu.secrets
from infra.local.http_events import Match as GatewayMatch
from infra.local.http_events import Request, build_event
from infra.local.triggers import Function
from infra.openapi import HTTP_FUNCTIONS, document
from siyu.api import console, credit_id, session
from siyu.aws import client
from siyu.domain.consents import Consent, Purpose
from siyu.domain.keys import session_key
from siyu.domain.standard_webhooks import sign
from siyu.services import codes, identities
from siyu.services.link_phone import link_phone
from siyu.services.record_consent import record_consent
from siyu.services.verify_till import till_secret
from tests.functions.calls import ANN, BOB, TIMESTAMP, Event, body, call, join
from tests.services.purse import earn, hold
from tests.services.shop import MASTER_KEY, STORE, paid, receipt, settle
from tests.support import NOW, SECRETS, WEBHOOK_SECRET, dump, forget_login_codes

NUMBER = "+8613800138000"
KEY = session_key(MASTER_KEY, "brand", "1")
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


# What is asked


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
    """One request to a route: `headers`, `query`, `store`, `token`, `source`."""
    method, template = route
    parts = {"token": how.get("token", "x"), "store": how.get("store", STORE), "source": "shop"}
    parts |= {"event_id": "20261122T040000000Z-m1", "member": BOB, "hold": BOBS_HOLD}
    parts |= {"audience": "a" * 16}
    parts |= {"credit": credit_id.encode(f"shop#{BOBS_CREDIT}"), "code": codes.referral_token(BOB)}
    path = template.format(**parts)
    headers = {"content-type": "application/json", **how.get("headers", {})}
    raw = (body_of(route, BOB, code) if text is None else text).encode()
    sent = Request(
        method, path, how.get("query", ""), headers.items(), raw, "192.0.2.9", TIMESTAMP * 1000
    )
    name = function_of(*route)
    forget_login_codes()
    match = GatewayMatch(Function(name, "", "", 1, 128, {}), f"{method} {template}", parts)
    return call(name, build_event(sent, match))  # type: ignore[no-any-return]


# Whose data it is


@pytest.fixture
def bobs() -> str:
    """Bob's coupon; the table holds all that a member can have."""
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


# Who asks


def token(key: Any = KEY, algorithm: str = "HS256", kid: Any = "1", **claims: Any) -> str:
    """Bob's session but for what is given; a claim of None is left out."""
    payload = {"sub": BOB, "aud": "member", "iss": "brand", "iat": TIMESTAMP, "exp": TIMESTAMP + 60}
    merged = {name: value for name, value in {**payload, **claims}.items() if value is not None}
    return jwt.encode(merged, key, algorithm, headers={"kid": kid})


def unsigned(algorithm: str) -> str:
    """Bob's session under an algorithm that signs nothing."""
    _, claims, signature = token().split(".")
    forged = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": "1"}).encode())
    return f"{forged.decode().rstrip('=')}.{claims}.{signature if algorithm != 'none' else ''}"


# A public key is known to everybody; as an HMAC secret it signs for everybody.
PUBLIC_KEY = base64.b64encode(b"-----BEGIN PUBLIC KEY----- MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE")
TOKENS = {
    "empty": "",
    "no token at all": "x",
    "algorithm none": unsigned("none"),
    "algorithm None": unsigned("None"),
    "algorithm RS256": unsigned("RS256"),
    "algorithm HS512": token(KEY + KEY, "HS512"),
    "another secret": token(b"k" * 32),
    "a public key as secret": token(PUBLIC_KEY),
    "the key id as secret": token(b"1".ljust(32, b"\0")),
    "the master key as secret": token(MASTER_KEY),
    "another brand's key": token(session_key(MASTER_KEY, "other", "1")),
    "expired": token(exp=TIMESTAMP),
    "from the future": token(iat=TIMESTAMP + 61, exp=TIMESTAMP + 3600),
    "no expiry": token(exp=None),
    "no subject": token(sub=None),
    "no audience": token(aud=None),
    "no issuer": token(iss=None),
    "an audience of somebody else's": token(aud="guide"),
    "an issuer of somebody else's": token(iss="other"),
    "a key id nobody knows": token(kid="9"),
    "a key id that is a path": token(kid="../../dev/null"),
    "a key that was rotated out": token(session_key(MASTER_KEY, "brand", "0"), kid="0"),
    "a key that is not in use yet": token(session_key(MASTER_KEY, "brand", "2"), kid="2"),
}


def test_every_route_is_in_the_matrix() -> None:
    known = [*SESSION, *CONSOLE, *LINKS, *SIGNED, *CHECKS, *CALLBACKS, *LOGINS, *PUBLIC]
    assert sorted(known) == sorted(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_without_any_proof_nobody_gets_anything(route: Route, bobs: str) -> None:
    """The page and the picture behind a code are for everybody, and say nothing."""
    stored = dump()
    answer = ask(route, bobs)
    # Eve logs in as herself: her scan meets Bob's receipt.
    statuses = {409} if route == LOGINS[0] else {404, 200} if route in PUBLIC else {401, 404}
    refused(answer, statuses, bobs, stored=stored)


@pytest.mark.parametrize("name", TOKENS)
def test_a_session_that_does_not_hold_opens_no_route(name: str, bobs: str) -> None:
    stored = dump()
    for route in [*SESSION, *CONSOLE]:
        answer = ask(route, bobs, headers={"authorization": f"Bearer {TOKENS[name]}"})
        refused(answer, {401}, bobs, stored=stored)
        assert body(answer)["type"] == "urn:siyu:problem:not_signed_in", route


@pytest.mark.parametrize("name", [name for name, text in TOKENS.items() if text])
def test_a_link_that_does_not_hold_leads_nowhere(name: str, bobs: str) -> None:
    """The same forgeries, made out for an export where the audience is not the point."""
    stored = dump()
    refused(ask(LINKS[0], bobs, token=TOKENS[name]), {404}, bobs, stored=stored)


def test_a_code_to_pay_with_is_no_session(bobs: str) -> None:
    stored, bearer = dump(), {"authorization": f"Bearer {wallet_code(BOB)}"}
    for route in [*SESSION, *CONSOLE]:
        refused(ask(route, bobs, headers=bearer), {401}, bobs, stored=stored)
    refused(ask(LINKS[0], bobs, token=wallet_code(BOB)), {404}, bobs, stored=stored)


def test_a_link_is_no_session_and_a_session_no_link(bobs: str) -> None:
    stored = dump()
    link = session.issue(BOB, NOW, "export", timedelta(minutes=15)).token
    assert BOB in ask(LINKS[0], bobs, token=link)["body"]
    refused(ask(LINKS[0], bobs, token=session.issue(BOB, NOW).token), {404}, bobs, stored=stored)
    for route in [*SESSION, *CONSOLE]:
        answer = ask(route, bobs, headers={"authorization": f"Bearer {link}"})
        refused(answer, {401}, bobs, stored=stored)


def test_a_member_is_no_operator_and_an_operator_no_member(bobs: str) -> None:
    stored = dump()
    for routes, token_of in ((CONSOLE, session.issue), (SESSION, console.issue)):
        assert routes
        for route in routes:
            bearer = {"authorization": f"Bearer {token_of(BOB, NOW).token}"}
            refused(ask(route, bobs, headers=bearer), {401}, bobs, stored=stored)


@pytest.mark.parametrize("route", SESSION, ids=" ".join)
def test_a_member_who_names_another_gets_their_own(route: Route, bobs: str) -> None:
    """The other's id in the query, in headers, in a cookie and in the body."""
    own = session.issue(ANN, NOW).token
    headers = {
        "authorization": f"Bearer {own}",
        "x-member-id": BOB,
        "x-forwarded-user": BOB,
        "x-http-method-override": "GET",
        "cookie": f"member={BOB}; session={session.issue(BOB, NOW).token}",
    }
    query = f"id={BOB}&member_id={BOB}&sub={BOB}&authorization=Bearer%20{token()}"
    rows = {key: item for key, item in dump().items() if BOB in str(key)}
    plain = json.loads(body_of(route, BOB, bobs) or "{}")
    for text in (None, json.dumps({**plain, "member_id": BOB, "id": BOB, "sub": BOB})):
        answer = ask(route, bobs, text, headers=headers, query=query)
        said, status = json.dumps(answer), answer["statusCode"]
        assert status < 500
        if text is None:
            # Erasing takes a login of Ann's, and here it is Bob's.
            assert status == (401 if route[0] == "DELETE" else 200)
        # Ann proves Bob's number, or Bob's login: neither shows her anything of his.
        for private in (BOB, bobs, NUMBER[1:], "openid-bob", "bobs-", "123456", str(OWED)):
            assert private not in said
    if route != ("POST", "/v1/me/phone"):  # a fresh number makes two accounts one, rightly
        assert {key: item for key, item in dump().items() if BOB in str(key)} == rows


@pytest.mark.parametrize("route", LOGINS, ids=" ".join)
def test_a_login_decides_who_it_is_whatever_session_comes_with_it(route: Route, bobs: str) -> None:
    headers = {"authorization": f"Bearer {session.issue(BOB, NOW).token}", "x-member-id": BOB}
    fields = json.loads(body_of(route, BOB, bobs))
    fields["login_code"] = "openid-ann.1"
    if "token" in fields:
        fields["token"] = receipt(1)
    answer = ask(route, bobs, json.dumps(fields), headers=headers)
    assert answer["statusCode"] == 200
    assert BOB not in json.dumps(answer)
    issued = (body(answer).get("session") or body(answer))["token"]
    assert session.read(issued, NOW) == ANN


def signed(secret: str, text: str, at: int = TIMESTAMP) -> dict[str, str]:
    signature = sign(secret, "id-1", at, text.encode())
    return {"webhook-id": "id-1", "webhook-timestamp": str(at), "webhook-signature": signature}


FOREIGN = {
    "till of another store": till_secret("B2C", 1),
    "this store's next key": till_secret(STORE, 2),
    "a session key": "whsec_" + base64.b64encode(KEY).decode(),
    "nothing": "whsec_",
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("route", SIGNED, ids=" ".join)
def test_a_signature_of_somebody_elses_opens_nothing(route: Route, name: str, bobs: str) -> None:
    stored = dump()
    text = body_of(route, BOB, bobs)
    headers = signed(FOREIGN[name], text)
    refused(ask(route, bobs, headers=headers), {401}, bobs, stored=stored)
    bearer = {"authorization": f"Bearer {session.issue(BOB, NOW).token}"}
    refused(ask(route, bobs, headers={**headers, **bearer}), {401}, bobs, stored=stored)


def test_a_till_is_no_shop_and_a_shop_no_till(bobs: str) -> None:
    stored = dump()
    for route in SIGNED:
        secret = WEBHOOK_SECRET if route in TILLS else till_secret(STORE, 1)
        headers = signed(secret, body_of(route, BOB, bobs))
        refused(ask(route, bobs, headers=headers), {401}, bobs, stored=stored)


@pytest.mark.parametrize("change", ["body", "id", "timestamp", "late", "scheme"])
@pytest.mark.parametrize("route", SIGNED, ids=" ".join)
def test_a_signed_request_holds_as_it_was_signed_only(route: Route, change: str, bobs: str) -> None:
    secret = till_secret(STORE, 1) if route in TILLS else WEBHOOK_SECRET
    text, stored = body_of(route, BOB, bobs), dump()
    headers = signed(secret, text, TIMESTAMP - 301 if change == "late" else TIMESTAMP)
    match change:
        case "body":
            text = text.replace("1", "2", 1)
        case "id":
            headers["webhook-id"] = "id-2"
        case "timestamp":
            headers["webhook-timestamp"] = str(TIMESTAMP + 1)
        case "scheme":
            headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", "v1a,")
    refused(ask(route, bobs, text, headers=headers), {401}, bobs, stored=stored)


@pytest.mark.parametrize("route", TILLS, ids=" ".join)
def test_a_tills_request_holds_at_its_own_store_only(route: Route, bobs: str) -> None:
    stored = dump()
    headers = signed(till_secret(STORE, 1), body_of(route, BOB, bobs))
    refused(ask(route, bobs, headers=headers, store="B2C"), {401}, bobs, stored=stored)


@pytest.mark.parametrize("route", [CAPTURE, VOID], ids=" ".join)
def test_a_till_of_another_store_finds_no_hold_of_this_one(route: Route, bobs: str) -> None:
    stored = dump()
    headers = signed(till_secret("B2C", 1), body_of(route, BOB, bobs))
    refused(ask(route, bobs, headers=headers, store="B2C"), {404}, bobs, stored=stored)


@pytest.mark.parametrize("route", CALLBACKS, ids=" ".join)
def test_a_callback_that_wechat_did_not_sign_tells_and_changes_nothing(
    route: Route, bobs: str
) -> None:
    stored, names = dump(), ("msg_signature", "signature")
    forged = "&".join(f"{name}={'0' * 40}" for name in names)
    query = f"{forged}&timestamp={TIMESTAMP}&nonce=1&encrypt_type=aes&echostr=AAAA"
    refused(ask(route, bobs, query=query), {401}, bobs, stored=stored)


# Rotation


@pytest.fixture
def session_keys() -> Iterator[Any]:
    """Changes which versions of the session key the brand's secret names."""

    def put(keys: list[str] | None) -> None:
        text = json.dumps(SECRETS if keys is None else {**SECRETS, "session_keys": keys})
        client("secretsmanager").put_secret_value(
            SecretId="siyu-tests", SecretString=text, ClientRequestToken=str(uuid.uuid4())
        )
        siyu.secrets._cached = None

    yield put
    put(None)


def status(bearer: str, code: str) -> int:
    answer = ask(("GET", "/v1/me"), code, headers={"authorization": f"Bearer {bearer}"})
    return int(answer["statusCode"])


def test_a_rotation_ends_no_session_and_the_next_one_ends_the_oldest(
    session_keys: Any, bobs: str
) -> None:
    old = session.issue(BOB, NOW).token
    assert jwt.get_unverified_header(old)["kid"] == "1"
    session_keys(["2", "1"])
    new = session.issue(BOB, NOW).token
    assert jwt.get_unverified_header(new)["kid"] == "2"
    assert (status(old, bobs), status(new, bobs)) == (200, 200)
    session_keys(["2"])
    assert (status(old, bobs), status(new, bobs)) == (401, 200)
    # The old key's signature does not hold under the new key's name.
    assert status(token(KEY, kid="2"), bobs) == 401
