"""What one would write with boto3: Scan, score in Python, UpdateItem for each member that changes.

`python -m infra.bench.scan_update ENDPOINT PLAN`, as for infra.bench.night; one night.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

from infra.bench import environment, scoring
from infra.bench.units import Units

endpoint, plan = sys.argv[1], json.loads(sys.argv[2])
environment.settle(endpoint)
units = Units()
if plan["count"]:
    units.install()

import boto3  # noqa: E402
from boto3.dynamodb.types import TypeDeserializer  # noqa: E402

CHANGE = "SET stage = :s, value_group = :g, aipl = :a, labelled_day = :d, stage_before = :b"
client = boto3.client("dynamodb")


def items() -> Iterator[dict[str, Any]]:
    """All members, as boto3's own deserialiser gives them."""
    plain = TypeDeserializer().deserialize
    for page in client.get_paginator("scan").paginate(TableName=environment.TABLE):
        for item in page["Items"]:
            yield {name: plain(value) for name, value in item.items()}


def update(pk: str, one: scoring.Row, label: tuple[str, str, str], today: int) -> None:
    """Write one member's label."""
    stage, group, aipl = label
    client.update_item(
        TableName=environment.TABLE,
        Key={"PK": {"S": pk}, "SK": {"S": one.member}},
        UpdateExpression=CHANGE,
        ExpressionAttributeValues={
            ":s": {"S": stage},
            ":g": {"S": group},
            ":a": {"S": aipl},
            ":d": {"N": str(today)},
            ":b": {"S": one.label[0]},
        },
    )


def run(night: date) -> dict[str, Any]:
    """One night, measured; `scan` is the processor's time until the writes begin."""
    began, wall, today = time.process_time(), time.monotonic(), night.toordinal()
    found = [(item["PK"], scoring.row(item)) for item in items()]
    cuts = scoring.lines(one for _, one in found)
    labels = [(pk, one, scoring.label(one, cuts, today)) for pk, one in found]
    changed = [(pk, one, label) for pk, one, label in labels if label != one.label]
    scanned = time.process_time() - began
    for pk, one, label in changed:
        update(pk, one, label, today)
    return {
        "cpu": time.process_time() - began,
        "wall": time.monotonic() - wall,
        "start": began,
        "scan": scanned,
        "members": len(found),
        "changed": len(changed),
        **units.report(),
    }


print(json.dumps(run(date.fromisoformat(plan["nights"][0]))), flush=True)
