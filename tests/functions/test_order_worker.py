"""The orders queue: a message is recorded, recognised, kept in quarantine or comes again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from siyu.services.show_member import show_member
from siyu.storage.transaction import ATTEMPTS
from tests.faults import Fault, line
from tests.functions.calls import ANN, batch, call, envelope, join, load, message
from tests.services.aside import set_aside
from tests.services.shop import receipt
from tests.support import NOW, dump, kinds

GOOD = {"order_id": "1", "paid_minor": 5_000}


def work(*messages: str) -> list[str]:
    """Give the worker a batch; the ids it asks for again."""
    answer = call("order_worker", batch(*messages))
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def paid(delivery: str, **data: Any) -> str:
    return message("order.paid", delivery, **{**GOOD, **data})


def conflicts(number: int) -> Fault:
    """The first transactions meet a conflict, each."""
    seen = 0

    def fault(_: int, operation: str) -> str | None:
        nonlocal seen
        seen += operation == "TransactWriteItems"
        return "conflict" if operation == "TransactWriteItems" and seen <= number else None

    return fault


def test_a_batch_is_folded_into_orders() -> None:
    assert call("order_worker", load("order_worker/two_orders")) == {"batchItemFailures": []}
    assert kinds() == {"ORDER": 1, "FACT": 2, "DELIVERY": 2, "WAITING": 1}


def test_when_the_read_for_all_is_lost_each_message_reads_for_itself() -> None:
    """The SDK tries three times, then the batch goes on without."""
    with line(lambda number, _: "lost before" if number <= 3 else None) as broken:
        assert call("order_worker", load("order_worker/two_orders")) == {"batchItemFailures": []}
    assert broken.calls[:4] == ["BatchGetItem"] * 4
    assert kinds() == {"ORDER": 1, "FACT": 2, "DELIVERY": 2, "WAITING": 1}


def test_a_members_figures_follow() -> None:
    join(ANN, receipt(1), "openid-ann")
    assert work(paid("d1", receipt_token=receipt(1))) == []
    assert show_member(ANN).figures.net_minor == 5_000


@pytest.mark.parametrize("first", ["order.paid", "order.cancelled"])
def test_a_cancelled_order_counts_nothing_whichever_event_comes_first(first: str) -> None:
    join(ANN, receipt(1), "openid-ann")
    events = [paid("d1", receipt_token=receipt(1)), message("order.cancelled", "d2", order_id="1")]
    assert work(*events[:: 1 if first == "order.paid" else -1]) == []
    assert kinds()["FACT"] == 2
    assert (show_member(ANN).figures.orders, show_member(ANN).figures.net_minor) == (0, 0)


def test_a_poison_message_is_kept_whole_with_its_reason_and_stops_nobody() -> None:
    event = load("order_worker/one_poison")
    assert call("order_worker", event) == {"batchItemFailures": []}
    assert kinds() == {"ORDER": 1, "FACT": 1, "DELIVERY": 1, "WAITING": 1, "QUARANTINE": 1}
    ((kept, text),) = set_aside()
    assert text == event["Records"][1]["body"]
    assert (kept.source, kept.reason) == ("shop", "not_an_order_event")
    assert kept.detail == "order.paid.data.paid_minor: int_type"
    assert kept.name.received_at == NOW


def test_the_same_poison_again_is_kept_once() -> None:
    for _ in range(2):
        call("order_worker", load("order_worker/one_poison"))
    assert kinds()["QUARANTINE"] == 1


def test_in_a_mixed_batch_only_what_failed_comes_again(output: Callable[[], str]) -> None:
    good, other = paid("d1"), paid("d2", order_id="2")
    poison = envelope("{", "d3")
    with line(conflicts(ATTEMPTS)):
        assert work(other, good, good, poison) == ["m1"]
    assert kinds() == {"ORDER": 1, "FACT": 1, "DELIVERY": 1, "QUARANTINE": 1}
    logged = [json.loads(row) for row in output().splitlines() if row.startswith("{")]
    assert [(row["message"], row["correlation_id"]) for row in logged] == [
        ("transaction_gave_up", "m1"),
        ("event_failed", "m1"),
        ("event_recorded", "m2"),
        ("event_recorded", "m3"),
        ("event_quarantined", "m4"),
    ]
    assert work(other) == []
    assert kinds()["ORDER"] == 2


def test_a_batch_that_fails_whole_is_reported_message_by_message() -> None:
    with line(conflicts(2 * ATTEMPTS)):
        assert work(paid("d1"), paid("d2", order_id="2")) == ["m1", "m2"]
    assert kinds() == {}


def test_a_message_that_cannot_even_be_kept_comes_again(output: Callable[[], str]) -> None:
    with line(lambda _, operation: "lost before" if operation == "PutItem" else None):
        assert work(envelope("{")) == ["m1"]
    assert "event_failed" in output()


@pytest.mark.parametrize(
    "body",
    [
        {"type": "order.paid", "data": {"buyer_id": ["13800138000"]}},
        {"buyer_phone": "13800138000"},
    ],
)
def test_what_cannot_be_read_nor_kept_tells_the_log_nothing_personal(
    body: dict[str, Any], output: Callable[[], str]
) -> None:
    with line(lambda _, operation: "lost before" if operation == "PutItem" else None):
        assert work(envelope(json.dumps(body))) == ["m1"]
    printed = output()
    assert "event_failed" in printed
    assert "13800138000" not in printed


def test_another_amount_for_a_known_sale_is_kept_for_a_person() -> None:
    assert work(paid("d1"), paid("d2", paid_minor=5_001), paid("d1", order_id="2")) == []
    assert sorted(kept.reason for kept, _ in set_aside()) == [
        "conflicting_fact",
        "reused_delivery_id",
    ]
    assert kinds()["ORDER"] == 1


def test_times_are_those_of_the_queue_not_of_the_machine() -> None:
    work(envelope("{"))
    ((pk, sk),) = dump()
    assert pk.startswith(f"Q#{NOW.date()}#")
    assert sk == f"{NOW.isoformat()}#m1"


def test_a_receivers_clock_gone_wild_fails_no_batch() -> None:
    wild = {
        **json.loads(
            envelope(
                '{"type":"order.completed","data":{"order_id":"1",'
                '"occurred_at":"2026-11-22T04:00:00Z"}}'
            )
        ),
        "received_at": "9999-12-31T23:59:59Z",
    }
    assert work(json.dumps(wild), paid("d1")) == []
    assert kinds()["FACT"] == 2


ENVELOPES = {
    "not JSON": "x",
    "empty": " ",
    "list": "[]",
    "null": "null",
    "deep": "[" * 100_000,
    "lone surrogate": '{"source": "\\ud800"}',
    "huge number": '{"source": ' + "9" * 5_000 + "}",
    "source an object": '{"source": {"a": 1}}',
    "no body": '{"source": "shop", "delivery_id": "d", "received_at": "2026-11-22T04:00:00Z"}',
    "source too long": json.dumps({**json.loads(envelope("{}")), "source": "s" * 3_000}),
    "delivery too long": json.dumps({**json.loads(envelope("{}")), "delivery_id": "d" * 3_000}),
    "naive time": '{"source":"s","delivery_id":"d","received_at":"2026-11-22T04:00:00","body":""}',
}


@pytest.mark.parametrize("text", ENVELOPES.values(), ids=ENVELOPES.keys())
def test_a_broken_envelope_is_kept_and_takes_nobody_along(text: str) -> None:
    assert work(text, paid("d1")) == []
    assert kinds()["ORDER"] == 1
    ((kept, message),) = set_aside()
    assert (kept.reason, message) == ("not_a_message", text)


BODIES = {
    "empty": "",
    "deep": '{"type": "order.paid", "data": ' + "[" * 100_000,
    "deep and closed": '{"type": "order.paid", "data": ' + "[" * 5_000 + "]" * 5_000 + "}",
    "huge number": '{"type": "order.paid", "data": {"order_id": ' + "9" * 5_000 + "}}",
    "infinity": '{"type": "order.paid", "data": {"paid_minor": Infinity}}',
    "lone surrogate": '{"type": "order.completed", "data": {"order_id": "\\ud800"}}',
    "type an object": '{"type": {}, "data": {}}',
    "type unknown": '{"type": "order.shipped", "data": {}}',
    "type twice": '{"type": "order.paid", "type": "x", "data": {}}',
    "data a string": '{"type": "order.paid", "data": "x"}',
    "byte order mark": '\ufeff{"type": "order.paid"}',
    "very long type": '{"type": "' + "x" * 200_000 + '"}',
}


@pytest.mark.parametrize("text", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_no_order_event_is_kept(text: str) -> None:
    assert work(envelope(text)) == []
    ((kept, message),) = set_aside()
    assert (kept.reason, kept.source) == ("not_an_order_event", "shop")
    assert json.loads(message)["body"] == text


FIELDS: list[dict[str, Any]] = [
    {"order_id": "a\0b"},
    {"order_id": ""},
    {"order_id": 1.0},
    {"order_id": True},
    {"order_id": "x" * 65},
    {"order_id": "~refund:r"},
    {"buyer_id": "a\nb"},
    {"paid_minor": 1e3},
    {"paid_minor": "5000"},
    {"paid_minor": -1},
    {"paid_minor": 10**4_000},
    {"currency": "cny"},
    {"receipt_token": "x" * 65},
    {"occurred_at": "0001-01-01T00:00:00+14:00"},
    {"occurred_at": "1969-12-31T23:59:59Z"},
    {"occurred_at": "9999-12-31T23:59:59-14:00"},
    {"occurred_at": 10**30},
    {"occurred_at": None},
]


@pytest.mark.parametrize("data", FIELDS, ids=lambda data: str(data)[:40])
def test_a_field_that_makes_no_sense_is_kept_and_never_stored(data: dict[str, Any]) -> None:
    assert work(paid("d1", **data)) == []
    assert kinds() == {"QUARANTINE": 1}


@pytest.mark.parametrize("order_id", [2**63, 10**63, "a#b#c", "订单·1", "😀" * 64, "\uffff"])
def test_an_unusual_id_is_kept_to_the_letter(order_id: Any) -> None:
    join(ANN, receipt(1), "openid-ann")
    first = paid("d1", order_id=order_id, receipt_token=receipt(1), buyer_id="😀" * 64)
    refund = message(
        "order.refunded", "d2", order_id=order_id, refund_id="r#1", refunded_minor=1_000
    )
    assert work(first, refund, first, refund) == []
    assert show_member(ANN).figures.net_minor == 4_000
    assert f"shop#{order_id}" in {item["order_key"]["S"] for item in orders()}


def orders() -> list[dict[str, Any]]:
    return [item for item in dump().values() if item["kind"]["S"] == "ORDER"]
