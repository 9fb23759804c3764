"""Delivers batches of stream records with Lambda's rules for retries, splits and giving up."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from infra.local.aws_json import AwsJson
from infra.local.invoke import failed_ids, function_arn
from infra.local.progress import Progress
from infra.local.sources import Source

Record = dict[str, Any]
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0


class Stopped(Exception):  # noqa: N818 - not an error
    """The poller must end; the batch in hand is not done."""


def sequence(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


class Delivery:
    """One mapping's calls of its function."""

    def __init__(
        self,
        source: Source,
        queues: AwsJson,
        invoke: Callable[[list[Record]], Any],
        progress: Progress,
        stop: threading.Event,
    ) -> None:
        self._source = source
        self._mapping = source.stream_mapping()
        self._queues = queues
        self._invoke = invoke
        self._progress = progress
        self._stop = stop

    def deliver(self, shard: str, batch: list[Record], retries: int = 0) -> None:
        """Returns when every record is handled or given up. Raises Stopped on the way out."""
        pause = FIRST_PAUSE
        while batch:
            done, raised = self._try(batch)
            self._progress.status.processed += done
            batch = batch[done:]
            if not batch:
                return
            if raised and self._mapping.bisect and len(batch) > 1:
                # A split does not count as a retry.
                half = len(batch) // 2
                self.deliver(shard, batch[:half], retries)
                self.deliver(shard, batch[half:], retries)
                return
            if 0 <= self._mapping.max_retries <= retries:
                self._give_up(shard, batch, retries + 1, raised)
                return
            retries += 1
            self._pause(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _pause(self, seconds: float) -> None:
        self._progress.flush()
        if self._stop.wait(seconds):
            raise Stopped

    def _try(self, batch: list[Record]) -> tuple[int, bool]:
        """How many leading records are done, and whether the whole call failed."""
        try:
            result = self._invoke(batch)
        except Exception:  # noqa: BLE001 - logged by the invoker, retried by the caller
            return 0, True
        if not self._mapping.partial_failures:
            return len(batch), False
        order = [sequence(record) for record in batch]
        failed = failed_ids(result, order)
        if failed is None:
            return 0, True
        first = next((index for index, one in enumerate(order) if one in failed), len(batch))
        return first, False

    def _give_up(self, shard: str, batch: list[Record], calls: int, raised: bool) -> None:
        self._progress.status.failed += len(batch)
        if self._source.on_failure_url:
            message = self._failure_message(shard, batch, calls, raised)
            self._queues.call(
                "SendMessage",
                QueueUrl=self._source.on_failure_url,
                MessageBody=json.dumps(message),
            )

    def _failure_message(
        self, shard: str, batch: list[Record], calls: int, raised: bool
    ) -> dict[str, Any]:
        """Names the records, does not hold them: the shape that Lambda documents for streams."""
        return {
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": function_arn(self._source.function),
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": calls,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": "Unhandled" if raised else None,
            },
            "version": "1.0",
            "timestamp": _iso(datetime.now(UTC)),
            "DDBStreamBatchInfo": {
                "shardId": shard,
                "startSequenceNumber": sequence(batch[0]),
                "endSequenceNumber": sequence(batch[-1]),
                "approximateArrivalOfFirstRecord": _arrival(batch[0]),
                "approximateArrivalOfLastRecord": _arrival(batch[-1]),
                "batchSize": len(batch),
                "streamArn": self._source.arn,
            },
        }


def _arrival(record: Record) -> str:
    return _iso(datetime.fromtimestamp(record["dynamodb"]["ApproximateCreationDateTime"], UTC))


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
