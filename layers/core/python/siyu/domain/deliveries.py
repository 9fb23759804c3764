"""How many referred friends had goods sent to one place shortly before one order of a friend's."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# How long orders that go to one place count together.
WINDOW = timedelta(days=30)
# Of who was erased only the day is left: it counts whenever it may.
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sent:
    """An order of a friend's that went to a place: whose, and when it was paid. Of a `gone` friend,
    who was erased, a name that nobody else has, and the beginning of the day."""

    friend: str
    at: datetime
    gone: bool = False


def other_friends(sent: Iterable[Sent], accounts: Collection[str], paid_at: datetime) -> int:
    """How many accounts but for a friend's own ones had goods sent there until an order was paid,
    and in the 30 days before.

    What was paid later does not count, so the answer is the same whenever it is asked.
    """
    return len(
        {
            one.friend
            for one in sent
            if one.friend not in accounts
            and one.at <= paid_at < one.at + WINDOW + (A_DAY if one.gone else timedelta(0))
        }
    )
