"""Scenario 13, continued: what WeChat Pay never managed to deliver comes with the bill, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from infra.local.standins.pay import Server
from siyu.api.order_event import read_event
from siyu.services.reconcile_orders import reconcile_orders
from tests.acceptance.orders import figures, follow, friends, quarantined, work
from tests.acceptance.test_s13_wechat_pay import PLAIN, send
from tests.channels.wechat_pay import paid, refunded, signed
from tests.channels.wechat_pay_api import serving, source
from tests.services.contacts import change_secrets
from tests.support import NOW, receive

BUYER = "openid-bob"
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(BUYER) as server:
        change_secrets(monkeypatch, webhooks={"pay": source(server)})
        yield server


def reconcile() -> tuple[int, int]:
    """How many events the bill has, and how many of them nobody had told us."""
    (report,) = reconcile_orders(TOMORROW, read_event)
    assert not report.failed
    return report.compared, report.missed


def notify() -> None:
    for text in (refunded(), paid(payer={"openid": BUYER})):
        assert send(signed(PLAIN, text))["statusCode"] == 204


def test_what_was_notified_is_not_fetched() -> None:
    notify()
    assert work(*receive()) == []
    assert reconcile() == (2, 0)
    assert receive() == []


def test_what_was_never_notified_is_fetched_once() -> None:
    friends()
    assert reconcile() == (2, 2)
    assert work(*receive()) == []
    follow()
    assert figures() == (1, 10_000)
    assert reconcile() == (2, 0)


def test_a_notification_that_comes_after_the_bill_changes_nothing() -> None:
    friends()
    reconcile()
    notify()
    assert work(*receive()) == []
    follow()
    assert figures() == (1, 10_000)
    assert quarantined() == []
