"""Friends who were erased within a week of their joining: that they came, and from where.

They go on counting with who comes from the same device or address in that week. An item names a
mark, as that of a limit does, and instants; it is nobody's, and ends by itself.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from siyu.domain.calendar import to_utc
from siyu.domain.remembered import ANYBODY, FAN_IN, NETWORK, Remembered, were_gone
from siyu.storage import keys
from siyu.storage.member_items import DepartedItem
from siyu.storage.reading import Found, read

# An erasure is followed within a day, or by hand.
KEPT_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Departed:
    """Who is gone from a device and from an address: when they had come, and by whom."""

    device: frozenset[str] = frozenset()
    address: frozenset[str] = frozenset()

    def count(self, now: datetime) -> Remembered:
        """How many of them count with somebody who comes now."""
        device, address = (
            [name.partition("#")[2] for name in names if _at(name) > now - FAN_IN]
            for names in (self.device, self.address)
        )
        numbers = Counter(address)
        numbers.update({ANYBODY: len(device), NETWORK: len(address)})
        return Remembered(frozenset(were_gone(*one) for one in numbers.items() if one[1]))


def leave(mark: str, referrer_id: str, at: datetime, now: datetime) -> None:
    """Note that somebody who came at an instant, by this referrer and from there, is gone; what is
    over for who comes now is taken out. Safe to repeat."""
    where = keys.departed(mark)
    item = read([where]).get(DepartedItem, where)
    over = {name for name in (item.friends if item else ()) if _at(name) <= now - FAN_IN}
    if item is not None and over:
        item.update([DepartedItem.friends.delete(over)])
    until = int((now + FAN_IN).timestamp()) + KEPT_SECONDS
    DepartedItem(*where).update(
        [
            DepartedItem.friends.add({f"{to_utc(at).isoformat()}#{referrer_id}"}),
            DepartedItem.ttl.set(until),
            DepartedItem.kind.set(DepartedItem),
        ]
    )


def of_found(found: Found, device: keys.Key | None, address: keys.Key | None) -> Departed:
    return Departed(_friends(found, device), _friends(found, address))


def _friends(found: Found, where: keys.Key | None) -> frozenset[str]:
    item = found.get(DepartedItem, where)
    return frozenset(item.friends) if item else frozenset()


def _at(name: str) -> datetime:
    return datetime.fromisoformat(name.partition("#")[0])
