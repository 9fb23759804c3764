"""SQS as an event source: receive, invoke, delete what did not fail."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from infra.local.aws_json import AwsJson
from infra.local.invoke import failed_ids
from infra.local.progress import Progress
from infra.local.resolver import REGION
from infra.local.sources import Source

RECEIVE_LIMIT = 10
# Long enough to be quiet, short enough to stop quickly.
WAIT_SECONDS = 1
# A batch that is not full means that the poller is near the end: waiting makes fuller batches, as
# it does for streams. A function reads, and an engine answers, once for ten orders or for one.
SHORT_PAUSE = 0.25


class QueuePoller:
    """What is not deleted comes back after the visibility timeout; redrive is the queue's work."""

    def __init__(
        self,
        source: Source,
        client: AwsJson,
        invoke: Callable[[list[dict[str, Any]]], Any],
        progress: Progress,
    ) -> None:
        self._source = source
        self._mapping = source.queue_mapping()
        self._client = client
        self._invoke = invoke
        self._progress = progress

    def run(self, stop: threading.Event) -> None:
        self._progress.status.ready = True
        self._progress.flush()
        while not stop.is_set():
            messages = self._collect()
            if messages:
                self._handle(messages)
                if len(messages) < min(RECEIVE_LIMIT, self._mapping.batch_size):
                    stop.wait(SHORT_PAUSE)
            else:
                self._progress.status.idle_polls += 1
                self._progress.flush()

    def _collect(self) -> list[dict[str, Any]]:
        """One receive, or several within the batching window when the batch is larger than 10."""
        messages = self._receive(min(RECEIVE_LIMIT, self._mapping.batch_size))
        deadline = time.monotonic() + self._mapping.window
        while messages and time.monotonic() < deadline:
            missing = self._mapping.batch_size - len(messages)
            if missing <= 0:
                break
            more = self._receive(min(RECEIVE_LIMIT, missing), wait=0)
            if not more:
                break
            messages += more
        return messages

    def _receive(self, count: int, wait: int = WAIT_SECONDS) -> list[dict[str, Any]]:
        answer = self._client.call(
            "ReceiveMessage",
            QueueUrl=self._source.address,
            MaxNumberOfMessages=count,
            WaitTimeSeconds=wait,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", ()))

    def _handle(self, messages: list[dict[str, Any]]) -> None:
        status = self._progress.status
        status.behind = len(messages)
        failed = self._failed(messages)
        status.failed += len(failed)
        status.processed += len(messages) - len(failed)
        status.behind = 0
        # Before the delete: once the queue is empty the counts are complete.
        self._progress.flush()
        self._delete([one for one in messages if one["MessageId"] not in failed])

    def _failed(self, messages: list[dict[str, Any]]) -> set[str]:
        ids = [message["MessageId"] for message in messages]
        try:
            result = self._invoke([sqs_record(one, self._source.arn) for one in messages])
        except Exception:  # noqa: BLE001 - logged by the invoker; the messages stay in the queue
            return set(ids)
        if not self._mapping.partial_failures:
            return set()
        failed = failed_ids(result, ids)
        return set(ids) if failed is None else failed

    def _delete(self, messages: list[dict[str, Any]]) -> None:
        for start in range(0, len(messages), RECEIVE_LIMIT):
            entries = [
                {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
                for index, message in enumerate(messages[start : start + RECEIVE_LIMIT])
            ]
            self._client.call("DeleteMessageBatch", QueueUrl=self._source.address, Entries=entries)


def sqs_record(message: dict[str, Any], arn: str) -> dict[str, Any]:
    """A received message in the shape of Lambda's SQS event."""
    record = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: _attribute(value) for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": REGION,
    }
    if "MD5OfMessageAttributes" in message:
        record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return record


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    shaped: dict[str, Any] = {"stringListValues": [], "binaryListValues": []}
    shaped["dataType"] = value["DataType"]
    for key, name in (("StringValue", "stringValue"), ("BinaryValue", "binaryValue")):
        if key in value:
            shaped[name] = value[key]
    return shaped
