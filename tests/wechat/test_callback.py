"""Callbacks: what is read, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.errors import MalformedError, SignatureError
from siyu.secrets import Account
from siyu.wechat.callback import (
    decrypt,
    encrypt,
    envelope,
    open_envelope,
    signature,
    url_check,
)

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
OURS = Account("wwcorp", "", "token", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
MESSAGE = "<xml><Event>add</Event><State>活动</State></xml>".encode()
ENCRYPTED = encrypt(OURS.aes_key, OURS.account_id, MESSAGE)
STAMP = str(int(NOW.timestamp()))
BOMB = (
    b'<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa">'
    b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>'
)
OUTSIDE = (
    b'<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/hostname">]><xml><Encrypt>&a;</Encrypt></xml>'
)


def query(encrypted: str = ENCRYPTED, **changes: str) -> dict[str, str]:
    fields = {"timestamp": STAMP, "nonce": "1", **changes}
    signed = signature(OURS.token, fields["timestamp"], fields["nonce"], encrypted)
    return {"msg_signature": signed, **fields}


def body(encrypted: str = ENCRYPTED) -> bytes:
    return f"<xml><ToUserName>wwcorp</ToUserName><Encrypt>{encrypted}</Encrypt></xml>".encode()


@pytest.mark.parametrize("echo", ["<script>", "1\r\n", "é", "", "１", "\ud800"])
def test_a_url_check_never_answers_what_is_no_echo(echo: str) -> None:
    signed = signature(OURS.token, STAMP, "1")
    asked = {"signature": signed, "timestamp": STAMP, "nonce": "1", "echostr": echo}
    with pytest.raises(SignatureError):
        url_check(OURS, asked, NOW)


def test_an_encrypted_check_cannot_pass_with_the_plain_signature() -> None:
    plain = signature(OURS.token, STAMP, "1")
    asked = {"msg_signature": plain, "timestamp": STAMP, "nonce": "1", "echostr": ENCRYPTED}
    with pytest.raises(SignatureError):
        url_check(OURS, asked, NOW)
    with pytest.raises(SignatureError):
        envelope(OURS, asked, body(), NOW)


@given(st.binary(max_size=200), st.from_regex(r"w[wx][0-9a-f]{16}", fullmatch=True))
def test_what_was_encrypted_is_decrypted(message: bytes, receive_id: str) -> None:
    assert decrypt(OURS.aes_key, receive_id, encrypt(OURS.aes_key, receive_id, message)) == message


@given(st.data())
def test_any_changed_character_of_an_envelope_is_refused(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(ENCRYPTED) - 1))
    other = data.draw(st.sampled_from("ABZaz09+/=").filter(lambda one: one != ENCRYPTED[place]))
    with pytest.raises(SignatureError):
        envelope(OURS, query(), body(ENCRYPTED[:place] + other + ENCRYPTED[place + 1 :]), NOW)


@pytest.mark.parametrize("name", ["msg_signature", "timestamp", "nonce"])
def test_any_changed_character_of_the_query_is_refused(name: str) -> None:
    asked = query(nonce="1597212914")
    for place, character in enumerate(asked[name]):
        other = "0" if character != "0" else "1"
        changed = asked[name][:place] + other + asked[name][place + 1 :]
        with pytest.raises(SignatureError):
            envelope(OURS, {**asked, name: changed}, body(), NOW)


@pytest.mark.parametrize("name", ["msg_signature", "timestamp", "nonce"])
@pytest.mark.parametrize("value", ["", "é", "\ud800", " ", "１", "a" * 65, "1,1"])
def test_parameters_missing_or_odd_are_refused(name: str, value: str) -> None:
    asked = {**query(), name: value}
    with pytest.raises(SignatureError):
        envelope(OURS, asked, body(), NOW)
    del asked[name]
    with pytest.raises(SignatureError):
        envelope(OURS, asked, body(), NOW)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_of_clock_skew_are_allowed(seconds: int) -> None:
    assert envelope(OURS, query(), body(), NOW + timedelta(seconds=seconds)) == ENCRYPTED


@pytest.mark.parametrize("seconds", [-301, 301])
def test_more_is_refused(seconds: int) -> None:
    with pytest.raises(SignatureError):
        envelope(OURS, query(), body(), NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("timestamp", ["1.76e9", f"{STAMP}.0", f"+{STAMP}", STAMP[:9], f"{STAMP}0"])
def test_a_timestamp_is_ten_digits_even_when_it_is_signed(timestamp: str) -> None:
    with pytest.raises(SignatureError):
        envelope(OURS, query(timestamp=timestamp), body(), NOW)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        OUTSIDE,
        b"<!DOCTYPE xml><xml><Encrypt>a</Encrypt></xml>",
        b"",
        b"{}",
        b"<xml><Encrypt>a",
        b"\xff\xfe",
        b"<xml/>",
        b"<xml><Encrypt/></xml>",
        b"<Encrypt>a</Encrypt>",
        b'<?xml version="1.0" encoding="no-such"?><xml/>',
        b'<?xml version="1.0" encoding="utf-7"?><xml/>',
        b"<a>" * 300_000,
        b"<a>" * 100_000 + b"</a>" * 100_000,
    ],
)
def test_a_body_that_is_no_callbacks_xml_is_malformed(text: bytes) -> None:
    with pytest.raises(MalformedError):
        envelope(OURS, query(), text, NOW)


def test_an_envelope_has_few_tags_for_they_are_parsed_before_it_is_verified() -> None:
    few, many = b"<a/>" * 50, b"<a/>" * 100
    assert envelope(OURS, query(), body().replace(b"</xml>", few + b"</xml>"), NOW) == ENCRYPTED
    with pytest.raises(MalformedError, match="tags"):
        envelope(OURS, query(), body().replace(b"</xml>", many + b"</xml>"), NOW)


@pytest.mark.parametrize(
    "account",
    [
        Account("wwother", "", OURS.token, OURS.aes_key),
        Account("wwcor", "", OURS.token, OURS.aes_key),
        Account(OURS.account_id, "", OURS.token, "A" * 43),
    ],
)
def test_an_envelope_for_somebody_else_is_refused(account: Account) -> None:
    with pytest.raises(SignatureError):
        open_envelope(account, ENCRYPTED)


@pytest.mark.parametrize("text", ["", "A", "AAAA", "é", ENCRYPTED[:-24], ENCRYPTED[24:], "A" * 64])
def test_what_was_never_encrypted_is_refused(text: str) -> None:
    with pytest.raises(SignatureError):
        decrypt(OURS.aes_key, OURS.account_id, text)


@pytest.mark.parametrize("key", ["", "A" * 39, "A" * 42, "A" * 44, "-" * 43])
def test_a_key_that_is_none_is_our_own_mistake_and_not_the_callers(key: str) -> None:
    with pytest.raises(ValueError, match=r"key size|base64|padding"):
        decrypt(key, OURS.account_id, ENCRYPTED)


def test_the_fields_of_an_envelope_are_its_texts() -> None:
    message = b"<xml><A>1</A><B/><C><D>2</D></C><!-- no --><E><![CDATA[<3>]]></E></xml>"
    encrypted = encrypt(OURS.aes_key, OURS.account_id, message)
    assert open_envelope(OURS, encrypted) == {"A": "1", "B": "", "E": "<3>"}
    assert open_envelope(OURS, ENCRYPTED) == {"Event": "add", "State": "活动"}


@pytest.mark.parametrize("message", [BOMB, OUTSIDE, b"", b"{}"])
def test_an_envelope_with_something_else_in_it_is_malformed(message: bytes) -> None:
    with pytest.raises(MalformedError):
        open_envelope(OURS, encrypt(OURS.aes_key, OURS.account_id, message))
