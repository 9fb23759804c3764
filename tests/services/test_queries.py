"""Queries give all that is in a partition, of the kinds that a function knows."""

from __future__ import annotations

from siyu.storage import keys
from siyu.storage.items import CONNECTION, Item
from siyu.storage.reading import partition, queried

BUYER = ("buyer", "somebody")
PK = keys.identity_pk(*BUYER)


def leave(sk: str, kind: str) -> None:
    """Put an item past our models."""
    item = {"PK": {"S": PK}, "SK": {"S": sk}, "kind": {"S": kind}, "order_key": {"S": sk}}
    CONNECTION.put_item(Item.Meta.table_name, PK, sk, attributes=item)


def test_a_query_goes_on_behind_the_end_of_a_page() -> None:
    names = [f"{keys.WAITING_PREFIX}shop#{number}" for number in range(5)]
    for name in names:
        leave(name, "WAITING")

    assert [item.SK for item in queried(PK, None, limit=2)] == names
    first_last = queried(PK, None, limit=2, scan_index_forward=False)
    assert [item.SK for item in first_last] == names[::-1]


def test_a_query_passes_over_kinds_that_are_not_known() -> None:
    leave(f"{keys.WAITING_PREFIX}shop#1", "WAITING")
    leave(f"{keys.WAITING_PREFIX}shop#2", "OF_ANOTHER_RELEASE")

    found = [item.SK for item in partition(PK, keys.WAITING_PREFIX)]

    assert found == [f"{keys.WAITING_PREFIX}shop#1"]


def test_a_query_finds_nothing_beside_its_prefix() -> None:
    leave("IDENTITY", "WAITING")

    assert list(partition(PK, keys.WAITING_PREFIX)) == []
