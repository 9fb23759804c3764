"""What a WeChat Shop's orders come to: the API tells, and every order of pushes ends the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from typing import Any
from urllib.parse import urlencode

import pytest

from siyu.domain.order_facts import Line
from siyu.domain.orders import Order
from siyu.storage import orders
from tests.channels import wechat_shop as shop
from tests.channels.wechat_shop import (
    AFTERSALE_ID,
    ALL_RETURNED,
    COMPLETED,
    ORDER_ID,
    PLACED,
    SHIPPED,
    TO_SHIP,
    aftersale,
    aftersale_push,
    order,
    push,
)
from tests.functions.calls import batch, call
from tests.functions.make_events import http
from tests.support import dump, forget_login_codes, kinds, receive, standin

pytestmark = pytest.mark.usefixtures("empty_table")

SECOND = AFTERSALE_ID + 1
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def empty_shop() -> None:
    forget_login_codes()


def event(content: Json, *, safe: bool = False) -> Json:
    text, asked = json.dumps(content), shop.query()
    if safe:
        text, asked = shop.safe(text)
    return http("POST", shop.SAFE_PATH if safe else shop.PATH, text, urlencode(asked))


def send(*pushes: Json, **how: bool) -> list[str]:
    """Each push goes through the receiver and the queue to the worker; what has to come again."""
    for one in pushes:
        assert call("order_webhook", event(one, **how))["statusCode"] == 200
    return work(receive())


def work(messages: list[str]) -> list[str]:
    failed = call("order_worker", batch(*messages))["batchItemFailures"]
    return [messages[int(one["itemIdentifier"][1:]) - 1] for one in failed]


def have(current: Json, *aftersales: Json) -> None:
    """The shop has this order now, and these after-sale orders."""
    standin.put_order(current)
    for one in aftersales:
        standin.put_aftersale(one)


def standing(order_id: int = ORDER_ID, source: str = "weishop") -> Order:
    return orders.find([f"{source}#{order_id}"])[f"{source}#{order_id}"].order


def told(current: Json, *aftersales: Json, by: Json | None = None) -> Order:
    have(current, *aftersales)
    assert send(by or push("settle")) == []
    assert reasons() == []
    return standing()


def reasons() -> list[str]:
    return [one["reason"]["S"] for one in dump().values() if one["kind"]["S"] == "QUARANTINE"]


def test_a_sale_is_the_order_as_the_shop_has_it_digit_for_digit() -> None:
    known = told(order(), by=push("pay", pay_time=1, order_price=1))
    assert known.paid is not None
    assert (known.order_id, known.payment_id) == ("3705115058471208929", shop.TRANSACTION)
    assert known.paid.amount_minor == 12_800
    assert known.paid.occurred_at.isoformat() == "2026-11-22T03:56:00+00:00"
    assert known.paid.lines == (Line("CUP-WHITE", 2, 11_000), Line("20000000000235", 1, 1_000))
    assert [one.partition("#")[0] for one in known.people] == ["openid", "unionid"]
    stored = json.dumps(list(dump().values()), ensure_ascii=False)
    names = ("13800138000", "shop-openid-ann", "union-ann", "请尽快发货")
    assert not [one for one in names if one in stored]


def test_an_encrypted_push_says_the_same() -> None:
    have(order())
    assert send(push("pay"), safe=True) == []
    assert standing(source="weishop_safe").net_minor == 12_800


def stages(order_id: int, aftersale_id: int) -> list[tuple[Json, Json, Json | None]]:
    """A push, and what the shop has at that moment."""
    ids: Json = {"order_id": order_id, "aftersale_id": aftersale_id}
    returned = order(ALL_RETURNED, aftersale_id, order_id=order_id)
    return [
        (push("new", order_id), order(PLACED, order_id=order_id), None),
        (push("pay", order_id), order(TO_SHIP, order_id=order_id), None),
        (push("deliver", order_id), order(SHIPPED, order_id=order_id), None),
        (
            aftersale_push(**ids),
            order(SHIPPED, aftersale_id, order_id=order_id),
            aftersale(12_800, **ids),
        ),
        (push("cancel", order_id, cancel_type=3), returned, aftersale(12_800, **ids)),
    ]


@pytest.mark.slow
def test_every_order_of_pushes_ends_in_the_same_state() -> None:
    """Whenever the worker comes to a push, it asks; what it hears at each moment is folded."""
    found = set()
    for number, sent in enumerate(permutations(range(5))):
        order_id, aftersale_id = ORDER_ID + number, AFTERSALE_ID + number
        life = stages(order_id, aftersale_id)
        for one, current, returned in (life[stage] for stage in sent):
            have(current, *([returned] if returned else []))
            assert send(one) == []
        known = standing(order_id)
        assert known.paid is not None
        assert (known.refunds, known.net_minor) == ({str(aftersale_id): 12_800}, 0)
        paid = replace(known.paid, payment_id=None)
        found.add(repr(replace(known, order_id="", refunds={}, paid=paid)))
    assert len(found) == 1
    assert reasons() == []


def test_an_order_that_is_cancelled_after_its_refunds_takes_nothing_twice() -> None:
    both = [aftersale(10_000), aftersale(2_800, aftersale_id=SECOND)]
    assert told(order(SHIPPED, AFTERSALE_ID, SECOND), *both, by=aftersale_push()).net_minor == 0
    cancelled = order(ALL_RETURNED, AFTERSALE_ID, SECOND)
    known = told(cancelled, by=push("cancel", cancel_type=3))
    assert (known.refunded_minor, known.given_back_minor, known.net_minor) == (12_800, 12_800, 0)
    assert known.cancelled_at is not None


def test_asking_again_tells_the_same_facts() -> None:
    told(order(COMPLETED, AFTERSALE_ID), aftersale())
    before = dump()
    assert kinds()["FACT"] == 4
    told(order(COMPLETED, AFTERSALE_ID, update_time=shop.CANCELLED), by=push("deliver"))
    assert {key[0] for key in dump()} == {key[0] for key in before}
    assert kinds()["FACT"] == 4


def test_one_push_makes_up_for_all_that_were_lost() -> None:
    known = told(order(COMPLETED, AFTERSALE_ID), aftersale(), by=push("confirm", confirm_type=1))
    assert None not in (known.created_at, known.paid, known.completed_at)
    assert (known.net_minor, known.cancelled_at) == (9_999, None)


def busy() -> None:
    have(order())
    standin.keep_busy(2)


def unpaid_yet() -> None:
    have(order(PLACED))


def unreturned_yet() -> None:
    have(order(SHIPPED, AFTERSALE_ID), aftersale(status="MERCHANT_PROCESSING"))


WAITING: dict[str, tuple[Json, Callable[[], None]]] = {
    "busy": (push("pay"), busy),
    "payment not known yet": (push("pay"), unpaid_yet),
    "refund not known yet": (aftersale_push(), unreturned_yet),
}


@pytest.mark.parametrize(("content", "trouble"), WAITING.values(), ids=WAITING)
def test_a_push_that_cannot_be_answered_comes_again_and_nothing_is_lost(
    content: Json, trouble: Callable[[], None]
) -> None:
    trouble()
    again = send(content)
    assert (len(again), kinds()) == (1, {})
    have(order(SHIPPED, AFTERSALE_ID), aftersale())
    assert work(again) == []
    assert (standing().net_minor, reasons()) == (9_999, [])


def test_a_push_that_has_to_come_again_keeps_no_other_from_being_read() -> None:
    have(order(PLACED))
    have(order(order_id=ORDER_ID + 1))
    assert len(send(push("pay"), push("pay", ORDER_ID + 1))) == 1
    assert standing(ORDER_ID + 1).net_minor == 12_800
