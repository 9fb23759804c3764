"""Callbacks as Tencent publishes them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest

from siyu.errors import SignatureError
from siyu.wechat.callback import decrypt, envelope, open_envelope, signature, url_check
from tests.wechat import vectors
from tests.wechat.vectors import Vector

ALL = [
    vectors.SAMPLE_ECHO,
    vectors.SAMPLE_POST,
    vectors.OLD_ECHO,
    vectors.OLD_POST,
    vectors.PUSH_POST,
]


@pytest.mark.parametrize("vector", ALL, ids=lambda vector: f"pad {vector.padding}")
def test_the_published_examples_have_our_signature_and_padding(vector: Vector) -> None:
    ours = signature(vector.account.token, vector.timestamp, vector.nonce, vector.encrypted)
    assert ours == vector.signature
    plain = decrypt(vector.account.aes_key, vector.account.account_id, vector.encrypted)
    content = 16 + 4 + len(plain) + len(vector.account.account_id)
    assert len(base64.b64decode(vector.encrypted)) - content == vector.padding


@pytest.mark.parametrize(
    ("vector", "plain"),
    [
        (vectors.SAMPLE_ECHO, b"1288432023552776189"),
        (vectors.OLD_ECHO, b"1616140317555161061"),
    ],
)
def test_the_published_url_checks_are_answered(vector: Vector, plain: bytes) -> None:
    asked = {**vector.query(), "echostr": vector.encrypted}
    assert url_check(vector.account, asked, vector.now()) == plain


def test_a_plus_that_arrived_as_a_space_is_still_a_plus() -> None:
    vector = vectors.SAMPLE_ECHO
    decoded = dict(parse_qsl(f"echostr={vector.encrypted}"))
    assert " " in decoded["echostr"]
    asked = {**vector.query(), **decoded}
    assert url_check(vector.account, asked, vector.now()) == b"1288432023552776189"


@pytest.mark.parametrize(
    ("vector", "sent", "content"),
    [
        (vectors.SAMPLE_POST, vectors.SAMPLE_BODY, "你好"),
        (vectors.OLD_POST, vectors.OLD_BODY, "hello"),
    ],
)
def test_the_published_messages_are_read(vector: Vector, sent: bytes, content: str) -> None:
    encrypted = envelope(vector.account, vector.query(), sent, vector.now())
    assert encrypted == vector.encrypted
    fields = open_envelope(vector.account, encrypted)
    assert fields["Content"] == content
    assert fields["CreateTime"] == vector.timestamp


def test_the_plain_url_check_of_an_official_account_is_answered_as_published() -> None:
    when = datetime.fromtimestamp(int(vectors.PUSH_CHECK["timestamp"]), UTC)
    assert url_check(vectors.PUSH, vectors.PUSH_CHECK, when) == b"4375120948345356249"
    for name in vectors.PUSH_CHECK:
        less = {key: value for key, value in vectors.PUSH_CHECK.items() if key != name}
        with pytest.raises(SignatureError):
            url_check(vectors.PUSH, less, when)
