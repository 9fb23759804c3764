"""How much a table and its indexes hold, as DynamoDB counts it.

Names and values of attributes as UTF-8, numbers by their digits, three bytes for a list or map; 100
bytes more for each entry of an index, and for each item where storage is billed.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from __future__ import annotations

import base64
from typing import Any

from infra.local.aws_json import AwsJson
from infra.local.resolver import REGION

ITEM_OVERHEAD = 100
INDEX_KEYS = ("GSI1PK", "GSI2PK")


def item_bytes(item: dict[str, Any]) -> int:
    """An item in its wire form."""
    return sum(len(name.encode()) + value_bytes(value) for name, value in item.items())


def value_bytes(value: dict[str, Any]) -> int:
    """A value in its wire form, `{"S": "text"}` and so on."""
    ((kind, told),) = value.items()
    if kind in ("SS", "NS", "BS"):
        return sum(value_bytes({kind[0]: one}) for one in told)
    if kind == "L":
        return 3 + sum(1 + value_bytes(one) for one in told)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + value_bytes(one) for name, one in told.items())
    return _scalar(kind, told)


def _scalar(kind: str, told: Any) -> int:
    if kind == "S":
        return len(told.encode())
    if kind == "N":
        return (len(told.strip("-").replace(".", "")) + 1) // 2 + 1
    return len(base64.b64decode(told)) if kind == "B" else 1


def billed_bytes(item: dict[str, Any]) -> int:
    """An item with its copies in the indexes, which project everything."""
    copies = 1 + sum(name in item for name in INDEX_KEYS)
    return copies * (item_bytes(item) + ITEM_OVERHEAD)


def stored_bytes(endpoint: str, table: str) -> int:
    """The whole table with its indexes."""
    total = 0
    page: dict[str, Any] = {"LastEvaluatedKey": None}
    with AwsJson(endpoint, "dynamodb", REGION) as client:
        while "LastEvaluatedKey" in page:
            start = page["LastEvaluatedKey"]
            more: dict[str, Any] = {"ExclusiveStartKey": start} if start else {}
            page = client.call("Scan", TableName=table, **more)
            total += sum(map(billed_bytes, page["Items"]))
    return total
