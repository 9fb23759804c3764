"""Callbacks: what is authentic is queued as it came, everything else is refused in a few words."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest

from siyu.services.receive_callback import MAX_BODY_BYTES
from siyu.wechat.callback import encrypt, open_envelope, signature
from tests.functions.callbacks import (
    OFFICIAL_ACCOUNT,
    WECHAT_PATH,
    WECOM,
    WECOM_PATH,
    envelope,
    follower,
    friend,
    get,
    http,
    post,
    received,
    signed,
    xml,
)
from tests.functions.calls import Event, body, call, refused, with_body, with_path
from tests.services.contacts import change_secrets
from tests.support import NOW, kinds

STAMP = str(int(NOW.timestamp()))
FRIEND = friend(State="一月", WelcomeCode="w1")


@pytest.fixture(autouse=True)
def empty_queue() -> None:
    received()


def send(event: Event) -> Event:
    answer: Event = call("contact_callback", event)
    return answer


@pytest.mark.parametrize(
    ("path", "account", "name", "fields"),
    [
        (WECOM_PATH, WECOM, "wecom", FRIEND),
        (WECHAT_PATH, OFFICIAL_ACCOUNT, "official_account", follower("subscribe")),
    ],
)
def test_an_event_is_queued_still_encrypted_and_answered_with_nothing(
    path: str, account: object, name: str, fields: dict[str, str]
) -> None:
    answer = send(post(fields, path))
    assert (answer["statusCode"], answer["body"]) == (200, "")
    (message,) = map(json.loads, received())
    assert message.keys() == {"account", "received_at", "encrypted"}
    assert (message["account"], message["received_at"]) == (name, NOW.isoformat())
    to = WECOM if name == "wecom" else OFFICIAL_ACCOUNT
    assert open_envelope(to, message["encrypted"]) == fields
    assert kinds() == {}


def test_a_body_may_come_as_base64() -> None:
    event = post(FRIEND)
    assert send(with_body(event, event["body"].encode()))["statusCode"] == 200
    assert len(received()) == 1


@pytest.mark.parametrize("path", [WECOM_PATH, WECHAT_PATH])
def test_a_brand_without_the_account_has_no_such_address(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_secrets(monkeypatch, wecom=None, official_account=None)
    refused(send(post(FRIEND, path)), 404, "not_found")
    refused(send(get({"echostr": "1"}, path)), 404, "not_found")
    assert received() == []


@pytest.mark.parametrize("path", ["/v1/wecom", "/v1/wecom/callback/", "/v1/shop/callback", ""])
def test_another_path_is_not_found(path: str) -> None:
    refused(send(with_path(post(FRIEND), path)), 404, "not_found")


def test_the_accounts_are_not_mixed_up() -> None:
    """What one of them signed is no word of the other."""
    event = post(FRIEND)
    refused(send(with_path(event, WECHAT_PATH)), 401, "signature_not_valid")
    assert received() == []


def test_an_official_account_checks_the_address_with_a_plain_text() -> None:
    made = signature(OFFICIAL_ACCOUNT.token, STAMP, "1")
    asked = {"signature": made, "timestamp": STAMP, "nonce": "1", "echostr": "4375120948345356249"}
    answer = send(get(asked, WECHAT_PATH))
    assert (answer["statusCode"], answer["body"]) == (200, "4375120948345356249")
    assert answer["headers"]["Content-Type"].startswith("text/plain")
    refused(send(get({**asked, "nonce": "2"}, WECHAT_PATH)), 401, "signature_not_valid")
    refused(send(get(asked, WECOM_PATH)), 401, "signature_not_valid")


def test_a_check_whose_text_is_not_utf8_is_refused() -> None:
    encrypted = encrypt(WECOM.aes_key, WECOM.account_id, b"\xff")
    refused(
        send(get({**signed(WECOM, encrypted, NOW), "echostr": encrypted})), 400, "malformed_request"
    )


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_callback_too_old_or_from_the_future_is_refused(seconds: int) -> None:
    event = post(FRIEND, at=NOW + timedelta(seconds=seconds))
    event["requestContext"]["timeEpoch"] = int(NOW.timestamp() * 1000)
    refused(send(event), 401, "signature_not_valid")
    assert received() == []


def test_a_query_is_needed_and_each_name_but_once() -> None:
    event = post(FRIEND)
    query = event["queryStringParameters"]
    refused(send({**event, "queryStringParameters": None}), 401, "signature_not_valid")
    twice = {**query, "timestamp": f"{STAMP},{STAMP}"}
    refused(send({**event, "queryStringParameters": twice}), 401, "signature_not_valid")
    assert received() == []


def test_the_largest_body_gets_through_the_queue() -> None:
    encrypted = encrypt(WECOM.aes_key, WECOM.account_id, b"x" * 190_000)
    assert MAX_BODY_BYTES - 10_000 < len(envelope(encrypted)) < MAX_BODY_BYTES
    asked = signed(WECOM, encrypted, NOW)
    answer = send(http("POST", WECOM_PATH, asked, envelope(encrypted), NOW))
    assert answer["statusCode"] == 200
    assert [json.loads(message)["encrypted"] for message in received()] == [encrypted]


def test_a_body_too_large_is_refused_before_anyone_looks_at_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = http("POST", WECOM_PATH, {}, b"x" * (MAX_BODY_BYTES + 1), NOW)
    refused(send(event), 413, "too_large")
    refused(send(with_body(event, base64.b64decode(b"/" * 400_000))), 413, "too_large")
    change_secrets(monkeypatch, wecom=None)
    refused(send(event), 413, "too_large")


@pytest.mark.parametrize("text", ["", "{}", "<xml>", b"\xff\xfe", "\0", "<xml/>", "<a>" * 80_000])
def test_a_body_that_is_no_xml_of_a_callback_is_malformed(text: str | bytes) -> None:
    refused(send(with_body(post(FRIEND), text)), 400, "malformed_request")
    assert received() == []


def test_nothing_of_a_callback_gets_into_the_log(output: Callable[[], str]) -> None:
    event = post(FRIEND)
    query = event["queryStringParameters"]
    send(event)
    send({**event, "queryStringParameters": {**query, "nonce": "7"}})
    send(with_body(event, "<xml>"))
    send(get({**query, "echostr": "x"}))
    (message,) = received()
    logged = output()
    assert "request_refused" in logged
    private = [query["msg_signature"], query["nonce"], json.loads(message)["encrypted"], "wm-ann"]
    assert [text for text in (*private, WECOM.token, WECOM.aes_key) if text in logged] == []


def test_a_refusal_says_nothing_about_the_message() -> None:
    answer = send(post(FRIEND, receive_id="wwother"))
    assert body(answer).keys() == {"type", "title", "status", "instance"}


def test_a_callback_is_taken_in_without_models_and_table() -> None:
    """WeCom waits for five seconds, and a cold start is part of them."""
    code = (
        "import json, sys\n"
        "from infra.local.invoke import Context, load_handler\n"
        "handler = load_handler('contact_callback.handler.lambda_handler')\n"
        "answer = handler(json.load(sys.stdin), Context('F', 5))\n"
        "print(answer['statusCode'], *sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(post(FRIEND)),
        capture_output=True,
        text=True,
        check=True,
    )
    status, *modules = done.stdout.splitlines()[-1].split()
    assert status == "200"
    assert len(received()) == 1
    assert not {"pydantic", "pynamodb", "boto3", "siyu.storage.items"} & set(modules)


def test_the_event_itself_is_not_read_before_it_is_queued() -> None:
    """What an event says is for the worker: an odd one is kept there, not refused for ever here."""
    odd = xml({"Event": "tomorrow's"})[:-3]
    encrypted = encrypt(WECOM.aes_key, WECOM.account_id, odd)
    asked = signed(WECOM, encrypted, NOW)
    assert send(http("POST", WECOM_PATH, asked, envelope(encrypted), NOW))["statusCode"] == 200
    assert len(received()) == 1
