"""Operators ask why an order earned nothing, and may name it as it is called."""

from __future__ import annotations

import pytest

from siyu.api import credit_id
from tests.functions.calls import refused, with_path
from tests.functions.make_events import http
from tests.functions.review_events import PATH
from tests.functions.reviewing import EVENTS, OPERATOR, ask, doubted, told
from tests.services.doubts import credit
from tests.services.shop import paid


def test_an_order_without_a_credit_says_why() -> None:
    doubted()
    assert told(http("GET", f"{PATH}/{credit_id.encode('shop#0')}", **OPERATOR)) == {
        "id": "c2hvcCMw",
        "order_key": "shop#0",
        "credit": None,
        "nothing_because": ["below_minimum"],
        "counted_in": None,
    }
    paid("9", 10_000, payment_id="42")
    shown = told(http("GET", f"{PATH}/shop%239", **OPERATOR))
    assert (shown["nothing_because"], shown["counted_in"]) == (["counted_in_sale"], "~sale#42")


def test_one_with_a_credit_says_nothing_of_it() -> None:
    doubted()
    shown = told(EVENTS["show"])
    assert (shown["nothing_because"], shown["counted_in"]) == ([], None)
    assert shown["credit"]["order_key"] == shown["order_key"] == "shop#1"


@pytest.mark.parametrize("name", ["shop%231", "shop#1", "%73hop%231"])
def test_an_order_is_named_by_its_key_as_urls_write_it(name: str) -> None:
    """The gateway may have decoded it."""
    doubted()
    assert told(with_path(EVENTS["show"], f"{PATH}/{name}")) == told(EVENTS["show"])
    done = told(with_path(EVENTS["approve"], f"{PATH}/{name}/decision"))
    assert (done["id"], credit().ruling is not None) == ("c2hvcCMx", True)


@pytest.mark.parametrize(
    "name", ["shop%232", "shop%25231", "%FF%23", "shop%2", "%ED%A0%80%231", "s%23" + "x" * 2_000]
)
def test_what_is_no_order_is_not_found(name: str) -> None:
    doubted()
    refused(ask(with_path(EVENTS["show"], f"{PATH}/{name}")), 404, "not_found")
