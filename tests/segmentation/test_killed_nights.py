"""A night dies at any point and is run again: the end is that of a night that nobody disturbed,
byte by byte, and no member's label was written twice."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest

from siyu.aws import client
from siyu.domain.schemes import Scheme
from siyu.services.segment_members import segment_members
from siyu.storage import schemes
from siyu.storage.items import CONNECTION
from tests.faults import KilledError, at_call
from tests.segmentation.accidents import night_line
from tests.segmentation.copies import Table, label_writes, restore
from tests.segmentation.life import Life
from tests.sigkill import killed
from tests.support import dump

FIRST = date(2026, 9, 1)
TONIGHT = FIRST + timedelta(days=1)
POINTS = 20
MEMBERS = 24
NORTH = Scheme("north", window_days=90, stores=("N1N",), min_population=2, effective_from=FIRST)


@cache
def evening() -> tuple[Table, Table, int]:
    """A table before a night, the same after it, and how many calls the night makes."""
    life = Life(5)
    life.begin(FIRST - timedelta(days=1), MEMBERS)
    schemes.append(schemes.load(), NORTH, {})
    segment_members(FIRST)
    later = replace(NORTH, version=2, high=NORTH.high.MEAN, effective_from=TONIGHT)
    schemes.append(schemes.load(), later, {})
    life.live(FIRST, 25)
    before = dump()
    with night_line() as line:
        segment_members(TONIGHT)
    return before, dump(), len(line.calls)


@dataclass
class Sent:
    """What a night sends to be written: statements about labels, and pages by their key."""

    labels: list[dict[str, Any]] = field(default_factory=list)
    pages: list[tuple[tuple[str, str], dict[str, Any]]] = field(default_factory=list)

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> None:
        target: Any = request.headers["X-Amz-Target"]
        body: Any = request.body
        if target.decode().endswith("BatchExecuteStatement"):
            self.labels.extend(json.loads(body)["Statements"])
        elif target.decode().endswith("BatchWriteItem"):
            (requests,) = json.loads(body)["RequestItems"].values()
            items = [one["PutRequest"]["Item"] for one in requests]
            self.pages += [((item["PK"]["S"], item["SK"]["S"]), item) for item in items]


@contextmanager
def watched() -> Iterator[Sent]:
    sent = Sent()
    both: list[Any] = [client("dynamodb").meta.events, CONNECTION.client.meta.events]
    for events in both:
        events.register_first("before-send.dynamodb", sent)
    try:
        yield sent
    finally:
        for events in both:
            events.unregister("before-send.dynamodb", sent)


def points() -> list[tuple[int, int, str]]:
    """At which calls of the first and the second run it dies, and how; all calls but the reading of
    the shards are tried first, for there is most to go wrong."""
    luck = Random(20)
    return [
        (luck.choice([number % 16 - 10, luck.randint(-76, -1)]), luck.randint(1, 80), how)
        for number in range(POINTS)
        for how in [luck.choice(["killed before", "killed after"])]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(POINTS))
def test_a_night_that_died_ends_like_one_that_did_not(number: int) -> None:
    before, after, calls = evening()
    at, again_at, how = points()[number]
    restore(before)
    with watched() as sent:
        with pytest.raises(KilledError), night_line(at_call(at % (calls + 1) or calls, how)):
            segment_members(TONIGHT)
        with suppress(KilledError), night_line(at_call(again_at, how)):
            segment_members(TONIGHT)
        segment_members(TONIGHT)
    assert dump() == after
    assert max(label_writes(sent.labels, before).values()) == 1
    # A page that is written again is the same page.
    assert all(after[key] == page for key, page in sent.pages)
    assert sent.pages


@pytest.mark.parametrize("from_the_end", [60, 5, 3, 1])
def test_a_process_that_is_really_killed_leaves_a_night_that_ends_the_same(
    from_the_end: int,
) -> None:
    before, after, calls = evening()
    restore(before)
    event = {"scheduled_for": f"{FIRST}T18:30:00Z"}
    deaths = [(calls - from_the_end, "after", event)]
    assert killed("segment_nightly", deaths) == [-signal.SIGKILL]
    assert dump() != after or from_the_end == 0
    segment_members(TONIGHT)
    assert dump() == after
