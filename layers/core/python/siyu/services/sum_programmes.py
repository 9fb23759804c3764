"""What each version of the referral rules has given so far, and what members hold of it all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from siyu.domain.caps import budget_caps
from siyu.domain.ledger import programme_account
from siyu.domain.programmes import Programme, Programmes
from siyu.storage import accounts, caps


@dataclass(frozen=True, slots=True)
class Sum:
    """Amounts in minor units. `given_minor` is net of what went back and of what expired;
    `granted_minor` what is counted against the budget, of which `left_minor` is left: refunds make
    no room again. Both are None without a budget."""

    given_minor: int = 0
    granted_minor: int | None = None
    left_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """The sum of every version by its name, and what stores have taken in of it all."""

    versions: Mapping[str, Sum]
    taken_in_minor: int

    @property
    def given_minor(self) -> int:
        """What all versions together have given."""
        return sum(one.given_minor for one in self.versions.values())

    @property
    def outstanding_minor(self) -> int:
        """What members hold, pending, released or held, their debts taken off."""
        return self.given_minor - self.taken_in_minor


def sum_up(known: Programmes, now: datetime) -> Sums:
    """The sums of all versions. Those that have not begun, or never will, are not looked up: of the
    others each takes 16 reads for its account and up to 16 for its budget, a hundred in a round
    trip; stores are 16 queries.

    It is no snapshot: what moves meanwhile may be seen on one side only.
    """
    begun = [one for one in known.all if one.effective_from <= now and not known.replaced_by(one)]
    names = {one.version: programme_account(one.version) for one in begun}
    balances = accounts.balances(names.values())
    counters = {one.version: [cap.key for cap in budget_caps(one)] for one in known.all}
    used = caps.used(key for one in begun for key in counters[one.version])
    granted = {version: sum(used.get(key, 0) for key in some) for version, some in counters.items()}
    return Sums(
        {
            one.version: _sum(
                one, -balances.get(names.get(one.version, ""), 0), granted[one.version]
            )
            for one in known.all
        },
        accounts.of_stores(),
    )


def _sum(programme: Programme, given_minor: int, granted_minor: int) -> Sum:
    budget = programme.budget_minor
    if budget is None:
        return Sum(given_minor)
    return Sum(given_minor, granted_minor, max(0, budget - granted_minor))
