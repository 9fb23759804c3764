"""The caps and the budget of a programme: where an order's credit counts, and what there is room
for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from siyu.domain.programmes import Programme

DAY, MONTH, YEAR, BUDGET = "per_day", "per_month", "per_year", "budget"
# A budget below this is one counter; above, it is spread, so that no item takes every credit.
SPREAD_FROM_MINOR = 1_000_000
BUDGET_SHARDS = 16

CapKey = tuple[str, str]
"""Where something is counted: an account or a budget, and a window or a shard of it."""


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most_minor` may be credited to a person in one window of the business calendar, or
    of a budget in one of its shards; where it is None, it is counted and not limited.

    It is counted at `account`; what was counted at the person's other accounts, `beside`, takes up
    room too.
    """

    name: str
    account: str
    window: str
    most_minor: int | None
    beside: tuple[str, ...] = ()

    @property
    def key(self) -> CapKey:
        """What it is counted at."""
        return self.account, self.window

    @property
    def keys(self) -> tuple[CapKey, ...]:
        """Everything that takes up room, what it is counted at first."""
        return self.key, *((account, self.window) for account in self.beside)

    def room(self, used: Mapping[CapKey, int], wanted_minor: int) -> int:
        """How much of what is wanted it lets through, with so much counted already."""
        if self.most_minor is None:
            return wanted_minor
        return min(wanted_minor, max(0, self.most_minor - sum(used[key] for key in self.keys)))


def caps_of(
    programme: Programme, referrer_id: str, paid_on: date, beside: tuple[str, ...] = ()
) -> list[Cap]:
    """Where an order paid on a business day counts for a referrer who has further accounts
    `beside`. Rules that limit one window count in all three, so that the next version, which may
    limit another one, finds it as full as it is; rules that limit none count nothing."""
    windows = (
        (DAY, programme.per_day_minor, paid_on.isoformat()),
        (MONTH, programme.per_month_minor, f"{paid_on:%Y-%m}"),
        (YEAR, programme.per_year_minor, f"{paid_on:%Y}"),
    )
    if all(most is None for _, most, _ in windows):
        return []
    return [Cap(name, referrer_id, window, most, beside) for name, most, window in windows]


def budget_caps(programme: Programme) -> list[Cap]:
    """The shards of a programme's budget; together they are all of it, to the unit."""
    budget = programme.budget_minor
    if budget is None:
        return []
    count = BUDGET_SHARDS if budget >= SPREAD_FROM_MINOR else 1
    whole, rest = divmod(budget, count)
    return [
        Cap(BUDGET, programme.version, str(number), whole + (number < rest))
        for number in range(count)
    ]
