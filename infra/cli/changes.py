"""`siyu changes follow`: what follows a change of an item, once more, from the item as it stands.

The stream keeps a change for a day, and a message about changes that nobody could follow holds none
of them. Both followers look at the table afresh, so any change of an item does for the lost one.
"""

from __future__ import annotations

import logging
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from infra.cli.output import note, show
from infra.local.invoke import Context, load_handler
from siyu.aws import client
from siyu.runtime import logger
from siyu.settings import settings

FOLLOWERS = ("member_changes", "referral_credit")
SECONDS = 900

Image = dict[str, Any]
# Differs from every item in what a follower compares, so that none takes a change for one that
# moves nothing. An empty name leads to nobody; whose order it was, its credit tells.
BEFORE: Image = {"member_id": {"S": ""}, "up": {"S": ""}}


def follow_command(options: Namespace, now: datetime) -> int:
    """0 all that follows is done, 1 something failed or there are no such items."""
    followed, missing, failed = 0, list[str](), list[str]()
    with errors_told():
        for key in options.key:
            items = list(items_at(key))
            if not items:
                missing.append(key)
            followed += len(items)
            failed += (f"{key} {one}" for one in follow(items, now))
    for one in missing:
        note(f"{one}: no item has this key")
    for one in failed:
        note(f"{one}: failed, the line above says why; the same again is harmless")
    show({"followed": followed - len(failed), "failed": len(failed)}, as_json=options.json)
    return 1 if missing or failed else 0


@contextmanager
def errors_told() -> Iterator[None]:
    """Why a follower failed, it tells in a log line alone; nothing else of the log is wanted."""
    handler: Any = logger.registered_handler
    level = logger.log_level
    before = handler.setStream(sys.stderr)
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
        if before is not None:
            handler.setStream(before)


def items_at(pk: str) -> Iterator[Image]:
    """The items of a partition, raw, in the order of their sort keys."""
    pages = (
        client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=settings().table_name,
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
            ConsistentRead=True,
        )
    )
    for page in pages:
        yield from page["Items"]


def follow(items: list[Image], now: datetime) -> list[str]:
    """Let both followers see items as if they had just changed; the sort keys of those that one of
    them could not follow."""
    records = [
        {
            "eventName": "MODIFY",
            "dynamodb": {
                "SequenceNumber": item["SK"]["S"],
                "ApproximateCreationDateTime": now.timestamp(),
                "NewImage": item,
                "OldImage": BEFORE,
            },
        }
        for item in items
    ]
    failed: set[str] = set()
    for name in FOLLOWERS:
        handler = load_handler(f"{name}.handler.lambda_handler")
        answer = handler({"Records": records}, Context(name, SECONDS))
        failed |= {one["itemIdentifier"] for one in answer["batchItemFailures"]}
    return sorted(failed)
