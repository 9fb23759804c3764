"""Scenario 7: a key that was used comes again with another amount. Nothing is written, somebody is
told no where somebody waits for an answer, and the anomaly is counted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from siyu.services.verify_till import till_secret
from siyu.storage import coupons
from tests.acceptance.orders import (
    balance,
    figures,
    follow,
    friends,
    logged,
    paid,
    quarantined,
    refunded,
    told,
    work,
)
from tests.functions.callbacks import counted, print_metrics
from tests.functions.calls import ANN, BOB, Event, body, call, load, refused, signed
from tests.services.shop import STORE
from tests.support import dump, kinds

REDEEM = load("coupon_redeem/redeem")
Printed = Callable[[], dict[str, float]]


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Printed:
    """The metrics that were counted since the last look."""
    print_metrics(monkeypatch)
    return lambda: counted(capsys.readouterr().out)


def unchanged(before: dict[Any, Event]) -> bool:
    """Whether nothing is in the table beside what was, but quarantine."""
    after = {key: item for key, item in dump().items() if item["kind"]["S"] != "QUARANTINE"}
    return after == before


FIRST = [paid("d1"), refunded("d2", 3_000)]
ANOMALIES = {
    "the delivery says another amount": (paid("d1", amount=10_001), "reused_delivery_id"),
    "the delivery is of another order": (paid("d1", "2"), "reused_delivery_id"),
    "the delivery is another event": (
        told("order.cancelled", "d1", order_id="1"),
        "reused_delivery_id",
    ),
    "the refund's delivery says another amount": (refunded("d2", 3_001), "reused_delivery_id"),
    "the sale had another amount": (paid("d3", amount=10_001), "conflicting_fact"),
    "the sale had a smaller amount": (paid("d3", amount=1), "conflicting_fact"),
    "the sale is another store's": (paid("d3", store_id="B2C"), "conflicting_fact"),
}


@pytest.mark.parametrize("name", ANOMALIES)
def test_an_event_under_a_used_key_is_counted_and_changes_nothing(
    name: str, printed: Printed
) -> None:
    text, reason = ANOMALIES[name]
    friends()
    first = [paid("d1", store_id="A1B"), FIRST[1]] if name.endswith("store's") else FIRST
    assert work(*first) == []
    follow()
    before = dump()
    printed()
    with logged() as rows:
        assert work(text) == []
    assert unchanged(before)
    assert printed() == {"EventQuarantined": 1}
    assert quarantined() == [reason]
    assert [(row["level"], row["message"], row["reason"]) for row in rows] == [
        ("WARNING", "event_quarantined", reason)
    ]
    follow()
    assert figures() == (1, 7_000)
    assert (balance().earned_minor, balance().reversed_minor) == (500, 150)


@pytest.mark.parametrize("name", ANOMALIES)
def test_told_the_other_way_round_the_other_one_stands_and_is_whole(name: str) -> None:
    text, _ = ANOMALIES[name]
    friends()
    assert work(text) == []
    before = dump()
    first = refunded("d2", 3_000) if "refund" in name else paid("d1", store_id="A1B")
    assert work(first) == []
    assert unchanged(before)
    assert quarantined() in (["reused_delivery_id"], ["conflicting_fact"])


def test_in_one_batch_the_first_one_stands(printed: Printed) -> None:
    """Both are read for together, when neither is in the table yet."""
    friends()
    texts = [paid("d1"), paid("d1", amount=20_000), paid("d2", amount=30_000)]
    assert work(*texts) == []
    assert figures() == (1, 10_000)
    assert quarantined() == ["conflicting_fact", "reused_delivery_id"]
    counts = printed()
    assert (counts["EventRecorded"], counts["EventQuarantined"]) == (1, 2)


def test_in_one_batch_two_strangers_orders_do_not_share_a_delivery(printed: Printed) -> None:
    """They have nothing in common but the key itself, which alone can keep them apart."""
    assert work(paid("d1", "1", buyer=None), paid("d1", "2", buyer=None)) == []
    assert kinds() == {"ORDER": 1, "FACT": 1, "DELIVERY": 1, "QUARANTINE": 1}
    assert quarantined() == ["reused_delivery_id"]


def test_what_is_said_more_fully_or_once_more_is_no_anomaly(printed: Printed) -> None:
    friends()
    texts = [*FIRST, paid("d3", store_id="A1B"), refunded("d4", 3_000), refunded("d5", 2_000)]
    assert work(*texts, paid("d1"), paid("d6")) == []
    assert quarantined() == []
    assert figures() == (1, 7_000)
    assert "EventQuarantined" not in printed()


def redeem(code: str, spend: int, redemption: str) -> Any:
    text = json.dumps({"coupon_code": code, "spend_minor": spend})
    event = signed(REDEEM, text, redemption, secret=till_secret(STORE, 1))
    return call("coupon_redeem", event)


def code_of(member_id: str) -> str:
    found = [item for item in dump().values() if item["kind"]["S"] == "COUPON"]
    (code,) = (item["code"]["S"] for item in found if item["member_id"]["S"] == member_id)
    assert coupons.owner_of(code) == member_id
    return str(code)


def test_a_till_that_waits_for_an_answer_hears_409(printed: Printed) -> None:
    friends()
    anns, bobs = code_of(ANN), code_of(BOB)
    first = redeem(anns, 12_800, "till-1")
    assert (first["statusCode"], body(first)["status"]) == (200, "redeemed")
    before = dump()
    printed()
    refused(redeem(anns, 12_801, "till-1"), 409, "coupon_used")
    refused(redeem(anns, 12_800, "till-2"), 409, "coupon_used")
    refused(redeem(bobs, 12_800, "till-1"), 409, "redemption_id_used")
    refused(redeem(bobs, 12_801, "till-1"), 409, "redemption_id_used")
    assert dump() == before
    assert "CouponRedeemed" not in printed()
    assert redeem(anns, 12_800, "till-1") == first
    assert redeem(bobs, 12_800, "till-3")["statusCode"] == 200


def test_a_buyer_who_changes_is_no_second_buyer() -> None:
    """A refund without a sale that names somebody else takes from the first one only."""
    friends()
    fields: dict[str, Any] = {"refund_id": "r9", "refunded_minor": 500}
    assert work(told("order.refunded", "x1", buyer_id="b", **fields)) == []
    before = dump()
    assert work(told("order.refunded", "x2", buyer_id="c", **fields)) == []
    assert unchanged(before)
    assert quarantined() == ["conflicting_fact"]
