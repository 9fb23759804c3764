"""The table's stream, read once and handed to whoever listens, as the template's filters say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.local.aws_json import AwsJson
from infra.local.filters import compile_filters
from infra.local.resolver import REGION
from infra.local.triggers import Function

PAGE = 1_000
Batch = tuple[Function, list[dict[str, Any]]]


class Tap:
    """Keeps its place; starts at the beginning."""

    def __init__(self, endpoint: str, arn: str, functions: Mapping[str, Function]) -> None:
        self._client = AwsJson(endpoint, "streams.dynamodb", REGION)
        self._arn = arn
        self._listeners = [
            (function, mapping.batch_size, compile_filters(mapping.patterns))
            for function in functions.values()
            for mapping in function.streams
        ]
        self._iterators = [
            self._client.call(
                "GetShardIterator",
                StreamArn=arn,
                ShardId=shard["ShardId"],
                ShardIteratorType="TRIM_HORIZON",
            )["ShardIterator"]
            for shard in self._client.call("DescribeStream", StreamArn=arn)["StreamDescription"][
                "Shards"
            ]
        ]

    def close(self) -> None:
        self._client.close()

    def batches(self) -> list[Batch]:
        """What came since the last time and somebody listens to."""
        records = self._records()
        found: list[Batch] = []
        for function, size, wanted in self._listeners:
            own = [record for record in records if wanted(record)]
            found += [(function, own[at : at + size]) for at in range(0, len(own), size)]
        return found

    def _records(self) -> list[dict[str, Any]]:
        records: list[dict[str, Any]] = []
        for number, iterator in enumerate(self._iterators):
            following = iterator
            while True:
                page = self._client.call("GetRecords", ShardIterator=following, Limit=PAGE)
                records += page["Records"]
                # The engine's one shard never ends.
                following = page["NextShardIterator"]
                if len(page["Records"]) < PAGE:
                    break
            self._iterators[number] = following
        extra = {"awsRegion": REGION, "eventSourceARN": self._arn}
        return [{**record, **extra} for record in records]
