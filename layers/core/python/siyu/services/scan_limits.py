"""Limits of scanning, in two walls.

The first stands in the memory of each running function and costs nothing: it turns away a flood of
guesses before any work is done. The second is counted in the table, exactly, in the transaction of
a scan that has an effect.
"""

import zlib
from datetime import datetime

from siyu.domain.limits import (
    ADDRESS,
    DEVICE,
    REFERRED,
    SHOPPER,
    STORE,
    STORE_WINDOWS,
    Window,
    window,
)
from siyu.errors import TooManyRequestsError
from siyu.services import identities

REMEMBERED = 10_000


class Wall:
    """Counts requests per address in this process, for the current minute only."""

    def __init__(self) -> None:
        self._begin = 0
        self._counts: dict[str, int] = {}

    def pass_through(self, address: str, now: datetime) -> None:
        """Raises TooManyRequestsError when the address has come too often this minute."""
        current = window(ADDRESS, address, now)
        if current.begin != self._begin or len(self._counts) >= REMEMBERED:
            self._begin, self._counts = current.begin, {}
        self._counts[address] = self._counts.get(address, 0) + 1
        if self._counts[address] > ADDRESS.count:
            raise TooManyRequestsError(ADDRESS.name, current.retry_after(now))


wall = Wall()


def windows(
    now: datetime,
    shopper: str,
    store: str | None,
    address: str,
    device: str | None,
    *,
    by: str | None = None,
) -> list[Window]:
    """The windows that a scan is counted in; a member's code is of no store, and a device's window
    is open longer to who comes `by` a referrer. What they count by is hashed under a key of its
    own, also `shopper`, an index already: counts outlive an erasure by a day."""
    part = zlib.crc32(shopper.encode()) % STORE_WINDOWS
    counted = [(SHOPPER, shopper), (ADDRESS, address), (REFERRED if by else DEVICE, device)]
    return [
        *([window(STORE, f"{store}-{part}", now)] if store else []),
        *(
            window(limit, identities.address_mark(limit.name, value), now)
            for limit, value in counted
            if value
        ),
    ]
