"""Scenario 10: the table throttles for two minutes. Receivers do not notice, workers give their
messages back, and when it is over the backlog drains and every total is exact. When the queue is
the one that is down, senders hear so within three seconds and come again.

Two minutes are counted in calls: the table refuses so many of them, the SDK's pauses are left out.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from pynamodb.exceptions import PynamoDBException

from siyu import aws
from siyu.aws import RETRIES
from tests.acceptance.accidents import Throttled, hooked, refusal
from tests.acceptance.orders import (
    BOBS,
    DONE,
    balance,
    figures,
    follow,
    friends,
    logged,
    no_pauses,
    quarantined,
    stream_of,
    webhook,
    work,
)
from tests.acceptance.poller import DEAD, depth, drain, poll
from tests.functions.calls import call, refused
from tests.support import dump, kinds, receive

BACKLOG = 25
SENDERS_PATIENCE = 3.0
"""Seconds."""


def sale(number: int) -> Any:
    fields: dict[str, Any] = {"order_id": str(number), "paid_minor": 10_000, "buyer": BOBS}
    return webhook("order.paid", f"msg-{number}", **fields)


def timed(event: Any) -> tuple[Any, float]:
    started = time.monotonic()
    answer = call("order_webhook", event)
    return answer, time.monotonic() - started


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return no_pauses(monkeypatch)


def test_receivers_do_not_notice_that_the_table_is_throttled() -> None:
    throttled = Throttled(10**6)
    with hooked(throttled):
        outcomes = [timed(sale(number)) for number in range(BACKLOG)]
    assert [answer["statusCode"] for answer, _ in outcomes] == [202] * BACKLOG
    assert max(seconds for _, seconds in outcomes) < 1
    assert throttled.seen == 0
    assert len(receive()) == BACKLOG


@pytest.mark.usefixtures("quick")
def test_workers_give_back_what_they_cannot_write_and_the_backlog_drains_exactly() -> None:
    friends()
    for number in range(BACKLOG):
        assert call("order_webhook", sale(number))["statusCode"] == 202
    before = dump()
    throttled = Throttled(10**6)
    with hooked(throttled), logged() as rows:
        assert poll() == 10
    assert throttled.seen == (1 + 10) * (RETRIES + 1)  # the common read, then each message's own
    assert dump() == before
    assert depth() == BACKLOG
    assert {row["message"] for row in rows} == {"read_ahead_failed", "event_failed"}
    assert drain() == BACKLOG
    follow()
    assert figures() == (BACKLOG, BACKLOG * 10_000)
    assert balance().pending_minor == BACKLOG * 500
    assert (depth(DEAD.ref), quarantined()) == (0, [])


@pytest.mark.usefixtures("quick")
def test_throttling_that_comes_and_goes_loses_and_doubles_nothing() -> None:
    """It starts and ends anywhere: between the reads, before a write, in the middle of a batch."""
    friends()
    for number in range(BACKLOG):
        call("order_webhook", sale(number))
    with hooked(Flickering(7, 3)):
        for _ in range(4):
            poll()
    assert 0 < depth() <= BACKLOG
    drain()
    follow()
    assert figures() == (BACKLOG, BACKLOG * 10_000)
    assert (kinds()["FACT"], depth(DEAD.ref)) == (BACKLOG, 0)


class Flickering(Throttled):
    """Throttles for some calls, lets some through, and again."""

    def __init__(self, bad: int, good: int) -> None:
        super().__init__(10**6)
        self._bad, self._round, self._count = bad, bad + good, 0

    def on(self, operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        self._count += 1
        return super().on(operation, request) if self._count % self._round < self._bad else None


@pytest.mark.usefixtures("quick")
def test_the_stream_resumes_where_it_was_throttled() -> None:
    friends()
    for number in range(3):
        assert call("order_webhook", sale(number))["statusCode"] == 202
    assert work(*receive()) == []
    event = stream_of("ReferralCreditFunction")
    throttled = Throttled(RETRIES + 1)
    with hooked(throttled), pytest.raises(PynamoDBException, match="Rate exceeded"):
        call("referral_credit", event)
    assert throttled.seen == throttled.left
    assert "ENTRY" not in kinds()
    assert call("referral_credit", event) == DONE
    assert balance().pending_minor == 3 * 500


@pytest.fixture
def queue_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Moves the queue to a port of this machine for one test."""

    def move(port: int) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{port}")
        aws.client.cache_clear()

    yield move
    monkeypatch.undo()
    aws.client.cache_clear()


@contextmanager
def listening() -> Iterator[int]:
    """A port that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def told_in_time(number: int) -> None:
    """The sender hears that it has to come again, soon enough to hear it at all."""
    with logged() as rows:
        answer, seconds = timed(sale(number))
    refused(answer, 503, "temporarily_unavailable")
    assert ("ERROR", "queue_unavailable") in [(row["level"], row["message"]) for row in rows]
    assert seconds < SENDERS_PATIENCE


def test_while_the_queue_is_silent_senders_hear_so_in_time(
    queue_at: Callable[[int], None],
) -> None:
    with listening() as port:
        queue_at(port)
        told_in_time(1)


def test_while_nobody_listens_senders_hear_so_in_time(queue_at: Callable[[int], None]) -> None:
    with listening() as port:
        queue_at(port)
    told_in_time(1)


@pytest.fixture
def throttled_queue() -> Iterator[Callable[[], None]]:
    """The queue refuses every call for being too many; what it is called with ends that."""

    def busy(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        return refusal(request, "sqs", "RequestThrottled")

    events = aws.client("sqs").meta.events
    events.register("before-send.sqs", busy)
    yield lambda: events.unregister("before-send.sqs", busy)
    events.unregister("before-send.sqs", busy)


def test_what_a_throttled_queue_did_not_take_is_taken_when_it_comes_again(
    throttled_queue: Callable[[], None], quick: list[float]
) -> None:
    told_in_time(1)
    throttled_queue()
    assert receive() == []
    assert call("order_webhook", sale(1))["statusCode"] == 202
    assert len(receive()) == 1
    assert quick


@pytest.mark.usefixtures("throttled_queue")
def test_while_the_queue_is_throttled_even_the_longest_pauses_leave_time(
    quick: list[float],
) -> None:
    """The SDK waits up to a second before its first retry, and twice as long before each other."""
    told_in_time(1)
    assert len(quick) >= 1
    assert sum(2**number for number in range(len(quick))) < SENDERS_PATIENCE
