"""Event filtering of stream mappings, for the operators that are used with DynamoDB records."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from infra.local.errors import LocalError

Predicate = Callable[[Any], bool]
MISSING = object()


def compile_filters(patterns: Iterable[str]) -> Predicate:
    """A record passes when any pattern matches; without patterns every record passes.

    Raises LocalError for an operator that is not supported here, instead of passing silently.
    """
    predicates = [_node(json.loads(pattern)) for pattern in patterns]
    if not predicates:
        return lambda _: True
    return lambda record: any(predicate(record) for predicate in predicates)


def _node(pattern: dict[str, Any]) -> Predicate:
    parts: list[tuple[str, Predicate]] = []
    for key, value in pattern.items():
        if key == "$or":
            raise LocalError("filter operator $or is not supported by the local runner")
        parts.append((key, _node(value) if isinstance(value, dict) else _leaf(value)))

    def match(value: Any) -> bool:
        inner = value if isinstance(value, dict) else {}
        return all(predicate(inner.get(key, MISSING)) for key, predicate in parts)

    return match


def _leaf(alternatives: list[Any]) -> Predicate:
    tests = [_test(alternative) for alternative in alternatives]

    def match(value: Any) -> bool:
        # Only leaves exist for a pattern: an intermediate object counts as absent.
        if isinstance(value, dict):
            value = MISSING
        candidates = value if isinstance(value, list) else [value]
        return any(test(candidate) for candidate in candidates for test in tests)

    return match


def _test(alternative: Any) -> Predicate:
    if not isinstance(alternative, dict):
        return lambda value: (
            value is not MISSING and type(value) is type(alternative) and (value == alternative)
        )
    (operator, operand), *more = alternative.items()
    if more or operator not in OPERATORS:
        raise LocalError(f"filter operator {alternative!r} is not supported by the local runner")
    return OPERATORS[operator](operand)


def _exists(wanted: bool) -> Predicate:
    return lambda value: (value is not MISSING) is wanted


def _prefix(start: str) -> Predicate:
    return lambda value: isinstance(value, str) and value.startswith(start)


def _suffix(end: str) -> Predicate:
    return lambda value: isinstance(value, str) and value.endswith(end)


def _anything_but(excluded: Any) -> Predicate:
    if isinstance(excluded, dict):
        inner = _test(excluded)
        return lambda value: value is not MISSING and not inner(value)
    values = excluded if isinstance(excluded, list) else [excluded]
    return lambda value: value is not MISSING and value not in values


OPERATORS: dict[str, Callable[[Any], Predicate]] = {
    "exists": _exists,
    "prefix": _prefix,
    "suffix": _suffix,
    "anything-but": _anything_but,
}
