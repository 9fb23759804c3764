"""Retries, splits and giving up of stream batches, as Lambda documents them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.local import stream_delivery
from infra.local.invoke import failed_ids
from infra.local.metering import Units
from infra.local.progress import Progress
from infra.local.sources import Source
from infra.local.stream_delivery import Delivery, Stopped

Records = list[dict[str, Any]]


class Outbox:
    """Takes the place of the SQS client."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def call(self, _operation: str, **payload: Any) -> dict[str, Any]:
        self.messages.append(json.loads(payload["MessageBody"]))
        return {}


class Bench:
    """A delivery with a scripted function; `seen` has the sequence numbers of each call."""

    def __init__(self, path: Path, answer: Callable[[list[str]], Any], **mapping: Any) -> None:
        stream = {"table": "Table", "max_retries": 1, "partial_failures": True, "patterns": []}
        source = Source(
            name="s", function="F", handler="", timeout=3, memory=128, status_path="",
            queue_endpoint="", dynamodb_endpoint="", address="", arn="arn:stream",
            on_failure_url="url", stream={**stream, **mapping},
        )  # fmt: skip
        self.seen: list[list[str]] = []
        self.outbox = Outbox()
        self.progress = Progress(path / "status.json", Units)
        self.stop = threading.Event()
        self._answer = answer
        outbox: Any = self.outbox
        self.delivery = Delivery(source, outbox, self._invoke, self.progress, self.stop)

    def _invoke(self, records: Records) -> Any:
        numbers = [stream_delivery.sequence(record) for record in records]
        self.seen.append(numbers)
        return self._answer(numbers)

    def deliver(self, count: int) -> None:
        records = [
            {"dynamodb": {"SequenceNumber": str(n), "ApproximateCreationDateTime": 1.5}}
            for n in range(1, count + 1)
        ]
        self.delivery.deliver("shard", records)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_delivery, "FIRST_PAUSE", 0.0)


def raise_on(poison: str) -> Callable[[list[str]], None]:
    def answer(numbers: list[str]) -> None:
        if poison in numbers:
            raise RuntimeError(poison)

    return answer


def report(*failed: str) -> Callable[[list[str]], dict[str, Any]]:
    return lambda numbers: {
        "batchItemFailures": [{"itemIdentifier": n} for n in numbers if n in failed]
    }


def test_a_good_batch_is_delivered_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, report())
    bench.deliver(3)
    assert bench.seen == [["1", "2", "3"]]
    assert bench.progress.status.processed == 3


def test_a_partial_failure_resumes_at_the_first_failed_record(tmp_path: Path) -> None:
    bench = Bench(tmp_path, report("3"))
    bench.deliver(4)
    assert bench.seen == [["1", "2", "3", "4"], ["3", "4"]]
    assert (bench.progress.status.processed, bench.progress.status.failed) == (2, 2)
    assert bench.outbox.messages[0]["DDBStreamBatchInfo"]["batchSize"] == 2


def test_bisect_isolates_a_poisoned_record(tmp_path: Path) -> None:
    bench = Bench(tmp_path, raise_on("2"), bisect=True)
    bench.deliver(4)
    assert bench.seen == [["1", "2", "3", "4"], ["1", "2"], ["1"], ["2"], ["2"], ["3", "4"]]
    assert (bench.progress.status.processed, bench.progress.status.failed) == (3, 1)
    message = bench.outbox.messages[0]
    assert message["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert message["requestContext"]["approximateInvokeCount"] == 2
    assert message["responseContext"]["functionError"] == "Unhandled"
    assert message["DDBStreamBatchInfo"] == {
        "shardId": "shard",
        "startSequenceNumber": "2",
        "endSequenceNumber": "2",
        "approximateArrivalOfFirstRecord": "1970-01-01T00:00:01.500Z",
        "approximateArrivalOfLastRecord": "1970-01-01T00:00:01.500Z",
        "batchSize": 1,
        "streamArn": "arn:stream",
    }


def test_without_bisect_the_whole_batch_is_given_up(tmp_path: Path) -> None:
    bench = Bench(tmp_path, raise_on("2"), max_retries=2)
    bench.deliver(3)
    assert bench.seen == [["1", "2", "3"]] * 3
    assert bench.progress.status.failed == 3


def test_an_answer_is_ignored_when_failures_are_not_reported(tmp_path: Path) -> None:
    bench = Bench(tmp_path, report("1"), partial_failures=False)
    bench.deliver(2)
    assert bench.progress.status.processed == 2


def test_retries_without_end_stop_with_the_poller(tmp_path: Path) -> None:
    bench = Bench(tmp_path, raise_on("1"), max_retries=-1)
    bench.stop.set()
    with pytest.raises(Stopped):
        bench.deliver(1)
    assert bench.progress.status.failed == 0


@pytest.mark.parametrize(
    "empty", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}]
)
def test_empty_answers_are_success(empty: Any) -> None:
    assert failed_ids(empty, ["1"]) == set()


@pytest.mark.parametrize("identifier", ["", None, "unknown"])
def test_unreadable_answers_fail_the_batch(identifier: Any) -> None:
    assert failed_ids({"batchItemFailures": [{"itemIdentifier": identifier}]}, ["1"]) is None
    assert failed_ids({"batchItemFailures": [{}]}, ["1"]) is None
    assert failed_ids("text", ["1"]) is None
