"""The signature check agrees with the specification's vector and with its reference library."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from siyu.domain.standard_webhooks import sign, verify
from siyu.errors import SignatureError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
NOW = datetime.fromtimestamp(1614265330, UTC)
OTHER = "whsec_" + base64.b64encode(b"another secret of thirty bytes").decode()


def refused(headers: dict[str, str], body: bytes = BODY, offset: int = 0) -> bool:
    now = datetime.fromtimestamp(1614265330 + offset, UTC)
    try:
        verify({**HEADERS, **headers}, body, [SECRET], now)
    except SignatureError:
        return True
    return False


def test_the_published_vector_holds() -> None:
    assert verify(HEADERS, BODY, [SECRET], NOW) == HEADERS["webhook-id"]


def test_old_and_new_secret_hold_during_a_rotation() -> None:
    assert verify(HEADERS, BODY, [OTHER, SECRET], NOW)
    both = f"{sign(OTHER, HEADERS['webhook-id'], 1614265330, BODY)} {HEADERS['webhook-signature']}"
    assert verify({**HEADERS, "webhook-signature": both}, BODY, [SECRET], NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"webhook-signature": "v1,!!!"},
        {"webhook-signature": "v1a," + HEADERS["webhook-signature"][3:]},
        {"webhook-signature": HEADERS["webhook-signature"] + ",v1,AAAA"},
        {"webhook-id": ""},
        {"webhook-id": "msg_other"},
        {"webhook-id": "msg.p5jXN8AQM9LWM0D4loKWxJek"},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": "1614265330.9"},
        {"webhook-timestamp": "1_614265330"},
        {"webhook-timestamp": "１６１４２６５３３０"},
    ],
)
def test_a_doubtful_header_is_refused(headers: dict[str, str]) -> None:
    assert refused(headers)


@pytest.mark.parametrize(
    ("offset", "outcome"), [(300, False), (-300, False), (301, True), (-301, True)]
)
def test_only_five_minutes_of_age_or_haste(offset: int, outcome: bool) -> None:
    assert refused({}, offset=offset) is outcome


def test_a_changed_body_is_refused() -> None:
    assert refused({}, BODY + b" ")


@given(st.binary(max_size=200), st.integers(1_000_000_000, 9_999_999_999))
def test_signing_agrees_with_the_reference_library(body: bytes, timestamp: int) -> None:
    text = body.hex()
    reference = Webhook(SECRET).sign("msg_1", datetime.fromtimestamp(timestamp, UTC), text)
    assert sign(SECRET, "msg_1", timestamp, text.encode()) == reference
