"""Pages that the table is too busy for are sent again, those alone, and given up aloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from siyu.errors import ContentionError
from siyu.storage.items import CONNECTION
from siyu.storage.nights import LabelPageItem
from siyu.storage.put_all import put_all
from tests.faults import Canned
from tests.support import dump


class Busy:
    """The first calls write nothing but what is let through."""

    def __init__(self, times: int) -> None:
        self.times, self.sizes = times, list[int]()

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        body: Any = request.body
        asked = json.loads(body)["RequestItems"]
        (wanted,) = asked.values()
        self.sizes.append(len(wanted))
        if len(self.sizes) > self.times:
            return None
        left = {table: some[len(some) // 2 :] for table, some in asked.items()}
        text = json.dumps({"UnprocessedItems": left}).encode()
        headers: Any = HTTPHeaders.from_dict({"Content-Type": "application/x-amz-json-1.0"})
        return AWSResponse(request.url, 200, headers, Canned(text))


@contextmanager
def busy(times: int) -> Iterator[Busy]:
    answer = Busy(times)
    events: Any = CONNECTION.client.meta.events
    events.register("before-send.dynamodb", answer)
    try:
        yield answer
    finally:
        events.unregister("before-send.dynamodb", answer)


def pages(count: int) -> Iterator[LabelPageItem]:
    return (
        LabelPageItem(f"SEGH#s#64#{one}", "2026-11-22", body=b"1", ttl=1) for one in range(count)
    )


def test_all_are_put_by_twenty_five() -> None:
    with busy(0) as line:
        put_all(pages(60))
    assert (line.sizes, len(dump())) == ([25, 25, 10], 60)


def test_those_that_were_not_written_are_sent_again_after_a_while() -> None:
    with patch("siyu.storage.backoff.time.sleep") as slept, busy(4) as line:
        put_all(pages(16))
    assert line.sizes == [16, 8, 4, 2, 1]
    assert slept.call_count == 4


def test_a_table_that_stays_busy_is_told() -> None:
    with (
        patch("siyu.storage.backoff.time.sleep"),
        busy(99) as line,
        pytest.raises(ContentionError, match="could not be written"),
    ):
        put_all(pages(1))
    assert line.sizes == [1] * 8


def test_nothing_is_put_without_a_call() -> None:
    with busy(0) as line:
        put_all(pages(0))
    assert line.sizes == []
