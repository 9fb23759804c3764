"""What is decoded past the SDK's parser is what the SDK's parser makes of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

from siyu.aws import client
from siyu.domain.figures import Figures
from siyu.domain.label_book import EMPTY
from siyu.settings import settings
from siyu.storage import keys, rows
from siyu.storage.columns import gather
from siyu.storage.items import AggregateItem
from siyu.storage.pages import Page
from tests.faults import Canned
from tests.services.written_rows import (
    SHARD,
    TODAY,
    TONIGHT,
    WINDOWS,
    Somebody,
    crowd,
    expected,
    told,
)


def put(people: list[Somebody], shard: int = SHARD) -> None:
    """Into one shard, past the product's models."""
    written = [
        {
            "PutRequest": {
                "Item": {
                    "PK": {"S": keys.aggregate_pk(shard)},
                    "SK": {"S": one.member_id},
                    "kind": {"S": "AGGREGATE"},
                    "version": {"N": str(one.version)},
                    "z": {"S": one.z},
                    "lb": {"S": one.book},
                    "b": {"B": one.figures.pack()},
                }
            }
        }
        for one in people
    ]
    for start in range(0, len(written), 25):
        batch = {settings().table_name: written[start : start + 25]}
        answer = client("dynamodb").batch_write_item(RequestItems=batch)
        assert not answer["UnprocessedItems"]


def plain_pages(shard: int) -> Iterator[Page]:
    """The same query by botocore's own parser."""
    more: dict[str, Any] = {}
    while True:
        answer = client("dynamodb").query(
            TableName=settings().table_name,
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues={":pk": {"S": keys.aggregate_pk(shard)}},
            ProjectionExpression="z, lb, b",
            **more,
        )
        items: list[Mapping[str, Any]] = answer["Items"]
        yield Page(
            [item["z"]["S"] for item in items],
            [item["lb"]["S"] for item in items],
            [base64.b64encode(item["b"]["B"]).decode() for item in items],
            answer.get("LastEvaluatedKey"),
        )
        if "LastEvaluatedKey" not in answer:
            return
        more = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


@pytest.mark.slow
def test_a_shard_of_many_pages_reads_as_by_the_parser() -> None:
    people = crowd(4_000)
    put(people)
    pages = list(plain_pages(SHARD))
    assert len(pages) > 1, "one page proves nothing about the next"
    columns = rows.read_shards([SHARD], TONIGHT, WINDOWS)
    assert columns == gather(pages, TONIGHT, WINDOWS)
    assert told(columns) == expected(people, TONIGHT)
    assert 3_000 < len(columns) < 4_000


def test_a_shard_without_members_and_several_shards() -> None:
    people = crowd(9)
    put(people[:4], 1)
    put(people[4:], 2)
    assert told(rows.read_shards([0], TONIGHT, WINDOWS)) == []
    assert told(rows.read_shards([0, 1, 2], TONIGHT, WINDOWS)) == expected(people, TONIGHT)


def test_an_item_as_the_product_writes_it_is_read() -> None:
    one = Somebody("m1", Figures({TODAY: (1, 500)}))
    AggregateItem(
        keys.aggregate_pk(SHARD), "m1", z=one.z, b=one.figures.pack(), lb=EMPTY, version=1
    ).save()
    assert told(rows.read_shards([SHARD], TONIGHT, WINDOWS)) == expected([one], TONIGHT)


@contextmanager
def answering(answer: Callable[..., AWSResponse | None]) -> Iterator[None]:
    events = rows._client().meta.events
    events.register("before-send.dynamodb.Query", answer)
    try:
        yield
    finally:
        events.unregister("before-send.dynamodb.Query", answer)


def refusing(times: int) -> Callable[..., AWSResponse | None]:
    """Answers as DynamoDB does when a partition is throttled."""
    left = times

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        nonlocal left
        left -= 1
        kind = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
        body = json.dumps({"__type": kind, "message": "slow down"}).encode()
        headers = HTTPHeaders.from_dict({"content-type": "application/x-amz-json-1.0"})
        return AWSResponse(request.url, 400, headers, Canned(body)) if left >= 0 else None

    return answer


def test_a_throttled_page_is_asked_for_again() -> None:
    people = crowd(3)
    put(people)
    with answering(refusing(1)):
        assert told(rows.read_shards([SHARD], TONIGHT, WINDOWS)) == expected(people, TONIGHT)


@pytest.mark.slow
def test_throttling_that_does_not_cease_is_raised() -> None:
    with answering(refusing(99)), pytest.raises(ClientError) as raised:
        rows.read_shards([SHARD], TONIGHT, WINDOWS)
    assert raised.value.response["Error"]["Code"] == "ProvisionedThroughputExceededException"


def test_a_table_that_is_not_there_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = replace(settings(), table_name="nowhere")
    monkeypatch.setattr(rows, "settings", lambda: elsewhere)
    with pytest.raises(ClientError) as raised:
        rows.read_shards([SHARD], TONIGHT, WINDOWS)
    assert raised.value.response["Error"]["Code"] == "ResourceNotFoundException"
