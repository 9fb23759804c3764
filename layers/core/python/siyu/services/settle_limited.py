"""Room under caps that a decision made: whose credit was held back is given it, first come first.

Nothing tells of it otherwise: no order has moved, so the table's stream has nothing to follow.
"""

from collections.abc import Iterator
from datetime import datetime
from heapq import nsmallest

from siyu.domain.caps import BUDGET, DAY, MONTH, YEAR
from siyu.domain.credits import Credit
from siyu.services.credit_referral import credit_referral, following, read_ahead
from siyu.services.vet_referral import accounts_of
from siyu.storage import credit_items

# What a request has time for, beside the decision.
SETTLED_AT_ONCE = 50


def settle_limited(refused: Credit, now: datetime) -> int:
    """Settle anew those credits of the same person that a cap held back in a window in which a
    refused one counted, or the budget of its rules: the oldest, so many at most.

    Returns the number of entries. The index may lag a moment behind. Others than the person's, who
    share the budget, are left to whoever looks at their orders.
    """
    room = set(_windows(refused))
    waiting = (
        credit
        for account in sorted(accounts_of(refused.referrer_id))
        for credit in credit_items.of_referrer(account)
        if credit.limited_by and not credit.blocked and not room.isdisjoint(_held_by(credit))
    )
    first = nsmallest(SETTLED_AT_ONCE, waiting, key=lambda one: (one.opened_on, one.order_key))
    ahead = read_ahead(one.order_key for one in first)
    shared = following(order.member_id for order, _ in ahead.values() if order and order.member_id)
    return sum(credit_referral(one.order_key, shared, now, ahead[one.order_key]) for one in first)


def _held_by(credit: Credit) -> Iterator[tuple[str, str]]:
    """The windows that were full for a credit."""
    return (window for window in _windows(credit) if window[0] in credit.limited_by)


def _windows(credit: Credit) -> Iterator[tuple[str, str]]:
    """Where a credit counts, by the name of the cap."""
    if credit.paid_on is not None:
        yield DAY, credit.paid_on.isoformat()
        yield MONTH, f"{credit.paid_on:%Y-%m}"
        yield YEAR, f"{credit.paid_on:%Y}"
    yield BUDGET, credit.programme
