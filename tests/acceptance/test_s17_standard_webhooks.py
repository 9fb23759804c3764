"""Scenario 17: Standard Webhooks as others send them: the published vector, two signatures while a
secret is rotated, what is nearly a signature, and bodies that JSON readers get wrong."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from siyu.domain.standard_webhooks import sign
from tests.acceptance.orders import (
    BOBS,
    content,
    figures,
    friends,
    of_kind,
    posted,
    quarantined,
    work,
)
from tests.functions.calls import (
    TIMESTAMP,
    Event,
    body,
    call,
    refused,
    with_headers,
)
from tests.support import kinds, receive

BEYOND_DOUBLE = 2**53 + 1
PAID = posted(content("order.paid", order_id="1", paid_minor=10_000, buyer=BOBS), "msg_1")
SIGNATURE = PAID["headers"]["webhook-signature"]
OTHER = "whsec_" + base64.b64encode(b"another secret of thirty bytes").decode()


def send(event: Event) -> Any:
    return call("order_webhook", event)


def with_signature(text: str) -> Event:
    return with_headers(PAID, webhook_signature=text)


def accepted(event: Event) -> str:
    """The message that is queued for it."""
    answer = send(event)
    assert (answer["statusCode"], body(answer)) == (202, {"status": "accepted"})
    (message,) = receive()
    return message


def test_the_published_vector_is_taken() -> None:
    """https://github.com/standard-webhooks/standard-webhooks, the vector of its libraries."""
    at = datetime.fromtimestamp(1614265330, UTC)
    text = '{"test": 2432232314}'
    event = posted(text, "msg_p5jXN8AQM9LWM0D4loKWxJek", at=at)
    event = with_headers(event, webhook_signature="v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    message = accepted(event)
    assert json.loads(message)["body"] == text
    # It is no order event: accepted all the same, and set aside by who reads it.
    assert work(message) == []
    assert quarantined() == ["not_an_order_event"]


@pytest.mark.parametrize("ours_first", [True, False])
def test_two_signatures_of_a_rotation_are_one_yes(ours_first: bool) -> None:
    theirs = sign(OTHER, "msg_1", TIMESTAMP, PAID["body"].encode())
    pair = [SIGNATURE, theirs] if ours_first else [theirs, SIGNATURE]
    accepted(with_signature(" ".join(pair)))


def test_a_signature_of_another_version_beside_ours_does_no_harm() -> None:
    accepted(with_signature(f"v1a,{'A' * 88} {SIGNATURE} v2,AAAA"))


NO_SIGNATURES = {
    "missing comma": SIGNATURE.replace(",", ""),
    "space for a comma": SIGNATURE.replace(",", " "),
    "joined headers": f"{SIGNATURE},{SIGNATURE}",
    "only the other secret's": sign(OTHER, "msg_1", TIMESTAMP, PAID["body"].encode()),
    "cut short": SIGNATURE[:-2],
    "empty": "",
    "ours as another version": SIGNATURE.replace("v1,", "v2,"),
}


@pytest.mark.parametrize("text", NO_SIGNATURES.values(), ids=NO_SIGNATURES.keys())
def test_what_is_nearly_a_signature_is_none(text: str) -> None:
    refused(send(with_signature(text)), 401, "signature_not_valid")
    assert receive() == []


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_a_header_that_came_twice_is_no_header(name: str) -> None:
    """The gateway joins headers of one name with a comma."""
    twice = ",".join([PAID["headers"][name]] * 2)
    event = with_headers(PAID, **{name.replace("-", "_"): twice})
    refused(send(event), 401, "signature_not_valid")
    assert receive() == []


@pytest.mark.parametrize("raw", [b'{"type": "\xff"}', b"\xfe\xff\x00{", b"\xed\xa0\x80"])
def test_an_authentic_body_that_is_no_utf8_is_malformed(raw: bytes) -> None:
    refused(send(posted(raw, "msg_2")), 400, "malformed_request")
    assert receive() == []


UNREADABLE = {
    "NaN": '{"type":"order.paid","data":{"paid_minor":NaN}}',
    "Infinity": '{"type":"order.paid","data":{"paid_minor":Infinity}}',
    "minus Infinity": '{"data":{"paid_minor":-Infinity}}',
    "cut short": '{"type":"order.paid"',
    "single quotes": "{'type': 'order.paid'}",
    "nothing": "",
    "a form": "type=order.paid&paid_minor=1",
    "deeper than any reader goes": "[" * 100_000,
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_authentic_body_that_is_no_json_is_unreadable(text: str) -> None:
    """The sender hears it at once, in words it can show: retries would change nothing."""
    answer = send(posted(text, "msg_3"))
    assert answer["statusCode"] == 422
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert body(answer)["type"] == "urn:siyu:problem:not_json"
    assert receive() == []


def test_nobody_unsigned_learns_whether_a_body_can_be_read() -> None:
    for text in UNREADABLE.values():
        event = with_headers(posted(text, "msg_3"), webhook_signature=SIGNATURE)
        refused(send(event), 401, "signature_not_valid")


@pytest.mark.parametrize("quoted", [False, True])
def test_an_id_beyond_a_double_keeps_every_digit_down_to_the_order(quoted: bool) -> None:
    friends()
    order_id: int | str = str(BEYOND_DOUBLE) if quoted else BEYOND_DOUBLE
    text = content("order.paid", order_id=order_id, paid_minor=10_000, buyer=BOBS)
    assert "9007199254740993" in text
    assert work(accepted(posted(text, "msg_4"))) == []
    (order,) = of_kind("ORDER")
    assert order["order_key"] == {"S": "shop#9007199254740993"}
    assert figures() == (1, 10_000)


def test_neighbours_that_a_double_takes_for_one_are_two_orders() -> None:
    friends()
    for number in (2**53, BEYOND_DOUBLE):
        text = content("order.paid", order_id=number, paid_minor=10_000, buyer=BOBS)
        assert work(accepted(posted(text, f"msg_{number}"))) == []
    assert kinds()["ORDER"] == 2
    assert figures() == (2, 20_000)


@pytest.mark.parametrize("amount", ["10000.0", "1e4", "10000.00000000000000001", '"10000"'])
def test_an_amount_that_is_no_whole_number_of_minor_units_is_set_aside(amount: str) -> None:
    """It is JSON, so it is accepted; it is no amount, so nothing is counted, not even nearly."""
    friends()
    text = content("order.paid", order_id="1", paid_minor=4242, buyer=BOBS).replace("4242", amount)
    assert work(accepted(posted(text, "msg_5"))) == []
    assert quarantined() == ["not_an_order_event"]
    assert figures() == (0, 0)
