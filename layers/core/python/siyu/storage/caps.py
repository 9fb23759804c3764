"""How much caps and budgets have let through; counted in the transaction of the credit."""

from collections.abc import Iterable, Mapping

from pynamodb.expressions.condition import Condition

from siyu.domain.caps import Cap, CapKey
from siyu.storage import keys
from siyu.storage.ledger_items import CapItem
from siyu.storage.reading import read
from siyu.storage.transaction import Transaction


def used(where: Iterable[CapKey]) -> dict[CapKey, int]:
    """What is counted at each, in minor units: one round trip, none for none."""
    places = {one: keys.cap(*one) for one in where}
    found = read(places.values())
    items = {one: found.get(CapItem, key) for one, key in places.items()}
    return {one: int(item.used_minor) if item else 0 for one, item in items.items()}


def count(write: Transaction, amounts: Mapping[Cap, int], seen: Mapping[CapKey, int]) -> None:
    """Count amounts against caps, each of which must still have room for its own, and for what was
    `seen` at the person's other accounts: that may have gone down since, not up."""
    for cap, amount in amounts.items():
        for other in cap.keys[1:] if cap.most_minor is not None else ():
            write.check(f"cap {cap.name}", CapItem, keys.cap(*other), _at_most(seen[other]))
        write.update(
            f"cap {cap.name}",
            CapItem(*keys.cap(*cap.key)),
            [CapItem.used_minor.add(amount), CapItem.kind.set(CapItem)],
            _room_for(cap, amount, seen),
        )


def give_back(write: Transaction, amounts: Mapping[CapKey, int]) -> None:
    """Count so much no more."""
    for where, amount in amounts.items():
        write.update("cap", CapItem(*keys.cap(*where)), [CapItem.used_minor.add(-amount)])


def _room_for(cap: Cap, amount: int, seen: Mapping[CapKey, int]) -> Condition | None:
    if cap.most_minor is None:
        return None
    return _at_most(cap.most_minor - sum(seen[other] for other in cap.keys[1:]) - amount)


def _at_most(amount: int) -> Condition:
    fits: Condition = CapItem.used_minor.does_not_exist() | (CapItem.used_minor <= amount)
    return fits
