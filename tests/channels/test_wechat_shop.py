"""A WeChat Shop's pushes: who may say something, and what comes of it on the real engine."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.channels import wechat_shop
from tests.channels.wechat_shop import PATH, SAFE_PATH, aftersale_push, push, query, safe
from tests.functions.calls import TIMESTAMP, body, call, refused, with_body
from tests.functions.make_events import http
from tests.support import NOW, receive

CASES = wechat_shop.events(http)
PAID, SAFE = CASES["order_webhook/wechat_shop_paid"], CASES["order_webhook/wechat_shop_safe"]
CHECK = CASES["order_webhook/wechat_shop_check"]


def asked(path: str = PATH, content: str = PAID["body"], /, **fields: str) -> dict[str, Any]:
    """A push with this query and no other."""
    return http("POST", path, content, urlencode(fields))


def without(name: str) -> dict[str, str]:
    return {one: value for one, value in query().items() if one != name}


def accepted(event: dict[str, Any]) -> dict[str, Any]:
    answer = call("order_webhook", event)
    assert (answer["statusCode"], answer["body"]) == (200, "success")
    assert answer["headers"]["Content-Type"] == "text/plain"
    (queued,) = receive()
    fields: dict[str, Any] = json.loads(queued)
    return fields


def not_authentic(event: dict[str, Any]) -> None:
    refused(call("order_webhook", event), 401, "signature_not_valid")
    assert receive() == []


def test_an_address_is_checked_with_the_bare_text() -> None:
    for path in (PATH, SAFE_PATH):
        sent = urlencode(query(echostr="4375120948345356249"))
        answer = call("order_webhook", http("GET", path, "", sent))
        assert (answer["statusCode"], answer["body"]) == (200, "4375120948345356249")
        assert answer["headers"]["Content-Type"] == "text/plain"


@pytest.mark.parametrize(
    "fields",
    [
        query(echostr="<script>"),
        query(echostr=""),
        query(token="guess", echostr="1"),
        query(at=TIMESTAMP - 301, echostr="1"),
        {**query(echostr="1"), "signature": ""},
        {**query(echostr="1"), "msg_signature": query()["signature"]},
        {},
    ],
)
def test_an_address_is_shown_to_nobody_else(fields: dict[str, str]) -> None:
    refused(
        call("order_webhook", http("GET", PATH, "", urlencode(fields))), 401, "signature_not_valid"
    )


def test_an_authentic_push_is_queued_word_for_word() -> None:
    assert accepted(PAID) == {
        "source": "weishop",
        "delivery_id": hashlib.sha256(PAID["body"].encode()).hexdigest(),
        "topic": "",
        "received_at": NOW.isoformat(),
        "body": PAID["body"],
    }


def test_a_body_in_base64_is_the_same_push() -> None:
    encoded = base64.b64encode(PAID["body"].encode()).decode()
    assert accepted({**PAID, "body": encoded, "isBase64Encoded": True}) == accepted(PAID)


def test_a_push_encrypted_anew_is_the_same_delivery() -> None:
    first = accepted(SAFE)
    content, signed = safe(PAID["body"])
    again = accepted(http("POST", SAFE_PATH, content, urlencode(signed)))
    assert again["delivery_id"] == first["delivery_id"] == accepted(PAID)["delivery_id"]
    assert again["body"] == content
    assert "order_id" not in first["body"]


@pytest.mark.parametrize("seconds", [-300, 300])
def test_a_push_may_be_five_minutes_old_or_early(seconds: int) -> None:
    assert accepted(asked(**query(at=TIMESTAMP + seconds)))["body"] == PAID["body"]


GOOD = query()
CONTENT, SIGNED = safe(PAID["body"])
FOREIGN, FOREIGN_SIGNED = safe(PAID["body"], receive_id="wxother")
TAMPERED = json.loads(CONTENT)["Encrypt"][:-8] + "AAAAAAA="
UNSIGNED = {
    "other token": asked(**query(token="guess")),
    "no token": asked(**query(token="")),
    "too old": asked(**query(at=TIMESTAMP - 301)),
    "from the future": asked(**query(at=TIMESTAMP + 301)),
    "other time": asked(**{**GOOD, "timestamp": str(TIMESTAMP + 1)}),
    "time with a point": asked(**{**GOOD, "timestamp": f"{TIMESTAMP}.0"}),
    "other nonce": asked(**{**GOOD, "nonce": "1"}),
    "no query": asked(),
    "no signature": asked(**without("signature")),
    "no time": asked(**without("timestamp")),
    "no nonce": asked(**without("nonce")),
    "signature joined": asked(**{**GOOD, "signature": f"{GOOD['signature']},x"}),
    "signature twice": http("POST", PATH, PAID["body"], urlencode(GOOD) + "&signature=x"),
    "time twice": http("POST", PATH, PAID["body"], urlencode(GOOD) + f"&timestamp={TIMESTAMP}"),
    "nonce twice": http("POST", PATH, PAID["body"], urlencode(GOOD) + "&nonce=1514711492"),
    "signature no text": asked(**{**GOOD, "signature": "é"}),
    "safe, plain push": asked(SAFE_PATH, **GOOD),
    "safe, plain body": asked(SAFE_PATH, **SIGNED),
    "safe, plain signature": asked(
        SAFE_PATH, CONTENT, **{**SIGNED, "msg_signature": SIGNED["signature"]}
    ),
    "safe, no signature": asked(SAFE_PATH, CONTENT, **GOOD),
    "safe, tampered": asked(SAFE_PATH, json.dumps({"Encrypt": TAMPERED}), **SIGNED),
    "safe, for another shop": asked(SAFE_PATH, FOREIGN, **FOREIGN_SIGNED),
    "safe, no text": asked(SAFE_PATH, '{"Encrypt":7}', **SIGNED),
    "safe, a list": asked(SAFE_PATH, "[]", **SIGNED),
}


@pytest.mark.parametrize("event", UNSIGNED.values(), ids=UNSIGNED.keys())
def test_what_is_not_authentic_is_refused(event: dict[str, Any]) -> None:
    not_authentic(event)


@pytest.mark.parametrize("content", ["", "<xml><Event>x</Event></xml>", "{"])
def test_an_authentic_push_that_is_no_json_is_told_to_the_shop(content: str) -> None:
    encrypted, signed = safe(content)
    for event in (with_body(PAID, content), asked(SAFE_PATH, encrypted, **signed)):
        answer = call("order_webhook", event)
        assert (answer["statusCode"], body(answer)["title"]) == (422, "The body is not JSON")
    assert receive() == []


def test_an_authentic_push_that_is_no_text_is_malformed() -> None:
    encrypted, signed = safe(b"\xff")
    for event in (with_body(PAID, b"\xff"), asked(SAFE_PATH, encrypted, **signed)):
        refused(call("order_webhook", event), 400, "malformed_request")
    assert receive() == []


def test_every_push_is_taken_whatever_it_tells() -> None:
    for content in (aftersale_push(), push("new"), {"MsgType": "text"}):
        assert accepted(asked(PATH, json.dumps(content), **GOOD))["source"] == "weishop"


def test_a_body_that_holds_no_encrypted_text_to_verify_is_malformed() -> None:
    refused(call("order_webhook", asked(SAFE_PATH, "<xml/>", **SIGNED)), 400, "malformed_request")
    assert receive() == []
