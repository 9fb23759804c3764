"""Puts of many items, 25 a call, whatever was there."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from siyu.errors import ContentionError
from siyu.settings import settings
from siyu.storage.backoff import back_off
from siyu.storage.items import CONNECTION, Item

ITEMS_PER_BATCH = 25
ATTEMPTS = 8


def put_all(items: Iterable[Item]) -> None:
    """Put items. What the table is too busy for comes back inside a call that succeeds, so the SDK
    does not wait for it. Raises ContentionError when that did not cease.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
    """
    for batch in _batches(iter(items)):
        _put(batch)


def _batches(items: Iterator[Item]) -> Iterator[Sequence[Any]]:
    while batch := [item.serialize() for item in islice(items, ITEMS_PER_BATCH)]:
        yield batch


def _put(batch: Sequence[Any]) -> None:
    table = settings().table_name
    for attempt in range(ATTEMPTS):
        answer = CONNECTION.batch_write_item(table, put_items=batch)
        left = answer.get("UnprocessedItems", {}).get(table, [])
        batch = [one["PutRequest"]["Item"] for one in left]
        if not batch:
            return
        back_off(attempt)
    raise ContentionError("items could not be written")
