"""Scenario 13: what WeChat Pay signed is taken and counts once; nothing else leaves a trace.

Refusals carry what WeChat Pay looks for, a probe wakes nobody, and an unknown key is not fetched.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest

from siyu.secrets import secrets
from tests.acceptance.orders import figures, follow, friends, of_kind, quarantined, work
from tests.channels import wechat_pay
from tests.channels.wechat_pay import ORDER_ID, PATH, paid, probe, refunded, sealed, signed
from tests.channels.wechat_pay_account import SOURCE
from tests.functions.callbacks import counted, print_metrics
from tests.functions.calls import TIMESTAMP, Event, body, call, with_body, with_headers
from tests.functions.make_events import http
from tests.support import kinds, receive

EVENTS = wechat_pay.events(http)
PLAIN = http("POST", PATH)
KEY = f"{SOURCE}#{ORDER_ID}"
BOBS = {"openid": "openid-bob"}
SALE = signed(PLAIN, paid(payer=BOBS))
ELSEWHERE = "PUB_KEY_ID_0119000000019999999999999999"
TEN_MINUTES = 600


def send(event: Event) -> Event:
    answer: Event = call("order_webhook", event)
    return answer


def taken(event: Event) -> None:
    """204 without a body is what WeChat Pay takes for yes."""
    answer = send(event)
    assert (answer["statusCode"], answer["body"]) == (204, "")


def refused(event: Event) -> None:
    """A problem document like any other, with the two members that WeChat Pay looks for."""
    answer = send(event)
    assert answer["statusCode"] == 401
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    said = body(answer)
    assert said.pop("instance").startswith("urn:siyu:request:")
    assert said == {
        "type": "urn:siyu:problem:signature_not_valid",
        "title": "The signature does not hold",
        "status": 401,
        "code": "FAIL",
        "message": "The signature does not hold",
    }
    assert receive() == []


@contextmanager
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails whoever opens a connection or looks a name up."""

    def opened(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("a socket was opened")

    secrets()  # read every five minutes, and not because of what came in
    with monkeypatch.context() as patched:
        patched.setattr(socket, "socket", opened)
        patched.setattr(socket, "create_connection", opened)
        patched.setattr(socket, "getaddrinfo", opened)
        yield


@pytest.mark.parametrize("name", ["paid", "base64"])
def test_a_valid_notification_is_answered_204_and_is_a_payment(name: str) -> None:
    taken(EVENTS[f"order_webhook/wechat_pay_{name}"])
    assert work(*receive()) == []
    (order,) = (item for item in of_kind("ORDER") if item["order_key"]["S"] == KEY)
    assert order["paid_minor"]["N"] == "12800"


def test_a_payment_and_its_refund_are_their_buyers() -> None:
    friends()
    taken(signed(PLAIN, refunded()))
    taken(SALE)
    assert work(*receive()) == []
    follow()
    assert figures() == (1, 10_000)


@pytest.mark.parametrize("name", ["tampered", "wrong_serial", "probe"])
def test_what_wechat_pay_did_not_sign_is_refused(name: str) -> None:
    refused(EVENTS[f"order_webhook/wechat_pay_{name}"])


def test_a_changed_amount_is_refused() -> None:
    """Even one that was sealed with the right key, by whoever stole it."""
    resource = json.dumps(sealed(wechat_pay.payment(amount={"total": 1, "currency": "CNY"})))
    forged = json.dumps({**json.loads(SALE["body"]), "resource": json.loads(resource)})
    refused(with_body(SALE, forged))


def test_an_unknown_key_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    with no_sockets(monkeypatch):
        with pytest.raises(AssertionError, match="opened"):
            socket.create_connection(("127.0.0.1", 9))
        answer = send(with_headers(SALE, wechatpay_serial=ELSEWHERE))
        assert (answer["statusCode"], body(answer)["code"]) == (401, "FAIL")
    refused(with_headers(SALE, wechatpay_serial=ELSEWHERE))


def test_a_probe_is_refused_and_wakes_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    print_metrics(monkeypatch)
    refused(probe(SALE))
    assert "WebhookRefused" not in counted(capsys.readouterr().out)
    refused(with_body(SALE, SALE["body"] + " "))
    assert counted(capsys.readouterr().out)["WebhookRefused"] == 1


@pytest.mark.parametrize("seconds", [-TEN_MINUTES, TEN_MINUTES])
def test_ten_minutes_either_way_are_too_far(seconds: int) -> None:
    refused(signed(PLAIN, paid(), at=TIMESTAMP + seconds))


@pytest.mark.parametrize("name", ["serial", "signature", "timestamp", "nonce"])
def test_a_header_sent_twice_is_refused(name: str) -> None:
    header = f"wechatpay-{name}"
    twice = ",".join([SALE["headers"][header]] * 2)
    refused(with_headers(SALE, **{header.replace("-", "_"): twice}))


def test_a_replay_is_answered_204_and_has_no_second_effect() -> None:
    friends()
    for _ in range(3):
        taken(SALE)
    assert work(*receive()) == []
    follow()
    before = kinds()
    taken(SALE)
    assert work(*receive()) == []
    follow()
    assert figures() == (1, 12_800)
    assert kinds() == before
    assert quarantined() == []


def test_a_payment_told_again_under_another_id_counts_once() -> None:
    friends()
    again = json.loads(SALE["body"]) | {"id": "EV-2026112211590009"}
    for event in (SALE, signed(PLAIN, json.dumps(again))):
        taken(event)
    assert work(*receive()) == []
    follow()
    assert figures() == (1, 12_800)


def test_a_refund_that_failed_is_taken_and_kept_for_a_person() -> None:
    """Refused, it would come fifteen times and then be lost."""
    taken(signed(PLAIN, wechat_pay.notification("REFUND.ABNORMAL", sealed(wechat_pay.refund()))))
    assert work(*receive()) == []
    assert quarantined() == ["refund_abnormal"]
    assert of_kind("ORDER") == []
