"""Scenario 5: the table has written, and its answer is lost. The SDK tries again; or the queue, or
the stream, delivers again; or it is tried again when the table has forgotten the request: in all
three there is exactly one effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from siyu.aws import RETRIES
from tests.acceptance.accidents import WRITE, ForgottenToken, first, hooked
from tests.acceptance.orders import (
    DONE,
    balance,
    figures,
    follow,
    friends,
    ledger,
    no_pauses,
    paid,
    refunded,
    state,
    stream_of,
    work,
)
from tests.faults import line
from tests.functions.calls import call
from tests.services.shop import receipt, scan
from tests.support import empty_table

Act = Callable[[], Any]
TRIES = RETRIES + 1


def told(text: str) -> Act:
    """The queue delivers a message."""
    return lambda: call_worker(text)


def call_worker(text: str) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": name} for name in work(text)]}


def streamed(function: str, package: str) -> Act:
    """The stream delivers all that happened."""
    return lambda: call(package, stream_of(function))


CREDIT = streamed("ReferralCreditFunction", "referral_credit")
ATTACH = streamed("MemberChangesFunction", "member_changes")
SALE, REFUND = told(paid("d1")), told(refunded("d2", 3_000))
NOBODYS = told(paid("d1", buyer=None, receipt_token=receipt(7)))
CASES: dict[str, tuple[list[Act], Act]] = {
    "sale": ([], SALE),
    "sale of nobody": ([], NOBODYS),
    "refund": ([SALE], REFUND),
    "refund before sale": ([], REFUND),
    "linked sale": ([told(paid("d0", "0", payment_id="42"))], told(paid("d1", payment_id="42"))),
    "credit": ([SALE], CREDIT),
    "reversal": ([SALE, CREDIT, REFUND], CREDIT),
    "claim": ([NOBODYS, lambda: scan(receipt(7), "openid-bob")], ATTACH),
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    no_pauses(monkeypatch)


def begin(case: str) -> Act:
    """All that came before; what remains is the act whose answer will be lost."""
    before, act = CASES[case]
    empty_table()
    friends()
    for one in before:
        one()
    return act


def outcome() -> dict[Any, Any]:
    follow()
    return state()


@pytest.fixture
def expected(case: str) -> dict[Any, Any]:
    assert begin(case)() == DONE
    return outcome()


parametrized = pytest.mark.parametrize("case", CASES)


@parametrized
def test_the_sdk_tries_again_and_the_table_knows_the_request(
    case: str, expected: dict[Any, Any]
) -> None:
    act = begin(case)
    with line(first(["lost after"])) as broken:
        assert act() == DONE
    assert broken.calls.count(WRITE) == 2
    assert outcome() == expected


@parametrized
def test_the_trigger_delivers_again_when_the_sdk_gave_up(
    case: str, expected: dict[Any, Any]
) -> None:
    act = begin(case)
    with line(first(["lost after", *["lost before"] * RETRIES])) as broken:
        assert len(act()["batchItemFailures"]) == 1
    assert broken.calls.count(WRITE) == TRIES
    written = state()
    with line() as quiet:
        assert act() == DONE
    assert WRITE not in quiet.calls
    assert state() == written
    assert outcome() == expected


@parametrized
def test_all_answers_of_a_try_may_be_lost(case: str, expected: dict[Any, Any]) -> None:
    act = begin(case)
    with line(first(["lost after"] * TRIES)):
        assert len(act()["batchItemFailures"]) == 1
    assert act() == DONE
    assert outcome() == expected


@parametrized
def test_twenty_minutes_later_the_table_has_forgotten_the_request_and_it_has_one_effect(
    case: str, expected: dict[Any, Any]
) -> None:
    """The same write comes under a token nobody knows: its own conditions refuse it, the items are
    read again, and there is nothing left to do."""
    act = begin(case)
    forgetful = ForgottenToken()
    with line() as quiet, hooked(forgetful):
        assert act() == DONE
    sent, again = forgetful.writes
    assert sent["TransactItems"] == again["TransactItems"]
    assert sent["ClientRequestToken"] != again["ClientRequestToken"]
    assert quiet.calls.count(WRITE) == 2
    assert quiet.calls[-1] != WRITE
    assert outcome() == expected


def test_one_effect_is_one_sale_and_one_entry() -> None:
    """What the cases above compare is not nothing."""
    begin("reversal")()
    assert figures() == (1, 7_000)
    assert (balance().pending_minor, balance().reversed_minor) == (350, 150)
    assert sorted(ledger().values()) == [150, 500]
