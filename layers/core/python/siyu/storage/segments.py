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
from siyu.storage.backoff import back_off

STATEMENTS_PER_BATCH = 25
ATTEMPTS = 8
STALE = "ConditionalCheckFailed"
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html
TRANSIENT = {
    "TransactionConflict",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "InternalServerError",
}
SCHEME = "default"


@dataclass(frozen=True, slots=True)
class Row:
    """One member as the night sees them; `version` guards the write of a label."""

    member_id: str
    measure: Measure
    label: str | None
    version: int


def rows() -> Iterator[Row]:
    """All members, shard by shard, eventually consistent: half a read unit per 4 kB.

    Accounts merged into another count there, erased ones nowhere.
    """
    for number in range(keys.AGGREGATE_SHARDS):
        yield from _shard(keys.aggregate_pk(number))


def write_labels(changes: Iterable[tuple[Row, str]]) -> int:
    """Write changed labels, 25 a call; returns how many were written.

    A row whose figures changed since it was read is passed over: the next night sees it again. So
    is one that met conflicts or throttling to the end. Member ids are random, so in their order
    the writes of a call fall on many shards.
    """
    ordered = sorted(changes, key=lambda change: change[0].member_id)
    return sum(
        _write(ordered[start : start + STATEMENTS_PER_BATCH])
        for start in range(0, len(ordered), STATEMENTS_PER_BATCH)
    )


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
            ProjectionExpression="SK, z, lb, up, gone, version",
        )
    )
    for page in pages:
        for item in page["Items"]:
            if "up" in item or "gone" in item:
                continue
            yield Row(
                item["SK"]["S"],
                Measure.unpack(item["z"]["S"]),
                item["lb"]["S"] if "lb" in item else None,
                int(item["version"]["N"]),
            )


def _write(batch: list[tuple[Row, str]]) -> int:
    """Each statement answers for itself, inside a call that succeeds: the SDK retries none."""
    size = len(batch)
    passed_over = 0
    for attempt in range(ATTEMPTS):
        errors = _execute(batch)
        passed_over += errors.count(STALE)
        batch = [change for change, code in zip(batch, errors, strict=True) if code in TRANSIENT]
        if not batch:
            break
        back_off(attempt)
    return size - passed_over - len(batch)


def _execute(batch: list[tuple[Row, str]]) -> list[str | None]:
    """The error code of each statement, or None. Raises RuntimeError on one nobody expects."""
    table = settings().table_name  # from the environment: PartiQL takes no parameter here
    statement = f'UPDATE "{table}" SET lb = ? WHERE PK = ? AND SK = ? AND version = ?'  # noqa: S608
    answer = client("dynamodb").batch_execute_statement(
        Statements=[
            {"Statement": statement, "Parameters": _parameters(row, label)} for row, label in batch
        ]
    )
    codes = [entry.get("Error", {}).get("Code") for entry in answer["Responses"]]
    unexpected = set(codes) - TRANSIENT - {STALE, None}
    if unexpected:
        raise RuntimeError(f"writing labels failed: {', '.join(sorted(unexpected))}")
    return codes


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
