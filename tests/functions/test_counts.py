"""What is counted adds up to what happened: money once, and nothing that was not written."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from siyu import counts
from siyu.services.attach_orders import attach
from siyu.storage.transaction import ATTEMPTS
from tests.faults import line
from tests.functions.callbacks import counted, print_metrics
from tests.functions.calls import ANN, BOB, batch, call, join, load, message
from tests.services.shop import door, receipt

Counted = Callable[[], dict[str, float]]


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Counted:
    """The metrics since the last look."""
    print_metrics(monkeypatch)
    return lambda: counted(capsys.readouterr().out)


def sold(order_id: str, amount: int, delivery: str, **more: Any) -> str:
    return message("order.paid", delivery, order_id=order_id, paid_minor=amount, **more)


def back(order_id: str, amount: int, delivery: str) -> str:
    fields = {"order_id": order_id, "refund_id": "r1", "refunded_minor": amount}
    return message("order.refunded", delivery, **fields)


def sales(found: dict[str, float]) -> tuple[float, float]:
    return found.get("OrderCounted", 0), found.get("NetSalesMinor", 0)


def test_net_sales_follow_sales_and_refunds(numbers: Counted) -> None:
    call("order_worker", batch(sold("1", 10_000, "d1"), sold("2", 500, "d2")))
    assert sales(numbers()) == (2, 10_500)
    call("order_worker", batch(back("1", 4_000, "d3")))
    assert sales(numbers()) == (0, -4_000)
    call("order_worker", batch(back("2", 500, "d4")))
    assert sales(numbers()) == (-1, -500)


def test_the_same_again_is_counted_as_a_repeat_alone(numbers: Counted) -> None:
    call("order_worker", batch(sold("1", 10_000, "d1")))
    numbers()
    call("order_worker", batch(sold("1", 10_000, "d1")))
    assert numbers() == {"EventDuplicate": 1}


def test_a_refund_before_its_sale_counts_when_the_sale_comes(numbers: Counted) -> None:
    call("order_worker", batch(back("1", 4_000, "d1")))
    assert sales(numbers()) == (0, 0)
    call("order_worker", batch(sold("1", 10_000, "d2")))
    assert sales(numbers()) == (1, 6_000)


def test_a_sale_that_several_sources_tell_of_counts_once(numbers: Counted) -> None:
    """Also when it counted by itself before anybody said what payment it belongs to."""
    call("order_worker", batch(sold("1", 10_000, "d1")))
    assert sales(numbers()) == (1, 10_000)
    till = {**json.loads(sold("2", 10_000, "d2", payment_id="p1")), "source": "till"}
    call("order_worker", batch(json.dumps(till)))
    assert sales(numbers()) == (1, 10_000)
    call("order_worker", batch(sold("1", 10_000, "d3", payment_id="p1")))
    assert sales(numbers()) == (-1, -10_000)


def test_what_could_not_be_written_is_not_counted(numbers: Counted) -> None:
    with line(lambda _, operation: "conflict" if operation[0] == "T" else None):
        call("order_worker", batch(sold("1", 10_000, "d1")))
    found = numbers()
    assert found == {"TransactionRetried": ATTEMPTS, "TransactionGaveUp": 1}


def test_credit_is_counted_as_it_is_earned_and_taken_back(numbers: Counted) -> None:
    ann = join(ANN, door(), "openid-ann")
    join(BOB, receipt(4), "openid-bob", ann.referral_code)
    order = load("referral_credit/order_of_member")
    key = order["Records"][0]["dynamodb"]["NewImage"]["order_key"]["S"]
    call("order_worker", batch(sold(key.partition("#")[2], 10_000, "d1")))
    attach([key], BOB)
    numbers()
    call("referral_credit", order)
    assert numbers() == {"CreditEarnedMinor": 500, "LedgerEntryPosted": 1}
    call("order_worker", batch(back(key.partition("#")[2], 4_000, "d2")))
    numbers()
    call("referral_credit", order)
    assert numbers() == {"CreditReversedMinor": 200, "LedgerEntryPosted": 1}


def test_what_no_invocation_asked_for_is_never_written(numbers: Counted) -> None:
    counts.count("MemberJoined", 7)
    call("member_profile", load("member_profile/me"))
    assert numbers() == {}


def test_an_invocation_writes_one_line_however_much_it_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    print_metrics(monkeypatch)
    call("order_worker", batch(*(sold(str(number), 1, f"d{number}") for number in range(10))))
    written = [row for row in capsys.readouterr().out.splitlines() if row.startswith('{"_aws"')]
    assert len(written) == 1
    assert counted(written[0])["EventRecorded"] == 10
