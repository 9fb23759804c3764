"""What a sender never delivered is fetched from its list, once, whatever comes after all."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest

from infra.local.standins.shopify import Shopify
from siyu import secrets as brand
from siyu.api.order_event import read_event
from siyu.secrets import Source, secrets
from siyu.services.reconcile_orders import Report, reconcile_orders
from siyu.storage import keys, orders
from tests.channels.shopify import FIELDS, ORDER_ID, order, refund
from tests.functions.calls import batch, call
from tests.policies import watched
from tests.support import NOW, dump, kinds, receive

AT = NOW + timedelta(days=1)


@pytest.fixture
def shop() -> Iterator[Shopify]:
    with Shopify(("client-1", "secret-of-the-app")) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


Configure = Callable[[Mapping[str, Mapping[str, Any]]], None]


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Gives the brand other sources for one test."""

    def configure(given: Mapping[str, Mapping[str, Any]]) -> None:
        made = {name: Source(name, fields["kind"], fields) for name, fields in given.items()}
        changed = replace(secrets(), webhooks=made)
        monkeypatch.setattr(brand, "_cached", (time.monotonic(), changed))

    return configure


def fields(shop: Shopify, **more: Any) -> dict[str, Any]:
    return {**FIELDS, "api_url": shop.origin, "access_token": shop.token, **more}


def reconcile() -> dict[str, tuple[int, int, bool]]:
    with watched("order_reconcile"):
        reports = reconcile_orders(AT, read_event)
    assert all(isinstance(one, Report) for one in reports)
    return {one.source: (one.compared, one.missed, one.failed) for one in reports}


def work() -> None:
    """Let the worker take all that is queued."""
    messages = receive()
    assert call("order_worker", batch(*messages)) == {"batchItemFailures": []}
    assert "QUARANTINE" not in kinds()


def test_what_was_never_delivered_is_fetched_once(shop: Shopify, sources: Configure) -> None:
    sources({"intl": fields(shop)})
    shop.orders = [order(ORDER_ID, financial_status="refunded", refunds=[refund()])]
    assert reconcile() == {"intl": (3, 3, False)}
    work()
    key = keys.order_key("intl", str(ORDER_ID))
    standing = orders.find([key])[key].order
    assert (standing.paid_minor > 0, standing.refunded_minor > 0) == (True, True)
    before = dump()
    assert reconcile() == {"intl": (3, 0, False)}
    assert (receive(), dump()) == ([], before)


def test_a_webhook_that_comes_after_all_is_a_repeat(shop: Shopify, sources: Configure) -> None:
    sources({"intl": fields(shop)})
    shop.orders = [order(ORDER_ID)]
    reconcile()
    work()
    before = {key: item for key, item in dump().items() if item["kind"]["S"] != "DELIVERY"}
    envelope = {"source": "intl", "delivery_id": "late", "received_at": AT.isoformat()}
    late = {**envelope, "topic": "orders/paid", "body": json.dumps(order(ORDER_ID))}
    assert call("order_worker", batch(json.dumps(late))) == {"batchItemFailures": []}
    assert {k: v for k, v in dump().items() if v["kind"]["S"] != "DELIVERY"} == before


def test_another_amount_than_ours_is_given_to_a_person(shop: Shopify, sources: Configure) -> None:
    sources({"intl": fields(shop)})
    shop.orders = [order(ORDER_ID)]
    reconcile()
    work()
    shop.orders = [order(ORDER_ID, total_price="1.00", line_items=[])]
    assert reconcile() == {"intl": (2, 1, False)}
    call("order_worker", batch(*receive()))
    assert kinds()["QUARANTINE"] == 1


def test_one_that_fails_keeps_no_other_from_being_asked(
    shop: Shopify, sources: Configure, caplog: pytest.LogCaptureFixture
) -> None:
    silent = fields(shop, api_url="http://127.0.0.1:9")
    no_list = {name: value for name, value in fields(shop).items() if name != "access_token"}
    mistyped = {**FIELDS, "kind": "shopfy"}
    sources({"odd": mistyped, "silent": silent, "no_list": no_list, "intl": fields(shop)})
    shop.orders = [order(ORDER_ID)]
    assert reconcile() == {
        "silent": (0, 0, True),
        "intl": (2, 2, False),
    }
    assert "shpat_" not in caplog.text
    receive()


def test_what_cannot_be_read_is_counted_and_stops_nothing(
    shop: Shopify, sources: Configure
) -> None:
    sources({"intl": fields(shop)})
    shop.orders = [order(ORDER_ID, currency="USD"), order(ORDER_ID + 1)]
    (report,) = reconcile_orders(AT, read_event)
    assert (report.compared, report.missed, report.unreadable) == (4, 3, 1)
    receive()


def test_the_function_fails_when_a_source_did(shop: Shopify, sources: Configure) -> None:
    event = {"scheduled_for": AT.isoformat()}
    sources({"intl": fields(shop)})
    assert call("order_reconcile", event) == {"intl": {"compared": 0, "missed": 0}}
    sources({"intl": fields(shop, access_token="wrong")})
    with pytest.raises(Exception, match="not reconciled: intl"):
        call("order_reconcile", event)
