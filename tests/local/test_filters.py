"""Event filtering of stream mappings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.local.errors import LocalError
from infra.local.filters import compile_filters

RECORD = {
    "eventName": "MODIFY",
    "dynamodb": {"NewImage": {"kind": {"S": "ORDER"}, "member_id": {"S": "m1"}, "n": {"N": "7"}}},
}


def matches(*patterns: dict[str, Any]) -> bool:
    return compile_filters(json.dumps(pattern) for pattern in patterns)(RECORD)


def image(**fields: Any) -> dict[str, Any]:
    return {"dynamodb": {"NewImage": fields}}


def test_without_patterns_everything_passes() -> None:
    assert matches()


def test_all_fields_of_a_pattern_must_match_and_any_pattern_may() -> None:
    both = {"eventName": ["INSERT", "MODIFY"], **image(kind={"S": ["ORDER"]})}
    assert matches(both)
    assert not matches({**both, "eventName": ["REMOVE"]})
    assert matches({"eventName": ["REMOVE"]}, both)


def test_exists_sees_leaves_only() -> None:
    assert matches(image(member_id={"S": [{"exists": True}]}))
    assert not matches(image(member_id={"S": [{"exists": False}]}))
    assert matches(image(coupon={"S": [{"exists": False}]}))
    assert matches({"dynamodb": {"OldImage": {"kind": {"S": [{"exists": False}]}}}})
    assert not matches(image(member_id=[{"exists": True}]))


def test_prefix_suffix_and_anything_but() -> None:
    assert matches(image(kind={"S": [{"prefix": "OR"}]}))
    assert matches(image(kind={"S": [{"suffix": "ER"}]}))
    assert matches(image(kind={"S": [{"anything-but": ["MEMBER"]}]}))
    assert not matches(image(kind={"S": [{"anything-but": {"prefix": "ORD"}}]}))
    assert not matches(image(coupon={"S": [{"anything-but": ["MEMBER"]}]}))


def test_equality_is_typed() -> None:
    assert matches(image(n={"N": ["7"]}))
    assert not matches(image(n={"N": [7]}))


@pytest.mark.parametrize("pattern", [{"a": [{"numeric": [">", 1]}]}, {"$or": [{"a": ["b"]}]}])
def test_unsupported_operators_are_refused(pattern: dict[str, Any]) -> None:
    with pytest.raises(LocalError, match="not supported"):
        compile_filters([json.dumps(pattern)])
