"""Compares what was accepted with what stands, item by item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from tests.books import check_books
from tests.load.book import State
from tests.load.table import Raw

EITHER = "either"


def differences(expected: State, found: State) -> list[str]:
    """What should stand and does not, and what stands though nothing that was accepted says so."""
    return [
        f"{name}: expected {expected.get(name)}, found {found.get(name)}"
        for name in sorted(expected.keys() | found.keys())
        if not _same(expected.get(name), found.get(name))
    ]


def _same(expected: Any, found: Any) -> bool:
    if isinstance(expected, dict) and EITHER in expected:
        return found in expected[EITHER]
    return bool(expected == found)


def kinds(expected: State) -> dict[str, int]:
    """How many of each kind were compared."""
    return dict(Counter(name.partition(" ")[0] for name in expected))


def ledger(items: Iterable[Raw]) -> tuple[int, list[str]]:
    """What members are owed, and what is wrong with the books: both sides have to be equal."""
    table = {(item["PK"]["S"], item["SK"]["S"]): item for item in items}
    try:
        balances = check_books(table)
    except AssertionError as error:
        return 0, [f"the ledger does not add up: {error}"]
    states = ("pending", "released", "held")
    return sum(one[state] for one in balances.values() for state in states), []
