"""GET /v1/me: only with a session of ours, and only one's own."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest

from siyu.api import session
from siyu.domain.keys import session_key
from siyu.services.credit_referral import credit_referral, following
from siyu.services.segment_members import segment_members
from tests.functions.calls import ANN, BOB, TIMESTAMP, body, call, join, load, refused, with_headers
from tests.services.shop import paid, receipt, settle
from tests.support import NOW, SECRETS

MASTER = str(SECRETS["master_key"]).encode()
KEY = session_key(MASTER, "brand", "1")
PAYLOAD = {"sub": ANN, "aud": "member", "iss": "brand", "iat": TIMESTAMP, "exp": TIMESTAMP + 60}


def me(authorization: str) -> Any:
    event = with_headers(load("member_profile/no_session"), authorization=authorization)
    return call("member_profile", event)


def token(key: bytes = KEY, algorithm: str = "HS256", kid: str = "1", **claims: Any) -> str:
    """A session token as ours, but for what is given; a claim of None is left out."""
    merged = {name: value for name, value in {**PAYLOAD, **claims}.items() if value is not None}
    return jwt.encode(merged, key, algorithm, headers={"kid": kid})


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture(autouse=True)
def ann() -> None:
    join(ANN, receipt(1), "openid-ann")


def test_a_member_sees_purchases_credit_coupon_and_place() -> None:
    referral = join(BOB, receipt(2), "openid-bob").referral_code
    join("00000000000C3", receipt(3), "openid-cat", referral)
    paid("1", 10_000, receipt_token=receipt(2))
    paid("2", 20_000, receipt_token=receipt(3))
    # Groups are a matter of five buyers and more.
    for number in range(4, 7):
        join(f"00000000000C{number}", receipt(number), f"openid-{number}")
        paid(str(number), 30_000, receipt_token=receipt(number))
    shared = following({"00000000000C3"})
    settle()
    assert credit_referral("shop#2", shared, NOW) == 0
    segment_members(NOW.date())
    said = body(me(f"Bearer {session.issue(BOB, NOW).token}"))
    assert said["purchases"] == {
        "orders": 1,
        "net_sales_minor": 10_000,
        "last_order_on": "2026-11-22",
    }
    assert said["credit"] == {"pending_minor": 1_000, "released_minor": 0}
    assert [coupon["benefit"] for coupon in said["coupons"]] == ["welcome"]
    assert (said["id"], said["currency"], said["joined_at"]) == (BOB, "CNY", "2026-11-22T04:00:00Z")
    assert (said["stage"], said["group"]) == ("first_purchase", "general_win_back")


def test_below_five_buyers_there_is_a_stage_and_no_group() -> None:
    join(BOB, receipt(2), "openid-bob")
    paid("1", 10_000, receipt_token=receipt(2))
    settle()
    segment_members(NOW.date())
    said = body(me(f"Bearer {session.issue(BOB, NOW).token}"))
    assert (said["stage"], said["group"]) == ("first_purchase", None)


def test_the_member_is_the_sessions_whatever_else_the_request_says() -> None:
    join(BOB, receipt(2), "openid-bob")
    event = load("member_profile/me")
    event["rawQueryString"] = f"id={BOB}&member_id={BOB}"
    event["queryStringParameters"] = {"id": BOB, "member_id": BOB}
    event["headers"] |= {"x-member-id": BOB}
    event["cookies"] = [f"member={BOB}"]
    answer = call("member_profile", event)
    assert body(answer)["id"] == ANN
    assert BOB not in json.dumps(answer)


def test_a_member_without_a_purchase_has_no_place_yet() -> None:
    said = body(call("member_profile", load("member_profile/me")))
    assert (said["stage"], said["group"], said["purchases"]["last_order_on"]) == (None, None, None)


def test_a_session_of_ours_opens_and_the_scheme_may_be_in_any_case() -> None:
    assert me(f"bearer {token()}")["statusCode"] == 200


HEADER, CLAIMS, SIGNATURE = token().split(".")
UNHELD = {
    "missing": "",
    "no scheme": token(),
    "other scheme": f"Basic {token()}",
    "twice": f"Bearer {token()},Bearer {token()}",
    "expired": f"Bearer {token(exp=TIMESTAMP)}",
    "not yet": f"Bearer {token(iat=TIMESTAMP + 61, exp=TIMESTAMP + 3600)}",
    "other audience": f"Bearer {token(aud='guide')}",
    "other brand": f"Bearer {token(iss='other')}",
    "no expiry": f"Bearer {token(exp=None)}",
    "no subject": f"Bearer {token(sub=None)}",
    "no audience": f"Bearer {token(aud=None)}",
    "other key": f"Bearer {token(key=b'k' * 32)}",
    "other brand's key": f"Bearer {token(key=session_key(b'0' * 64, 'brand', '1'))}",
    "empty key": f"Bearer {jwt.encode(PAYLOAD, '', 'none', headers={'kid': '1'})}",
    "other kid": f"Bearer {token(kid='2')}",
    "key not in use": f"Bearer {token(kid='2', key=session_key(MASTER, 'brand', '2'))}",
    "no kid": f"Bearer {jwt.encode(PAYLOAD, KEY, 'HS256')}",
    "other algorithm": f"Bearer {token(algorithm='HS384', key=KEY + KEY)}",
    "algorithm none": f"Bearer {part({'alg': 'none', 'kid': '1'})}.{CLAIMS}.",
    "algorithm none, signed": f"Bearer {part({'alg': 'none', 'kid': '1'})}.{CLAIMS}.{SIGNATURE}",
    "kid a list": f"Bearer {part({'alg': 'HS256', 'kid': ['1']})}.{CLAIMS}.{SIGNATURE}",
    "kid an object": f"Bearer {part({'alg': 'HS256', 'kid': {}})}.{CLAIMS}.{SIGNATURE}",
    "other claims": f"Bearer {HEADER}.{part({**PAYLOAD, 'sub': BOB})}.{SIGNATURE}",
    "no signature": f"Bearer {HEADER}.{CLAIMS}.",
    "deep header": f"Bearer {part(b'[' * 7000)}.{CLAIMS}.{SIGNATURE}",
    "huge number": f"Bearer {part(b'{' + b'1' * 7000)}.{CLAIMS}.{SIGNATURE}",
    "no header": f"Bearer {part(None)}.{CLAIMS}.{SIGNATURE}",
    "dots": "Bearer ....",
    "NUL": "Bearer \0.\0.\0",
    "not ASCII": "Bearer é.é.é",
    "lone surrogate": "Bearer \ud800.a.b",
}


@pytest.mark.parametrize("authorization", UNHELD.values(), ids=UNHELD.keys())
def test_a_session_that_does_not_hold_is_refused_without_saying_why(authorization: str) -> None:
    answer = me(authorization)
    refused(answer, 401, "not_signed_in")
    assert answer == call("member_profile", load("member_profile/no_session"))


@pytest.mark.parametrize(
    ("at", "status"),
    [
        (NOW, 200),
        (NOW - timedelta(seconds=60), 200),
        (NOW - timedelta(seconds=61), 401),
        (NOW + timedelta(hours=2, seconds=-1), 200),
        (NOW + timedelta(hours=2), 401),
    ],
)
def test_a_session_lasts_two_hours_by_the_gateways_clock(at: datetime, status: int) -> None:
    event = load("member_profile/me")
    event["requestContext"]["timeEpoch"] = int(at.timestamp() * 1000)
    assert call("member_profile", event)["statusCode"] == status


def test_the_session_of_a_member_who_is_no_more_finds_nothing() -> None:
    refused(me(f"Bearer {token(sub=BOB)}"), 404, "not_found")
