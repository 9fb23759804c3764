"""Youzan's messages: what is authentic is queued, and every order of delivery ends the same."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from tests.channels import youzan
from tests.channels.youzan import (
    PATH,
    dumps,
    envelope,
    headers,
    order,
)
from tests.channels.youzan_life import deliver, life, standing
from tests.functions.calls import batch, body, call, with_body, with_headers
from tests.functions.make_events import http
from tests.support import NOW, dump, kinds, receive

pytestmark = pytest.mark.usefixtures("empty_table")

CASES = youzan.events(http)
PAID, OLD = CASES["order_webhook/youzan_paid"], CASES["order_webhook/youzan_old_paid"]
ANSWER = '{"code":0,"msg":"success"}'


def webhook(content: Any, **more: str) -> dict[str, Any]:
    text = content if isinstance(content, str | bytes) else dumps(content)
    return http("POST", PATH, text, **{**headers(text), **more})


def accepted(event: dict[str, Any]) -> dict[str, Any]:
    answer = call("order_webhook", event)
    assert (answer["statusCode"], answer["body"]) == (200, ANSWER)
    (queued,) = receive()
    fields: dict[str, Any] = json.loads(queued)
    return fields


def not_taken(event: dict[str, Any], status: int = 401) -> None:
    """Refused with a code, and without the word that Youzan looks for."""
    answer = call("order_webhook", event)
    assert (answer["statusCode"], body(answer)["code"]) == (status, str(status))
    assert body(answer)["msg"] == body(answer)["type"].rpartition(":")[2]
    assert "success" not in answer["body"].lower()
    assert receive() == []


def test_an_authentic_message_is_queued_word_for_word() -> None:
    assert accepted(PAID) == {
        "source": "yz",
        "delivery_id": json.loads(PAID["body"])["msg_id"],
        "topic": "",
        "received_at": NOW.isoformat(),
        "body": PAID["body"],
    }


def test_a_body_in_base64_is_the_same_message() -> None:
    assert accepted(CASES["order_webhook/youzan_base64"]) == accepted(PAID)


def test_a_signature_in_capitals_is_the_same_signature() -> None:
    given = PAID["headers"]["event-sign"].upper()
    assert accepted(with_headers(PAID, event_sign=given)) == accepted(PAID)


def test_the_older_signature_is_taken_from_a_source_that_says_so_only() -> None:
    assert accepted(OLD)["source"] == "yz_old"
    not_taken(http("POST", PATH, OLD["body"]))


def test_a_test_message_is_answered_and_not_kept() -> None:
    probe = json.loads(CASES["order_webhook/youzan_test"]["body"])
    for event in (CASES["order_webhook/youzan_test"], webhook(probe), webhook({"test": "true"})):
        answer = call("order_webhook", event)
        assert (answer["statusCode"], answer["body"]) == (200, ANSWER)
        assert receive() == []


@pytest.mark.parametrize("given", [None, "", "x y", "a" * 65, "é", 7.5])
def test_a_message_without_a_sane_id_is_named_by_what_stays_the_same(given: Any) -> None:
    named = accepted(webhook(envelope("trade_TradePaid", order(), msg_id=given)))["delivery_id"]
    again = envelope("trade_TradePaid", order(), msg_id=given, sendCount=3)
    other = envelope("trade_TradePaid", order(status="TRADE_PAID"), msg_id=given)
    assert len(named) == 64
    assert accepted(webhook(again))["delivery_id"] == named
    assert accepted(webhook(other))["delivery_id"] != named


SIGNATURE = PAID["headers"]["event-sign"]
FOREIGN = envelope("trade_TradePaid", order(), client_id="another")
OLD_BODY = json.loads(OLD["body"])
UNSIGNED = {
    "tampered": with_body(PAID, PAID["body"].replace("128.00", "928.00")),
    "other type": with_body(PAID, PAID["body"].replace("trade_TradePaid", "trade_TradeClose")),
    "other secret": with_headers(PAID, event_sign=youzan.md5(PAID["body"], "guess")),
    "no secret": with_headers(PAID, event_sign=youzan.md5(PAID["body"], "")),
    "no signature": with_headers(PAID, event_sign=""),
    "signature joined": with_headers(PAID, event_sign=f"{SIGNATURE},{SIGNATURE}"),
    "signature cut off": with_headers(PAID, event_sign=SIGNATURE[:-1]),
    "signature no text": with_headers(PAID, event_sign="é\ud800"),
    "test, wrongly signed": with_body(PAID, '{"test":true}'),
    "another client's": webhook(FOREIGN),
    "no client": webhook({**FOREIGN, "client_id": None}),
    "no json, unsigned": http("POST", PATH, "{"),
    "no object, unsigned": http("POST", PATH, "[]"),
    "old, tampered": with_body(OLD, OLD["body"].replace("128.00", "928.00")),
    "old, no sign": with_body(OLD, dumps({**OLD_BODY, "sign": None})),
    "old, msg no text": with_body(OLD, dumps({**OLD_BODY, "msg": order()})),
    "old, half a character": with_body(OLD, json.dumps({**OLD_BODY, "msg": "\ud800"})),
    "old, another client's": with_body(OLD, dumps({**OLD_BODY, "client_id": "another"})),
}


@pytest.mark.parametrize("event", UNSIGNED.values(), ids=UNSIGNED.keys())
def test_what_is_not_authentic_is_refused(event: dict[str, Any]) -> None:
    not_taken(event)


@pytest.mark.parametrize("content", ["{", "[]", "NaN", '"x"'])
def test_an_authentic_body_that_is_no_message_is_refused(content: str) -> None:
    not_taken(webhook(content), 422)


def test_an_authentic_body_that_is_no_text_is_malformed() -> None:
    not_taken(webhook(b"\xff"), 400)


@pytest.mark.slow
def test_every_order_of_delivery_gives_one_state() -> None:
    found = set()
    for number, sent in enumerate(permutations(range(5))):
        stages = life(number)
        deliver(*(stages[stage] for stage in sent), name=f"y{number}")
        known = standing(f"E{number}")
        assert known.paid is not None
        assert list(known.refunds) == [f"r{number}"]
        paid = replace(known.paid, payment_id=None)
        found.add(repr(replace(known, order_id="", paid=paid, refunds={"r": known.refunded_minor})))
        assert known.net_minor == 0
    assert len(found) == 1
    assert "QUARANTINE" not in kinds()


def test_the_worker_takes_what_the_receiver_queued_and_knows_it_again() -> None:
    for case in ("paid", "refunded", "paid", "old_paid", "refunded"):
        event = CASES[f"order_webhook/youzan_{case}"]
        assert call("order_webhook", event)["statusCode"] == 200
    assert call("order_worker", batch(*receive())) == {"batchItemFailures": []}
    assert (standing().net_minor, standing(source="yz_old").paid_minor) == (9_999, 12_800)
    assert [one["kind"]["S"] for one in dump().values()].count("FACT") == 5
    assert "QUARANTINE" not in kinds()


def test_what_is_sent_again_under_another_id_changes_nothing() -> None:
    """Nothing signed says when: only that facts are recorded once keeps a replay from counting."""
    deliver(*life(1), name="first")
    before = standing("E1")
    deliver(*life(1), name="second")
    assert standing("E1") == before
    assert kinds()["FACT"] == 4
