"""A table's stream as an event source: read pages, filter, deliver in batches, keep the place."""

from __future__ import annotations

import http.client
import threading
from typing import Any

from infra.local.aws_json import AwsError, AwsJson
from infra.local.filters import compile_filters
from infra.local.progress import Progress, Status
from infra.local.resolver import REGION
from infra.local.sources import Source
from infra.local.stream_delivery import Delivery, Record, Stopped, sequence

PAGE = 1000
# A page that is not full means that the reader is near the end: waiting makes fuller batches, for
# as long as the mapping's batching window says.
SHORT_PAUSE = 0.25
IDLE_PAUSE = 0.1
# The engine is away for a while: like AWS's own, a poller outlives its table.
AWAY = (OSError, http.client.HTTPException)
AWAY_PAUSE = 0.5
LOST_PLACE = frozenset({"ExpiredIteratorException", "TrimmedDataAccessException"})


class StreamPoller:
    """Reads all shards of one stream in order; AWS reads shards side by side."""

    def __init__(self, source: Source, delivery: Delivery, progress: Progress) -> None:
        self._source = source
        self._mapping = source.stream_mapping()
        self._wanted = compile_filters(self._mapping.patterns)
        self._delivery = delivery
        self._progress = progress
        self._client = AwsJson(source.dynamodb_endpoint, "streams.dynamodb", REGION)
        self._iterators: dict[str, str] = {}

    def run(self, stop: threading.Event, before: Status) -> None:
        """Goes on after the checkpoint of `before` when it belongs to this very stream."""
        status = self._progress.status
        status.stream_arn = self._source.arn
        if before.stream_arn == self._source.arn:
            status.checkpoint = dict(before.checkpoint)
        self._find_shards()
        status.ready = True
        self._progress.flush()
        try:
            while not stop.is_set():
                self._look(stop)
        except Stopped:
            pass
        self._progress.flush()

    def _look(self, stop: threading.Event) -> None:
        """One round over all shards; after an outage from the place where the last one ended."""
        try:
            if not self._iterators:
                self._find_shards()
            read = sum(self._read(shard) for shard in list(self._iterators))
        except AWAY:
            self._iterators.clear()
            stop.wait(AWAY_PAUSE)
        else:
            self._rest(stop, read)

    def _rest(self, stop: threading.Event, read: int) -> None:
        status = self._progress.status
        status.behind = 0
        status.idle_polls += not read
        self._progress.flush(force=not read)
        if read < PAGE:
            stop.wait(max(SHORT_PAUSE, self._mapping.window) if read else IDLE_PAUSE)

    def _find_shards(self) -> None:
        more: dict[str, str] = {}
        while True:
            answer = self._client.call("DescribeStream", StreamArn=self._source.arn, **more)
            description = answer["StreamDescription"]
            for shard in description["Shards"]:
                self._iterators.setdefault(shard["ShardId"], self._iterator(shard["ShardId"]))
            last = description.get("LastEvaluatedShardId")
            if not last:
                return
            more = {"ExclusiveStartShardId": last}

    def _iterator(self, shard: str) -> str:
        after = self._progress.status.checkpoint.get(shard)
        kind = "AFTER_SEQUENCE_NUMBER" if after else self._mapping.starting_position
        place = {"SequenceNumber": after} if after else {}
        try:
            return self._shard_iterator(shard, kind, **place)
        except AwsError as error:
            if error.code not in LOST_PLACE:
                raise
            return self._shard_iterator(shard, "TRIM_HORIZON")

    def _shard_iterator(self, shard: str, kind: str, **place: str) -> str:
        answer = self._client.call(
            "GetShardIterator",
            StreamArn=self._source.arn,
            ShardId=shard,
            ShardIteratorType=kind,
            **place,
        )
        return str(answer["ShardIterator"])

    def _read(self, shard: str) -> int:
        """Reads and handles one page; returns its number of records before filtering."""
        try:
            page = self._client.call("GetRecords", ShardIterator=self._iterators[shard], Limit=PAGE)
        except AwsError as error:
            if error.code not in LOST_PLACE:
                raise
            self._iterators[shard] = self._iterator(shard)
            return 0
        records = page["Records"]
        if records:
            self._handle(shard, records)
        following = page.get("NextShardIterator")
        if following:
            self._iterators[shard] = following
        else:
            del self._iterators[shard]
            self._find_shards()
        return len(records)

    def _handle(self, shard: str, records: list[Record]) -> None:
        status = self._progress.status
        wanted = [record for record in records if self._wanted(record)]
        status.behind = len(wanted)
        for start in range(0, len(wanted), self._mapping.batch_size):
            batch = [self._shaped(one) for one in wanted[start : start + self._mapping.batch_size]]
            self._delivery.deliver(shard, batch)
            status.checkpoint[shard] = sequence(batch[-1])
            status.behind -= len(batch)
            self._progress.flush(force=False)
        status.checkpoint[shard] = sequence(records[-1])

    def _shaped(self, record: Record) -> dict[str, Any]:
        """The API's record is Lambda's record but for the ARN and a region that exists."""
        return {**record, "awsRegion": REGION, "eventSourceARN": self._source.arn}
