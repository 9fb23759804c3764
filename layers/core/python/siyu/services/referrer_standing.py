"""Note that a member is staff or suspended, or no longer, and bring their credits to what follows.

The table's stream does not follow standings: the credits they change are settled here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from siyu.domain.calendar import business_date
from siyu.domain.credits import Credit
from siyu.domain.members import STAFF, SUSPENDED, Standing
from siyu.services.known_member import known_from_the_top
from siyu.services.put_standings import put_standings
from siyu.storage import credit_items, keys
from siyu.storage.people import Person
from siyu.storage.transaction import Transaction, retrying

# What one request has time for; a celebrity's credits take several of them.
SETTLED_AT_ONCE = 200
READ_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Settled:
    """What is noted about a person, how many entries followed from it, and whether `more` credits
    wait: then the same is to be set again."""

    standing: Standing
    posted: int
    more: bool


def set_standing(
    member_id: str, now: datetime, *, staff: bool | None = None, suspended: bool | None = None
) -> Settled:
    """Set or lift what is not None, for all accounts of a person, from `now` on.

    What is so already stays since when it was. Whoever it is lifted from is treated as if it had
    never been: their credits come back, and what was frozen goes on in the night. Repeated, it goes
    on where it was cut short. Raises NotFoundError.
    """
    person = retrying(lambda: _set(member_id, staff, suspended, now))
    posted, more = _settle_anew(person, person.standing, now)
    return Settled(person.standing, posted, more)


def _set(member_id: str, staff: bool | None, suspended: bool | None, now: datetime) -> Person:
    person = known_from_the_top(member_id)
    stands = person.standing
    staff_since = _since(staff, stands.staff_since, now)
    suspended_at = _since(suspended, stands.suspended_at, now)
    said = {name for name, value in ((STAFF, staff), (SUSPENDED, suspended)) if value is not None}
    after = {
        one.member.member_id: replace(
            one.standing,
            staff_since=one.standing.staff_since if staff is None else staff_since,
            suspended_at=one.standing.suspended_at if suspended is None else suspended_at,
            by_merge=one.standing.by_merge - said,
        )
        for one in person.accounts
    }
    write = Transaction()
    put_standings(write, person, after)
    if write.empty:
        return person
    write.commit()
    return known_from_the_top(member_id)


def _since(wanted: bool | None, stands: datetime | None, now: datetime) -> datetime | None:
    return (stands or now) if wanted else None


def _settle_anew(person: Person, standing: Standing, now: datetime) -> tuple[int, bool]:
    """Entries, and whether there was more than one request has time for."""
    # Loaded for a change of standing; most requests only look.
    from siyu.services.credit_referral import (  # noqa: PLC0415
        credit_referral,
        following,
        read_ahead,
    )

    doubtful, posted, left = _doubtful(person, standing), 0, SETTLED_AT_ONCE
    while together := list(islice(doubtful, READ_AT_ONCE)):
        ahead = read_ahead(together)
        differing = [
            (key, order.member_id)
            for key, (order, credit) in ahead.items()
            if order and order.paid and credit
            if _differs(credit, order.paid.occurred_at, person, standing)
        ]
        shared = following(member_id for _, member_id in differing[:left] if member_id)
        posted += sum(credit_referral(key, shared, now, ahead[key]) for key, _ in differing[:left])
        if len(differing) > left:
            return posted, True
        left -= len(differing)
    return posted, False


def _doubtful(person: Person, standing: Standing) -> Iterator[str]:
    """The orders whose credits may have been decided by what is noted no more, or not yet: the
    index knows the day, the orders know the moment."""
    from siyu.storage import orders  # noqa: PLC0415 - as above

    for account in person.accounts:
        member_id = account.member.member_id
        for credit in credit_items.of_referrer(member_id):
            if _may_differ(credit, standing):
                yield credit.order_key
        for order in orders.of_member(member_id) if account.binding else ():
            yield keys.order_key(order.source, order.order_id)


def _may_differ(credit: Credit, standing: Standing) -> bool:
    paid_on = credit.paid_on
    noted = (
        (credit.evidence.staff, standing.staff_since),
        (credit.evidence.referrer_suspended, standing.suspended_at),
    )
    for flag, since in noted:
        day = business_date(since) if since else None
        if paid_on in {None, day} or flag != (day is not None and day < paid_on):
            return True
    return False


def _differs(credit: Credit, paid_at: datetime, person: Person, standing: Standing) -> bool:
    """Whether the evidence of a credit says other than what is noted. That somebody is staff may
    also be so of the other one, so such a credit is looked at more than once."""
    if credit.evidence.staff != standing.was_staff(paid_at):
        return True
    suspended = credit.evidence.referrer_suspended != standing.was_suspended(paid_at)
    return suspended and credit.referrer_id in person.member_ids
