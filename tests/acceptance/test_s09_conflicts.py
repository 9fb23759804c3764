"""Scenario 9: the table refuses three times because of a conflict. The fourth try succeeds, each
after a random pause; a condition that failed is another matter: it is read and decided again."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from botocore.awsrequest import AWSPreparedRequest

from siyu.storage import backoff
from siyu.storage.transaction import ATTEMPTS
from tests.acceptance.accidents import WRITE, Hook, first, hooked
from tests.acceptance.orders import (
    DONE,
    balance,
    cancelled,
    figures,
    follow,
    friends,
    paid,
    refunded,
    stream_of,
    work,
)
from tests.faults import line
from tests.functions.calls import call
from tests.support import dump

CONFLICTS = ["conflict"] * 3


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it waited before another try; it really waits."""
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        time.sleep(seconds)

    monkeypatch.setattr(backoff, "time", SimpleNamespace(sleep=sleep))
    return waited


def caps(tries: int) -> list[float]:
    return [min(backoff.CAP_SECONDS, backoff.BASE_SECONDS * 2**number) for number in range(tries)]


def test_the_fourth_try_records_the_sale_once(pauses: list[float]) -> None:
    friends()
    started = time.monotonic()
    with line(first(CONFLICTS)) as busy:
        assert work(paid("d1")) == []
    took = time.monotonic() - started
    # The same write four times: nothing is read in between.
    assert busy.calls == ["BatchGetItem", "BatchGetItem", *[WRITE] * 4]
    assert len(pauses) == 3
    assert took >= sum(pauses)
    follow()
    assert (figures(), balance().earned_minor) == ((1, 10_000), 500)


def test_the_fourth_try_credits_the_referrer_once(pauses: list[float]) -> None:
    friends()
    assert work(paid("d1")) == []
    with line(first(CONFLICTS)) as busy:
        assert call("referral_credit", stream_of("ReferralCreditFunction")) == DONE
    # The same write four times; afterwards it is looked at once more, and nothing written.
    written = busy.calls.index(WRITE)
    assert busy.calls[written : written + 4] == [WRITE] * 4
    assert busy.calls.count(WRITE) == 4
    assert len(pauses) == 3
    assert (balance().pending_minor, balance().earned_minor) == (500, 500)


def test_pauses_are_random_below_a_cap_that_doubles(pauses: list[float]) -> None:
    """Those who collided must not come back in step."""
    friends()
    for number in range(12):
        with line(first(CONFLICTS)):
            assert work(paid(f"d{number}", str(number))) == []
    rounds = [pauses[start : start + 3] for start in range(0, len(pauses), 3)]
    assert len(rounds) == 12
    assert len(set(pauses)) == len(pauses)
    for number, cap in enumerate(caps(3)):
        column = [one[number] for one in rounds]
        assert max(column) < cap
        # Full jitter: spread over the whole range, not around its end.
        assert max(column) - min(column) > cap / 4
    assert figures() == (12, 120_000)


def test_no_pause_is_longer_than_the_cap(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "BASE_SECONDS", 0.002)
    monkeypatch.setattr(backoff, "CAP_SECONDS", 0.008)
    friends()
    with line(first(["conflict"] * (ATTEMPTS - 1))) as busy:
        assert work(paid("d1")) == []
    assert busy.calls.count(WRITE) == ATTEMPTS
    assert all(pause < cap for pause, cap in zip(pauses, caps(ATTEMPTS), strict=False))
    assert max(caps(ATTEMPTS)) == 0.008


def test_endless_conflicts_give_the_message_back_and_write_nothing(pauses: list[float]) -> None:
    friends()
    before = dump()
    with line(first(["conflict"] * ATTEMPTS)) as busy:
        assert work(paid("d1")) == ["m1"]
    assert busy.calls.count(WRITE) == len(pauses) == ATTEMPTS
    assert dump() == before
    assert work(paid("d1")) == []
    assert figures() == (1, 10_000)


class Meanwhile(Hook):
    """Another worker records something just before the first write arrives."""

    def __init__(self, text: str) -> None:
        self._text: str | None = text

    def on(self, operation: str, _request: AWSPreparedRequest) -> None:
        text = self._text
        if operation == WRITE and text is not None:
            self._text = None
            assert work(text) == []


@pytest.mark.parametrize(
    ("text", "calls", "expected"),
    [
        (refunded("d2", 3_000), "rrw rw rrw", (1, 7_000)),
        (cancelled("d2"), "rrw rw rrw", (0, 0)),
        (paid("d2", "2", 500), "rrw rrw rrw", (2, 10_500)),
        (paid("d1"), "rrw rrw r", (1, 10_000)),
    ],
    ids=["same order", "cancelled", "same member", "same delivery"],
)
def test_a_failed_condition_is_read_and_decided_again_and_not_sent_again(
    text: str, calls: str, expected: tuple[int, int], pauses: list[float]
) -> None:
    """Reads and writes: the first, those of the other one meanwhile, and the second."""
    friends()
    with line() as seen, hooked(Meanwhile(text)):
        assert work(paid("d1")) == []
    letters = {"BatchGetItem": "r", WRITE: "w"}
    assert "".join(letters[name] for name in seen.calls) == calls.replace(" ", "")
    assert len(pauses) == 1
    assert figures() == expected


def test_conflict_after_failed_condition_after_conflict_comes_to_the_same() -> None:
    friends()
    fault = first(["conflict", None, "conflict", "conflict"])
    with line(fault), hooked(Meanwhile(refunded("d2", 3_000))):
        assert work(paid("d1")) == []
    follow()
    assert figures() == (1, 7_000)
    assert (balance().earned_minor, balance().reversed_minor) == (500, 150)
