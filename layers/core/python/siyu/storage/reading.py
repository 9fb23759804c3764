"""Strongly consistent reads of several items in one round trip, and queries."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from pynamodb.expressions.condition import Condition

from siyu.storage.items import CONNECTION, Gsi1, Item
from siyu.storage.keys import Key

I = TypeVar("I", bound=Item)  # noqa: E741


class Found:
    """The items that were there, by key."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = {Key(item.PK, item.SK): item for item in items}

    @property
    def items(self) -> Iterator[Item]:
        """All of them."""
        return iter(self._items.values())

    def and_also(self, other: "Found") -> "Found":
        """These items and those of another read."""
        return Found([*self.items, *other.items])

    def get(self, model: type[I], key: Key | None) -> I | None:
        """The item at `key`, or None. Raises TypeError when another kind lives there."""
        item = self._items.get(key) if key else None
        if item is None:
            return None
        if not isinstance(item, model):
            raise TypeError(f"{key} holds a {type(item).__name__}")
        return item


def read(keys: Iterable[Key | None]) -> Found:
    """All of `keys` (None is passed over), 1 read unit per 4 kB each, absent ones included.

    One round trip per 100 different keys, none for none.
    """
    wanted: list[Any] = [key for key in keys if key is not None]
    return Found(Item.batch_get(wanted, consistent_read=True))


def indexed(model: type[I], pk: str, prefix: str = "") -> Iterator[I]:
    """The items of one kind in a partition of GSI1, in order; the index may lag a moment behind."""
    condition = Gsi1.GSI1SK.startswith(prefix) if prefix else None
    for item in queried(pk, condition, index_name=Gsi1.Meta.index_name):
        if isinstance(item, model):
            yield item


def partition(pk: str, prefix: str = "") -> Iterator[Item]:
    """All items of a partition whose sort key starts with `prefix`."""
    condition = Item.SK.startswith(prefix) if prefix else None
    return queried(pk, condition, consistent_read=True)


def queried(pk: str, condition: Condition | None, **how: Any) -> Iterator[Item]:
    """What a query finds, of the kinds that this function knows; `how` is for PynamoDB.

    PynamoDB's models have the table pick the kinds, by a list of all of them: an eighth of what a
    query costs us, and more than all else that it costs a local table.
    """
    start = None
    while True:
        page = CONNECTION.query(
            Item.Meta.table_name, pk, condition, exclusive_start_key=start, **how
        )
        kinds = {
            Item.kind.get_discriminator(one) for one in Item.kind.get_registered_subclasses(Item)
        }
        for raw in page["Items"]:
            if raw["kind"]["S"] in kinds:
                yield Item.from_raw_data(raw)
        start = page.get("LastEvaluatedKey")
        if start is None:
            return
