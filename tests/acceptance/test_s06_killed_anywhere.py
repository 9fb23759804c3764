"""Scenario 6: the receiver, the worker or what calls them dies at any call they make to the queue
or to the table, before it or after it took effect; or the answer of that call is lost. Then the
sender sends again and the queue delivers again, until nothing is left. The end is always the same.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from itertools import product
from typing import Any

import pytest

from siyu.domain.ledger import Balance
from tests.acceptance.accidents import WRITE, whole_line
from tests.acceptance.orders import (
    BOBS,
    balance,
    figures,
    follow,
    friends,
    no_pauses,
    paid,
    posted,
    quarantined,
    standing,
    stream_of,
    told,
    webhook,
    work,
)
from tests.acceptance.poller import DEAD, MAX_RECEIVES, depth, poll
from tests.faults import Fault, KilledError, at_call
from tests.functions.calls import Event, batch, call
from tests.services.shop import receipt, scan
from tests.sigkill import killed
from tests.support import empty_table, fresh_engine, kinds

ACCIDENTS = ("killed before", "killed after", "lost before", "lost after")
READ, KEEP = "BatchGetItem", "PutItem"
IN, OUT = ["SendMessage", "ReceiveMessage"], ["DeleteMessage", "ReceiveMessage"]

SALE = webhook("order.paid", "msg-1", order_id="1", paid_minor=10_000, buyer=BOBS)
UNKNOWN = webhook(
    "order.paid",
    "msg-1",
    order_id="1",
    paid_minor=10_000,
    buyer_id="b",
    receipt_token=receipt(7),
)
REFUND = webhook("order.refunded", "msg-2", order_id="1", refund_id="r", refunded_minor=3_000)
LINKED = webhook("order.paid", "msg-1", order_id="1", paid_minor=9_000, payment_id="42")
PAYMENT: dict[str, Any] = {"payment_id": "42", "payment_only": True, "buyer": BOBS}
VOID = webhook("order.cancelled", "msg-3", order_id="1")
POISON = posted('{"type": "order.paid", "data": {}}', "msg-4")
OTHER = webhook("order.paid", "msg-5", order_id="5", paid_minor=5_000, buyer=BOBS)
Before = Callable[[], object]


def recorded(*texts: str) -> Before:
    return lambda: work(*texts)


CASES: dict[str, tuple[Before, list[Event], list[str]]] = {
    "sale to a member": (friends, [SALE], [*IN, READ, READ, WRITE, *OUT]),
    "sale of an unknown buyer": (friends, [UNKNOWN], [*IN, READ, WRITE, *OUT]),
    "sale whose receipt was scanned before": (
        lambda: scan(receipt(7), "openid-bob"),
        [UNKNOWN],
        [*IN, READ, READ, WRITE, *OUT],
    ),
    "refund": (recorded(paid("d1")), [REFUND], [*IN, READ, READ, WRITE, *OUT]),
    "refund before its sale": (friends, [REFUND], [*IN, READ, WRITE, *OUT]),
    "second report of a sale": (
        recorded(told("order.paid", "p1", "pay2", order_id="P", paid_minor=10_000, **PAYMENT)),
        [LINKED],
        [*IN, READ, READ, WRITE, *OUT],
    ),
    "refund of a linked sale": (
        recorded(paid("d1", payment_id="42")),
        [REFUND],
        [*IN, READ, READ, READ, WRITE, *OUT],
    ),
    "cancelled": (recorded(paid("d1")), [VOID], [*IN, READ, READ, WRITE, *OUT]),
    "told before": (recorded(paid("msg-1")), [SALE], [*IN, READ, *OUT]),
    "poison": (friends, [POISON], [*IN, KEEP, *OUT]),
    "mixed batch": (
        recorded(paid("d1")),
        [OTHER, POISON, REFUND, SALE],
        [
            *["SendMessage"] * 4,
            "ReceiveMessage",
            *[READ, READ, WRITE, KEEP],
            *[READ, READ, WRITE],
            *["DeleteMessage"] * 4,
            "ReceiveMessage",
        ],
    ),
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh_engine()
    no_pauses(monkeypatch)


def begin(case: str) -> None:
    before, _, _ = CASES[case]
    empty_table()
    if before is not friends:
        friends()
    before()


def again(step: Callable[[], Any]) -> Any:
    """A sender, or Lambda, that does it once more when whoever worked on it died."""
    for _ in range(MAX_RECEIVES - 1):
        with suppress(KilledError):
            return step()
    return step()


def accept(event: Event) -> None:
    assert again(lambda: call("order_webhook", event))["statusCode"] == 202


def run(case: str, fault: Fault) -> list[str]:
    """The webhooks of a case, from their senders until the queue is empty; all calls made."""
    _, events, _ = CASES[case]
    with whole_line(fault) as broken:
        for event in events:
            accept(event)
        while again(poll):
            pass
    assert (depth(), depth(DEAD.ref)) == (0, 0)
    return broken.calls


def outcome() -> tuple[dict[Any, Any], list[str], dict[str, int]]:
    follow()
    traces = {name: kinds().get(name, 0) for name in ("FACT", "DELIVERY", "IDENTITY")}
    # What a sender sends twice and nobody can read is set aside twice, under the queue's two names.
    return standing(), sorted(set(quarantined())), traces


@pytest.mark.parametrize("case", CASES)
def test_these_are_all_the_calls_there_are(case: str) -> None:
    """Whoever adds a call adds it here, and so to the places where everything can die."""
    begin(case)
    assert run(case, lambda _number, _operation: None) == CASES[case][2]


@cache
def expected(case: str) -> tuple[list[str], Any]:
    """All calls of a quiet run, and what it came to."""
    begin(case)
    calls = run(case, lambda _number, _operation: None)
    return calls, outcome()


def pair(case: str, accident: str) -> Any:
    """An accident of a case; most are for `make test-slow`."""
    slow = case == "mixed batch" or accident != "killed after"
    return pytest.param(case, accident, marks=pytest.mark.slow if slow else ())


@pytest.mark.parametrize(
    ("case", "accident"), [pair(*names) for names in product(CASES, ACCIDENTS)]
)
def test_an_accident_at_any_call_ends_like_no_accident(case: str, accident: str) -> None:
    calls, end = expected(case)
    for number, operation in enumerate(calls, 1):
        begin(case)
        run(case, at_call(number, accident))
        assert outcome() == end, f"{accident} {operation}, call {number}"


def test_two_accidents_in_a_row_are_no_worse_than_one() -> None:
    """The worker dies after it wrote, and its successor before it has told the queue."""
    _, end = expected("sale to a member")
    begin("sale to a member")
    run("sale to a member", lambda number, _: "killed after" if number in (5, 7) else None)
    assert outcome() == end


def test_a_worker_that_is_really_killed_leaves_all_or_nothing() -> None:
    """By SIGKILL, in a process of its own, before and after each of its calls: for the secrets, two
    reads and the write."""
    friends()
    points = list(product(range(1, 5), ("before", "after")))
    texts = [paid(f"d{place}", str(place)) for place in range(len(points))]
    deaths = [(*point, batch(text)) for point, text in zip(points, texts, strict=True)]
    assert killed("order_worker", deaths) == [-signal.SIGKILL] * len(points)
    # Only who died after the last call, the write, had an effect, and had it whole.
    assert figures() == (1, 10_000)
    assert (kinds()["ORDER"], kinds()["FACT"], kinds()["DELIVERY"]) == (1, 1, 1)
    assert work(*texts) == []
    follow()
    assert figures() == (8, 80_000)
    assert balance() == Balance(pending_minor=4_000, earned_minor=4_000)


def test_a_crediting_function_that_is_really_killed_credits_once() -> None:
    friends()
    assert work(paid("d1")) == []
    event = stream_of("ReferralCreditFunction")
    # Nine reads and the write, before the look that follows it: each of them died.
    points = list(product(range(1, 11), ("before", "after")))
    deaths = [(*point, event) for point in points]
    assert killed("referral_credit", deaths) == [-signal.SIGKILL] * len(points)
    assert balance() == Balance(pending_minor=500, earned_minor=500)
    follow()
    assert balance() == Balance(pending_minor=500, earned_minor=500)
