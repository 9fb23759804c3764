"""A delivery may tell of several things: what can be recorded is, and the rest is set aside."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from siyu.channels.adapters import wechat_shop
from siyu.errors import UnavailableError
from tests.channels.shopify import ORDER_ID, order, refund
from tests.functions.callbacks import counted, print_metrics
from tests.functions.calls import batch, call, message
from tests.services.aside import set_aside
from tests.support import NOW, kinds


def shopify(body: dict[str, Any], topic: str = "orders/updated", delivery: str = "d1") -> str:
    fields = {"source": "intl", "delivery_id": delivery, "received_at": NOW.isoformat()}
    return json.dumps({**fields, "topic": topic, "body": json.dumps(body)})


def failed(*messages: str) -> list[str]:
    answer = call("order_worker", batch(*messages))
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def test_a_refund_in_another_currency_keeps_no_sale_from_being_recorded() -> None:
    foreign = refund()
    for one in foreign["transactions"]:
        one["currency"] = "USD"
    told = order(ORDER_ID, financial_status="partially_refunded", refunds=[foreign])
    assert failed(shopify(told)) == []
    assert (kinds()["FACT"], kinds()["QUARANTINE"]) == (2, 1)
    ((meta, text),) = set_aside()
    assert (meta.reason, json.loads(text)["delivery_id"]) == ("foreign_currency", "d1")


def test_what_tells_of_nothing_is_counted_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, output: Callable[[], str]
) -> None:
    print_metrics(monkeypatch)
    goods_only = {**refund(), "transactions": []}
    assert failed(shopify(goods_only, "refunds/create")) == []
    assert kinds() == {}
    assert counted(output()) == {"EventIgnored": 1}


def test_money_on_its_way_is_set_aside() -> None:
    on_its_way = refund()
    for one in on_its_way["transactions"]:
        one["status"] = "pending"
    assert failed(shopify(on_its_way, "refunds/create")) == []
    ((meta, _),) = set_aside()
    assert meta.reason == "refund_pending"


def test_a_silent_sender_is_asked_once_a_batch_and_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def silent(*_: object) -> None:
        asked.append(1)
        raise UnavailableError("silent")

    monkeypatch.setattr(wechat_shop, "read", silent)
    push = json.dumps(
        {"source": "weishop", "delivery_id": "p", "received_at": NOW.isoformat(), "body": "{}"}
    )
    good = message("order.paid", "d9", order_id="9", paid_minor=5_000)
    assert failed(push, push, good, push) == ["m1", "m2", "m4"]
    assert len(asked) == 1
    assert kinds()["FACT"] == 1
