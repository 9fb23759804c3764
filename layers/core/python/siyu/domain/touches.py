"""How many friends came shortly before one of them: of a referrer's, and from one place."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from siyu.domain.doubts import Reason
from siyu.domain.remembered import ANYBODY, FAN_IN, NETWORK, NOTHING, Remembered

WINDOWS = {
    Reason.FRIENDS_A_MINUTE: timedelta(minutes=1),
    Reason.FRIENDS_A_DAY: timedelta(days=1),
    Reason.FRIENDS_A_MONTH: timedelta(days=30),
}
LONGEST = max(WINDOWS.values())


@dataclass(frozen=True, slots=True)
class Touch:
    """One referred friend: when they joined, the mark of their address, by whom, and what is kept
    of who was erased."""

    friend_id: str
    at: datetime
    address: str | None = None
    referrer_id: str = ""
    kept: Remembered = NOTHING


def counts(touch: Touch, touches: Iterable[Touch]) -> dict[str, int]:
    """How many friends of a referrer's came in the time before one of them, that one included.

    Later ones do not count, so the answer is the same whenever it is asked.
    """
    before = _before(touch, touches)
    counted = {
        reason.value: 1 + _within(length, touch, before) for reason, length in WINDOWS.items()
    }
    return {**counted, Reason.ADDRESS.value: 1 + sum(at_address(touch, before).values())}


def at_address(touch: Touch, touches: Iterable[Touch]) -> dict[str, int]:
    """How many friends of a referrer's came from the address of one of them in the time before, by
    the account that brought them."""
    before = _before(touch, touches)
    same = [one for one in before if touch.address and one.address == touch.address]
    seen = Counter(one.referrer_id for one in same if one.at > touch.at - FAN_IN)
    accounts = {one.referrer_id for one in before}
    return {account: touch.kept.before(account, seen[account]) for account in accounts}


def on_device(touch: Touch, mates: Iterable[Touch]) -> int:
    """How many friends, whoever brought them, came from the device of one of them in the time
    before, that one included."""
    return 1 + touch.kept.before(ANYBODY, _within(FAN_IN, touch, _before(touch, mates)))


def on_network(touch: Touch, neighbours: Iterable[Touch]) -> int:
    """The same of the network address of one of them."""
    return 1 + touch.kept.before(NETWORK, _within(FAN_IN, touch, _before(touch, neighbours)))


def _before(touch: Touch, touches: Iterable[Touch]) -> list[Touch]:
    rank = touch.at, touch.friend_id
    return [one for one in touches if (one.at, one.friend_id) < rank]


def _within(length: timedelta, touch: Touch, touches: Iterable[Touch]) -> int:
    return sum(one.at > touch.at - length for one in touches)
