"""Items as they are, whatever way led there: a version counts writes, also those that were in vain.

The packed row of a member's figures (`z`) holds the version a second time (storage/rows.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Item = dict[str, Any]


def unversioned(item: Item, *more: str) -> Item:
    """A raw item without its version, and without the attributes named."""
    left_out = {"version", *more}
    kept = {name: value for name, value in item.items() if name not in left_out}
    if item["kind"]["S"] == "AGGREGATE":
        kept["z"] = {"S": unversioned_row(item["z"]["S"])}
    return kept


def unversioned_row(packed: str) -> str:
    """A packed row without the version."""
    return _without(packed, 1)


def figures_row(packed: str) -> str:
    """What a packed row says of a member but who they are and how often it was written."""
    return _without(packed, 0, 1)


def _without(packed: str, *places: int) -> str:
    fields: Iterable[tuple[int, str]] = enumerate(packed.split("|"))
    return "|".join(text for place, text in fields if place not in places)
