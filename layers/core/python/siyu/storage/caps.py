"""How much caps and budgets have let through; counted in the transaction of the credit."""

from collections.abc import Iterable, Mapping

from siyu.domain.programmes import Cap
from siyu.storage import keys
from siyu.storage.ledger_items import CapItem
from siyu.storage.reading import read
from siyu.storage.transaction import Transaction


def room(caps: Iterable[Cap]) -> dict[Cap, int]:
    """What each still lets through, in minor units: one round trip, none for none."""
    where = {cap: keys.cap(cap.account, cap.window) for cap in caps}
    found = read(where.values())
    items = {cap: found.get(CapItem, key) for cap, key in where.items()}
    return {
        cap: max(0, cap.most_minor - (int(item.used_minor) if item else 0))
        for cap, item in items.items()
    }


def count(write: Transaction, amounts: Mapping[Cap, int]) -> None:
    """Count amounts against caps, each of which must still have room for its own."""
    for cap, amount in amounts.items():
        write.update(
            f"cap {cap.name}",
            CapItem(*keys.cap(cap.account, cap.window)),
            [CapItem.used_minor.add(amount), CapItem.kind.set(CapItem)],
            CapItem.used_minor.does_not_exist() | (CapItem.used_minor <= cap.most_minor - amount),
        )


def give_back(write: Transaction, grants: Iterable[tuple[str, str, int]]) -> None:
    """Count amounts no more: account and window of a cap, and what was counted there."""
    for account, window, amount in grants:
        item = CapItem(*keys.cap(account, window))
        write.update("cap", item, [CapItem.used_minor.add(-amount)])
