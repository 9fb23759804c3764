"""Scenario 14: WeCom's published examples pass, what is forged or harmful is refused."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest

from siyu.secrets import Account
from siyu.wechat.callback import encrypt, open_envelope
from tests.functions.callbacks import (
    WECOM,
    WECOM_PATH,
    envelope,
    friend,
    get,
    http,
    post,
    received,
    signed,
)
from tests.functions.calls import Event, batch, call, refused, with_body
from tests.services.contacts import change_secrets
from tests.support import NOW, kinds
from tests.wechat import vectors
from tests.wechat.vectors import Vector

ECHOES = [
    (vectors.SAMPLE_ECHO, "1288432023552776189"),
    (vectors.OLD_ECHO, "1616140317555161061"),
]
POSTS = [
    (vectors.SAMPLE_POST, vectors.SAMPLE_BODY, 22, "你好"),
    (vectors.OLD_POST, vectors.OLD_BODY, 30, "hello"),
]
BOMB = (
    '<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)).replace("&a0;", "&a;")
    + "]><xml><Encrypt>&a9;</Encrypt></xml>"
)


@pytest.fixture
def account(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The brand's WeCom is the one of the published example, as far as the handler knows."""
    vector: Vector = request.getfixturevalue("vector")
    change_secrets(monkeypatch, wecom=vector.account)
    return vector.account


def send(event: Event) -> Event:
    answer: Event = call("contact_callback", event)
    return answer


@pytest.mark.parametrize(("vector", "plain"), ECHOES)
def test_the_published_url_check_is_answered_bare(
    account: Account, vector: Vector, plain: str
) -> None:
    asked = {**vector.query(), "echostr": vector.encrypted}
    answer = send(get(asked, at=vector.now()))
    assert (answer["statusCode"], answer["body"]) == (200, plain)


@pytest.mark.parametrize(("vector", "plain"), ECHOES)
def test_a_plus_that_arrives_as_a_space_passes(
    account: Account, vector: Vector, plain: str
) -> None:
    event = get({**vector.query(), "echostr": vector.encrypted}, at=vector.now())
    sent = f"{event['rawQueryString'].partition('echostr=')[0]}echostr={vector.encrypted}"
    event["rawQueryString"] = sent
    event["queryStringParameters"]["echostr"] = vector.encrypted.replace("+", " ")
    assert " " in event["queryStringParameters"]["echostr"]
    assert send(event)["body"] == plain


@pytest.mark.parametrize(("vector", "sent", "padding", "content"), POSTS)
def test_the_published_messages_pass_with_a_padding_of_up_to_32_bytes(
    account: Account, vector: Vector, sent: bytes, padding: int, content: str
) -> None:
    assert vector.padding == padding
    answer = send(http("POST", WECOM_PATH, vector.query(), sent, vector.now()))
    assert (answer["statusCode"], answer["body"]) == (200, "")
    (message,) = map(json.loads, received())
    assert message["encrypted"] == vector.encrypted
    assert open_envelope(account, message["encrypted"])["Content"] == content


@pytest.mark.parametrize(("vector", "sent", "padding", "content"), POSTS)
def test_a_published_message_replayed_later_is_refused(
    account: Account, vector: Vector, sent: bytes, padding: int, content: str
) -> None:
    late = vector.now() + timedelta(minutes=6)
    answer = send(http("POST", WECOM_PATH, vector.query(), sent, late))
    refused(answer, 401, "signature_not_valid")
    assert received() == []


def test_an_event_for_another_receiver_is_refused() -> None:
    refused(send(post(friend(), receive_id="wwsomebodyelse")), 401, "signature_not_valid")
    encrypted = encrypt(WECOM.aes_key, "wwsomebodyelse", b"1")
    asked = {**signed(WECOM, encrypted, NOW), "echostr": encrypted}
    refused(send(get(asked)), 401, "signature_not_valid")
    assert received() == []


def test_an_entity_bomb_is_refused_at_once() -> None:
    asked = signed(WECOM, "a" * 10**6, NOW)
    started = time.monotonic()
    refused(send(http("POST", WECOM_PATH, asked, BOMB.encode(), NOW)), 400, "malformed_request")
    assert time.monotonic() - started < 1
    assert received() == []


def test_a_body_of_a_megabyte_is_too_large() -> None:
    encrypted = encrypt(WECOM.aes_key, WECOM.account_id, b"x" * 770_000)
    body = envelope(encrypted)
    assert len(body) > 1_000_000
    asked = signed(WECOM, encrypted, NOW)
    refused(send(http("POST", WECOM_PATH, asked, body, NOW)), 413, "too_large")
    assert received() == []


def test_99_in_100_are_answered_within_a_second() -> None:
    """WeCom waits for five, and for one when it checks the address."""
    took = []
    for number in range(100):
        event = post(friend(f"wm-{number}"))
        started = time.monotonic()
        assert send(event)["statusCode"] == 200
        took.append(time.monotonic() - started)
    assert sorted(took)[98] < 1
    assert len(received()) == 100


def test_any_changed_character_of_a_body_is_refused() -> None:
    event = post(friend())
    start = event["body"].index("<Encrypt><![CDATA[") + len("<Encrypt><![CDATA[")
    for place in range(start, start + 200, 7):
        text = event["body"]
        other = "A" if text[place] != "A" else "B"
        changed = with_body(event, text[:place] + other + text[place + 1 :])
        refused(send(changed), 401, "signature_not_valid")
    assert received() == []


def test_a_bomb_inside_the_envelope_is_kept_aside_unopened() -> None:
    """Only WeCom could send it; it is accepted, since refused it would come again and again."""
    encrypted = encrypt(WECOM.aes_key, WECOM.account_id, BOMB.encode())
    sent = http("POST", WECOM_PATH, signed(WECOM, encrypted, NOW), envelope(encrypted), NOW)
    assert send(sent)["statusCode"] == 200
    assert call("contact_worker", batch(*received())) == {"batchItemFailures": []}
    assert kinds() == {"QUARANTINE": 1}
