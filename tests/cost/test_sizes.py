"""Bytes as DynamoDB counts them."""

from __future__ import annotations

import pytest

from infra.cost import sizes


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"S": "abc"}, 3),
        ({"S": "码"}, 3),
        ({"N": "12345"}, 4),
        ({"N": "-1.5"}, 2),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"B": "AAAA"}, 3),
        ({"SS": ["a", "bc"]}, 3),
        ({"L": [{"S": "a"}, {"S": "b"}]}, 3 + 2 + 2),
        ({"M": {"k": {"S": "v"}}}, 3 + 1 + 1 + 1),
    ],
)
def test_a_value_has_its_size(value: dict[str, object], expected: int) -> None:
    assert sizes.value_bytes(value) == expected


def test_each_index_holds_a_copy() -> None:
    item = {"PK": {"S": "ab"}, "GSI1PK": {"S": "c"}}
    own = len("PK") + 2 + len("GSI1PK") + 1
    assert sizes.item_bytes(item) == own
    assert sizes.billed_bytes(item) == 2 * (own + sizes.ITEM_OVERHEAD)
    assert sizes.billed_bytes({"PK": {"S": "ab"}}) == 4 + sizes.ITEM_OVERHEAD
