"""Notifications of WeChat Pay: who sent them, and what happened."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from siyu.channels.adapters import wechat_pay
from siyu.channels.contract import Accepted, Request
from siyu.errors import (
    MalformedError,
    ProbeSignatureError,
    SignatureError,
    UnreadableBodyError,
)
from siyu.secrets import Source
from tests.channels.wechat_pay import (
    NONCE,
    PROBE,
    headers,
    notification,
    paid,
    sign,
)
from tests.channels.wechat_pay_account import FIELDS, KEY_ID, PLATFORM, PLATFORM_KEYS, SOURCE
from tests.functions.calls import TIMESTAMP
from tests.support import NOW

PAID = paid().encode()


def source(**fields: Any) -> Source:
    return Source(SOURCE, "wechat_pay", {**FIELDS, **fields})


def receive(body: bytes, given_headers: Mapping[str, str] | None = None, **fields: Any) -> Accepted:
    signed = headers(body) if given_headers is None else given_headers
    return wechat_pay.receive(Request(signed, {}, body, NOW), source(**fields))


def test_a_signed_notification_is_accepted_under_its_own_id() -> None:
    assert receive(PAID) == Accepted("EV-2026112211580001")


def test_the_answer_has_no_content() -> None:
    assert (wechat_pay.ACCEPTED.status, wechat_pay.ACCEPTED.body) == (204, "")


def test_a_certificate_is_as_good_as_a_public_key() -> None:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "platform")])
    until = datetime(2031, 11, 22, tzinfo=UTC)
    built = x509.CertificateBuilder(
        name, name, PLATFORM.public_key(), 7, until - timedelta(days=1825), until
    )
    pem = built.sign(PLATFORM, SHA256()).public_bytes(Encoding.PEM).decode()
    signed = headers(PAID, serial="3775B6A45ACD588826D15E583A95F5DD9B1F4D45")
    keys = {**PLATFORM_KEYS, signed["wechatpay-serial"]: pem}
    assert receive(PAID, signed, platform_keys=keys) == receive(PAID)


@pytest.mark.parametrize("delivery_id", ["", "x" * 65, "a b", "a#b", 7, None, ["EV"], "事件"])
def test_an_id_that_is_none_is_replaced_by_one_of_the_content(delivery_id: Any) -> None:
    body = notification("TRANSACTION.SUCCESS", {}, delivery_id).encode()
    other = notification("REFUND.SUCCESS", {}, delivery_id).encode()
    assert len(receive(body).delivery_id) == 64
    assert receive(body) == receive(body) != receive(other)


@given(place=st.integers(0, len(PAID) - 1), bit=st.integers(0, 7))
def test_a_bit_changed_anywhere_in_the_body_is_refused(place: int, bit: int) -> None:
    changed = bytearray(PAID)
    changed[place] ^= 1 << bit
    with pytest.raises(SignatureError):
        receive(bytes(changed), headers(PAID))


@given(place=st.integers(0, 255), bit=st.integers(0, 7))
def test_a_bit_changed_anywhere_in_the_signature_is_refused(place: int, bit: int) -> None:
    changed = bytearray(base64.b64decode(sign(PAID)))
    changed[place] ^= 1 << bit
    forged = {**headers(PAID), "wechatpay-signature": base64.b64encode(changed).decode()}
    with pytest.raises(SignatureError):
        receive(PAID, forged)


@given(st.binary(max_size=64), st.sampled_from([b"", b"\n", b" ", b"\0"]))
def test_nothing_may_be_added_around_a_body(before: bytes, after: bytes) -> None:
    if before + after:
        with pytest.raises(SignatureError):
            receive(before + PAID + after, headers(PAID))


@given(
    st.sampled_from(["serial", "timestamp", "nonce", "signature"]),
    st.text() | st.text("0123456789,\n =+/_-", max_size=12),
)
def test_no_header_can_be_replaced(name: str, value: str) -> None:
    right = headers(PAID)
    if right[f"wechatpay-{name}"] != value:
        with pytest.raises(SignatureError):
            receive(PAID, {**right, f"wechatpay-{name}": value})


@pytest.mark.parametrize("name", ["serial", "timestamp", "nonce", "signature"])
def test_a_header_that_is_missing_or_sent_twice_is_refused(name: str) -> None:
    right = headers(PAID)
    with pytest.raises(SignatureError):
        receive(PAID, {key: text for key, text in right.items() if key != f"wechatpay-{name}"})
    with pytest.raises(SignatureError):
        receive(PAID, {**right, f"wechatpay-{name}": ",".join([right[f"wechatpay-{name}"]] * 2)})


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_either_way_are_accepted(seconds: int) -> None:
    assert receive(PAID, headers(PAID, TIMESTAMP + seconds)) == receive(PAID)


@pytest.mark.parametrize("at", [TIMESTAMP - 301, TIMESTAMP + 301, 0, 10**10, f"{TIMESTAMP}.0"])
def test_any_other_time_is_refused_though_it_is_signed(at: int | str) -> None:
    with pytest.raises(SignatureError):
        receive(PAID, headers(PAID, at))


def test_a_part_of_the_nonce_cannot_pass_for_the_body() -> None:
    right = headers(b"x")
    moved = {**right, "wechatpay-nonce": f"{NONCE}\nx", "wechatpay-timestamp": str(TIMESTAMP)}
    with pytest.raises(SignatureError):
        receive(b"", moved)


def test_a_probe_is_refused_as_a_probe_whatever_follows() -> None:
    for rest in ("", sign(PAID), "é,"):
        with pytest.raises(ProbeSignatureError):
            receive(PAID, {**headers(PAID), "wechatpay-signature": PROBE + rest})


def test_the_body_is_read_only_when_it_is_authentic() -> None:
    with pytest.raises(SignatureError):
        receive(b"\xff", headers(PAID))
    with pytest.raises(MalformedError):
        receive(b"\xff")
    with pytest.raises(UnreadableBodyError):
        receive(b"NaN")


def test_a_source_without_keys_or_with_another_kind_of_key_is_our_own_fault() -> None:
    with pytest.raises(LookupError, match="platform_keys"):
        receive(PAID, platform_keys=None)
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    other = point.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(TypeError):
        receive(PAID, platform_keys={KEY_ID: other})
    with pytest.raises(ValueError, match="PEM"):
        receive(PAID, platform_keys={KEY_ID: "a key"})


def test_a_refusal_says_fail() -> None:
    said = wechat_pay.refusal(SignatureError("the cause stays here"))
    assert said == {"code": "FAIL", "message": "The signature does not hold"}
