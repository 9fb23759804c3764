"""Members as the night reads them: pages of packed text, decoded past the SDK's own parser.

botocore's parser takes some 70 microseconds an item, more than all the night does with it. Its
event `before-parse` lets us read the body ourselves (two microseconds) and keeps signing, retries
and time-outs. It is an event and no promise, so the package is pinned and a test compares both.
https://github.com/boto/boto3/issues/2928
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from functools import cache
from typing import Any

from siyu import aws, start
from siyu.settings import settings
from siyu.storage import keys
from siyu.storage.columns import Columns, gather
from siyu.storage.pages import Page, decode


def read_shards(numbers: Collection[int], as_of: date, windows: Collection[int | None]) -> Columns:
    """The members of some shards, eventually consistent: half a read unit per 4 kB.

    What is dated after `as_of` does not count yet.
    """
    pages = (page for number in numbers for page in _pages(keys.aggregate_pk(number)))
    return gather(pages, as_of, windows)


def _pages(pk: str) -> Iterator[Page]:
    request: dict[str, Any] = {
        "TableName": settings().table_name,
        "KeyConditionExpression": "PK = :pk",
        "ExpressionAttributeValues": {":pk": {"S": pk}},
        "ProjectionExpression": "z, lb, b",
    }
    last_key: dict[str, Any] | None = {}
    while last_key is not None:
        more = {"ExclusiveStartKey": last_key} if last_key else {}
        page = _client().query(**request, **more)["page"]
        yield page
        last_key = page.last_key


@cache
def _client() -> Any:
    """A client of its own: its queries are answered with pages."""
    client = aws.session().create_client("dynamodb", config=aws.CONFIG)
    client.meta.events.register("before-parse.dynamodb.Query", _take_body)
    return client


start.at_end(_client)


def _take_body(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    if response_dict["status_code"] == 200:
        customized_response_dict["page"] = decode(response_dict["body"])
        response_dict["body"] = b"{}"
