"""How often somebody may scan: windows of time, counted per shopper, address, device and store.

A window begins at a multiple of its length since 1970, so that everybody agrees on it.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` per `seconds` for one value of `name`; `joins` counts new members only."""

    name: str
    count: int
    seconds: int
    joins: bool = False


# A shopper buys a few times a day. An office or a shop's own network shares one address, so its
# limit is per minute. A device that brings many new members is a farm; of those who come by a
# referral the rules say what they doubt, so only what no family and no shop's tablet does is
# refused.
SHOPPER = Limit("shopper", 10, 86_400)
ADDRESS = Limit("address", 60, 60)
DEVICE = Limit("device", 3, 7 * 86_400, joins=True)
REFERRED = Limit(DEVICE.name, 20, DEVICE.seconds, joins=True)
# A store's window is one of eight, by shopper: a single counter would be fought over at a rush.
STORE_WINDOWS = 8
STORE = Limit("store", 50, 60)


@dataclass(frozen=True, slots=True)
class Window:
    """One limit's count for one `value` (a keyed hash or a store) since `begin` (Unix seconds)."""

    limit: Limit
    value: str
    begin: int

    @property
    def end(self) -> int:
        """Unix seconds at which the next window begins."""
        return self.begin + self.limit.seconds

    def retry_after(self, now: datetime) -> int:
        """Seconds from `now` until the next window, at least 1."""
        return max(1, self.end - int(now.timestamp()))


def window(limit: Limit, value: str, now: datetime) -> Window:
    """The window of `limit` that `now` falls into."""
    at = int(now.timestamp())
    return Window(limit, value, at - at % limit.seconds)
