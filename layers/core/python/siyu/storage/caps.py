"""How much caps and budgets have let through; counted in the transaction of the credit."""

from collections.abc import Iterable, Mapping

from siyu.domain.programmes import Cap, CapKey
from siyu.storage import keys
from siyu.storage.ledger_items import CapItem
from siyu.storage.reading import read
from siyu.storage.transaction import Transaction


def used(counters: Iterable[CapKey]) -> dict[CapKey, int]:
    """What stands on each, in minor units: one round trip, none for none."""
    where = {counter: keys.cap(*counter) for counter in counters}
    found = read(where.values())
    items = {counter: found.get(CapItem, key) for counter, key in where.items()}
    return {counter: int(item.used_minor) if item else 0 for counter, item in items.items()}


def count(write: Transaction, amounts: Mapping[Cap, int], seen: Mapping[CapKey, int]) -> None:
    """Count amounts against caps, each of which must still have room for its own, and for what was
    `seen` on the counters of a person's other accounts: those may have gone down since, not up."""
    for cap, amount in amounts.items():
        own, *beside = cap.counters
        for counter in beside:
            unmoved = CapItem.used_minor.does_not_exist() | (CapItem.used_minor <= seen[counter])
            write.check(f"cap {cap.name}", CapItem, keys.cap(*counter), unmoved)
        most = cap.most_minor - sum(seen[counter] for counter in beside) - amount
        write.update(
            f"cap {cap.name}",
            CapItem(*keys.cap(*own)),
            [CapItem.used_minor.add(amount), CapItem.kind.set(CapItem)],
            CapItem.used_minor.does_not_exist() | (CapItem.used_minor <= most),
        )


def give_back(write: Transaction, grants: Iterable[tuple[str, str, int]]) -> None:
    """Count amounts no more: account and window of a cap, and what was counted there."""
    for account, window, amount in grants:
        item = CapItem(*keys.cap(account, window))
        write.update("cap", item, [CapItem.used_minor.add(-amount)])
