"""What the night reads and writes, straight on the SDK: a model per item would cost the most."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from siyu.aws import client
from siyu.domain.segments import Measure
from siyu.settings import settings
from siyu.storage import keys

STATEMENTS_PER_BATCH = 25
SCHEME = "default"


@dataclass(frozen=True, slots=True)
class Row:
    """One member as the night sees them; `version` guards the write of a label."""

    member_id: str
    measure: Measure
    label: str | None
    version: int


def rows() -> Iterator[Row]:
    """All members, shard by shard, eventually consistent: half a read unit per 4 kB."""
    for number in range(keys.AGGREGATE_SHARDS):
        yield from _shard(keys.aggregate_pk(number))


def write_labels(changes: Iterable[tuple[Row, str]]) -> int:
    """Write changed labels, 25 a call; returns how many were written.

    A row whose figures changed since it was read is passed over: the next night sees it again.
    """
    batch: list[tuple[Row, str]] = []
    written = 0
    for change in changes:
        batch.append(change)
        if len(batch) == STATEMENTS_PER_BATCH:
            written += _execute(batch)
            batch = []
    return written + (_execute(batch) if batch else 0)


def put_cut_points(night: date, body: dict[str, Any]) -> None:
    """Publish the cut points of a night."""
    _put(keys.cut_points(SCHEME, night), body)


def put_run(night: date, body: dict[str, Any]) -> None:
    """Record the report of a night's run."""
    _put(keys.segment_run(SCHEME, night), body)


def _shard(pk: str) -> Iterator[Row]:
    pages = (
        client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=settings().table_name,
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
            ProjectionExpression="SK, z, lb, version",
        )
    )
    for page in pages:
        for item in page["Items"]:
            yield Row(
                item["SK"]["S"],
                Measure.unpack(item["z"]["S"]),
                item["lb"]["S"] if "lb" in item else None,
                int(item["version"]["N"]),
            )


def _execute(batch: list[tuple[Row, str]]) -> int:
    table = settings().table_name  # from the environment: PartiQL takes no parameter here
    statement = f'UPDATE "{table}" SET lb = ? WHERE PK = ? AND SK = ? AND version = ?'  # noqa: S608
    answer = client("dynamodb").batch_execute_statement(
        Statements=[
            {"Statement": statement, "Parameters": _parameters(row, label)} for row, label in batch
        ]
    )
    failures = [entry["Error"] for entry in answer["Responses"] if "Error" in entry]
    unexpected = [error for error in failures if error["Code"] != "ConditionalCheckFailed"]
    if unexpected:
        raise RuntimeError(f"writing labels failed: {unexpected[0]['Code']}")
    return len(batch) - len(failures)


def _parameters(row: Row, label: str) -> list[dict[str, str]]:
    key = keys.aggregate(row.member_id)
    return [{"S": label}, {"S": key.pk}, {"S": key.sk}, {"N": str(row.version)}]


def _put(key: keys.Key, body: dict[str, Any]) -> None:
    client("dynamodb").put_item(
        TableName=settings().table_name,
        Item={
            "PK": {"S": key.pk},
            "SK": {"S": key.sk},
            "kind": {"S": "SEGMENT"},
            "body": {"S": json.dumps(body, sort_keys=True)},
        },
    )
