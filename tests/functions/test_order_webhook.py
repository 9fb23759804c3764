"""POST /v1/webhooks/{source}: what is accepted is queued as it came; the rest leaves no trace."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from siyu.api.queue_message import QueueMessage
from siyu.domain.standard_webhooks import sign
from tests.functions.callbacks import counted, print_metrics
from tests.functions.calls import (
    TIMESTAMP,
    batch,
    body,
    call,
    load,
    refused,
    signed,
    with_body,
    with_headers,
    with_path,
)
from tests.support import NOW, SOURCE, kinds, receive

PAID = load("order_webhook/paid")
LIMIT = 256 * 1024
OTHER_SECRET = "whsec_" + "QUJD" * 8


@pytest.mark.parametrize("case", ["paid", "refunded"])
def test_an_authentic_event_is_queued_word_for_word(case: str) -> None:
    event = load(f"order_webhook/{case}")
    answer = call("order_webhook", event)
    assert (answer["statusCode"], answer["body"]) == (202, '{"status":"accepted"}')
    (queued,) = receive()
    assert json.loads(queued) == {
        "source": SOURCE,
        "delivery_id": event["headers"]["webhook-id"],
        "topic": "",
        "received_at": NOW.isoformat(),
        "body": event["body"],
    }


def test_a_body_in_base64_is_the_same_event() -> None:
    call("order_webhook", PAID)
    call("order_webhook", load("order_webhook/base64"))
    plain, encoded = receive()
    assert plain == encoded


def test_the_worker_takes_what_the_receiver_queued() -> None:
    for case in ("paid", "refunded", "paid"):
        assert call("order_webhook", load(f"order_webhook/{case}"))["statusCode"] == 202
    assert call("order_worker", batch(*receive())) == {"batchItemFailures": []}
    assert (kinds()["ORDER"], kinds()["FACT"]) == (1, 2)


def changed(**headers: str) -> dict[str, Any]:
    return with_headers(PAID, **headers)


def old(seconds: int) -> dict[str, Any]:
    return signed(PAID, PAID["body"], at=TIMESTAMP - seconds)


def other_secret(event: dict[str, Any]) -> dict[str, Any]:
    signature = sign(OTHER_SECRET, "msg_paid", TIMESTAMP, event["body"].encode())
    return with_headers(event, webhook_signature=signature)


SIGNATURE = PAID["headers"]["webhook-signature"]
UNSIGNED = {
    "tampered": with_body(PAID, PAID["body"].replace("12800", "12801")),
    "no body": {name: value for name, value in PAID.items() if name != "body"},
    "no headers": {**PAID, "headers": {}},
    "other secret": other_secret(PAID),
    "five minutes old": old(301),
    "from the future": old(-301),
    "timestamp changed": changed(webhook_timestamp=str(TIMESTAMP + 1)),
    "timestamp no number": changed(webhook_timestamp="17_6378320"),
    "timestamp in other digits": changed(webhook_timestamp="１７９５３２００００"),
    "id changed": changed(webhook_id="msg_other"),
    "id joined": changed(webhook_id="msg_paid,msg_paid"),
    "id with a newline": changed(webhook_id="msg_paid\n"),
    "id too long": signed(PAID, PAID["body"], "x" * 129),
    "id with a dot": signed(PAID, PAID["body"], "msg.paid"),
    "id with a space": signed(PAID, PAID["body"], "msg paid"),
    "no signature": changed(webhook_signature=""),
    "signature without version": changed(webhook_signature=SIGNATURE.removeprefix("v1,")),
    "signature of version 2": changed(webhook_signature=SIGNATURE.replace("v1", "v2")),
    "signature joined": changed(webhook_signature=f"{SIGNATURE},{SIGNATURE}"),
    "signature not base64": changed(webhook_signature="v1,é v1,*** v1 v1,"),
    "seventeenth signature": changed(webhook_signature="v1,AAAA " * 16 + SIGNATURE),
    "lone surrogate in a header": changed(webhook_signature="v1,\ud800"),
    "lone surrogate in the body": with_body(PAID, '"\ud800"'),
}


@pytest.mark.parametrize("event", UNSIGNED.values(), ids=UNSIGNED.keys())
def test_what_is_not_authentic_is_refused_without_saying_why(event: dict[str, Any]) -> None:
    refused(call("order_webhook", event), 401, "signature_not_valid")
    assert receive() == []


def test_one_good_signature_among_several_is_enough() -> None:
    """While a sender rotates its secret, it signs with both."""
    answer = call("order_webhook", changed(webhook_signature=f"v1,AAAA {SIGNATURE}"))
    assert answer["statusCode"] == 202
    assert len(receive()) == 1


def test_header_names_come_in_any_case() -> None:
    shouted = {name.upper(): value for name, value in PAID["headers"].items()}
    assert call("order_webhook", {**PAID, "headers": shouted})["statusCode"] == 202
    receive()


@pytest.mark.parametrize(
    "source", ["nobody", "SHOP", "a%2Fb", "shop%00", "商店", "..", "__proto__", "s" * 10_000]
)
def test_a_source_nobody_configured_is_unknown(source: str) -> None:
    refused(call("order_webhook", with_path(PAID, f"/v1/webhooks/{source}")), 404, "unknown_source")
    assert receive() == []


@pytest.mark.parametrize(
    "path",
    [
        "/v1/webhooks/",
        "/v1/webhooks/a/b",
        "/v1/webhooks/shop/",
        "/v1/webhooks/sh\0op",
        "/v1/webhooks/\ud800",
        "/v1/webhooks/shop?x",
        "/v1/webhooks",
        "//",
        "",
    ],
)
def test_a_path_that_is_no_route_is_not_found(path: str) -> None:
    refused(call("order_webhook", with_path(PAID, path)), 404, "not_found")
    assert receive() == []


def test_an_authentic_body_that_is_no_text_is_malformed() -> None:
    answer = call("order_webhook", signed(PAID, b'{"type": "\xff"}'))
    refused(answer, 400, "malformed_request")
    assert receive() == []


def text_of(message: str) -> str:
    """The body that the receiver put into a message, packed or not."""
    return QueueMessage.model_validate_json(message).text()


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('"' + "x" * (LIMIT - 2) + '"', 202),
        ('"' + "x" * (LIMIT - 1) + '"', 413),
        ('"' + "中" * (LIMIT // 3) + '"', 413),
        ('"' + "中" * (LIMIT // 3 - 1) + '"', 202),
        ('"' + r"\u0000" * (LIMIT // 7) + '"', 202),
    ],
)
def test_what_fits_is_queued_and_what_does_not_is_refused(text: str, status: int) -> None:
    """The limit is bytes of the body, whatever it looks like once it is escaped."""
    answer = call("order_webhook", signed(PAID, text))
    assert answer["statusCode"] == status
    if status == 413:
        refused(answer, 413, "too_large")
    assert [text_of(message) for message in receive()] == [text] * (status == 202)


def test_what_cannot_be_packed_small_enough_is_refused() -> None:
    """Text that no queue of every region would take."""
    noise = base64.b85encode(hashlib.shake_256(b"noise").digest(LIMIT * 3 // 4)).decode()
    text = json.dumps(noise.replace('"', "'"))
    refused(call("order_webhook", signed(PAID, text)), 413, "too_large")
    assert receive() == []


def test_a_body_too_large_is_refused_before_anyone_looks_at_its_signature() -> None:
    refused(call("order_webhook", with_body(PAID, "x" * (LIMIT + 1))), 413, "too_large")


@pytest.mark.parametrize(
    "text", ["{}", "null", '"\x7f\x85\u2028"', '"\ufffe\uffff"', '"😀"', " [1]\n"]
)
def test_any_json_that_is_authentic_gets_through_the_queue(text: str) -> None:
    """SQS refuses some characters; an event that holds one must not be lost for it."""
    assert call("order_webhook", signed(PAID, text))["statusCode"] == 202
    assert [text_of(message) for message in receive()] == [text]


@pytest.mark.parametrize(
    "text",
    ["", "x", '"\0"', "{", "NaN", '{"a": Infinity}', "[" * 200_000, "9" * 5_000],
    ids=["empty", "word", "control", "open", "NaN", "Infinity", "deep", "huge"],
)
def test_an_authentic_body_that_is_no_json_is_told_to_its_sender(text: str) -> None:
    answer = call("order_webhook", signed(PAID, text))
    assert answer["statusCode"] == 422
    assert body(answer)["type"] == "urn:siyu:problem:not_json"
    assert receive() == []


def test_a_sender_that_checks_no_address_has_nothing_to_ask() -> None:
    asked = load("order_webhook/paid")
    asked["requestContext"]["http"]["method"] = "GET"
    refused(call("order_webhook", asked), 404, "not_found")
    refused(call("order_webhook", with_path(asked, "/v1/webhooks/x")), 404, "unknown_source")


def test_what_is_taken_and_what_is_refused_is_counted(
    monkeypatch: pytest.MonkeyPatch, output: Callable[[], str]
) -> None:
    print_metrics(monkeypatch)
    for event in (PAID, changed(webhook_signature="v1,AAAA"), with_body(PAID, "x" * (LIMIT + 1))):
        call("order_webhook", event)
    assert counted(output()) == {"WebhookAccepted": 1, "WebhookRefused": 1}
    receive()
