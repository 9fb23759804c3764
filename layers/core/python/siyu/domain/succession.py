"""How a credit begins, and how it takes the place of another: what an order earned somebody else,
by other rules, or before it was known to tell of a sale, goes over."""

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from siyu.domain.calendar import business_date
from siyu.domain.credits import Credit, expire, over, reconcile
from siyu.domain.ledger import PENDING, Entry
from siyu.domain.referrals import NOTHING, Binding, Target

if TYPE_CHECKING:
    from siyu.domain.orders import Order
    from siyu.domain.programmes import Programme


def open_credit(
    order_key: str, order: "Order", binding: Binding, programme: "Programme", opened_on: date
) -> Credit:
    """A credit with nothing posted yet. Raises ValueError for an order that was never paid."""
    if order.paid is None:
        raise ValueError("only a paid order can earn a credit")
    paid_at = order.paid.occurred_at
    return Credit(
        order_key=order_key,
        referrer_id=binding.referrer_id,
        referee_id=binding.referee_id,
        programme=programme.version,
        opened_on=opened_on,
        release_on=programme.release_on(paid_at),
        paid_on=business_date(paid_at),
    )


def reschedule(
    credit: Credit, order: "Order", programme: "Programme", completed_at: datetime | None = None
) -> Credit:
    """The credit with the days of its order's payment and of its release, which a later telling may
    change; what is released stays so. `completed_at` is when the last that tells of the order
    calls it completed."""
    if order.paid is None:
        return credit
    paid_at = order.paid.occurred_at
    known = replace(credit, paid_on=business_date(paid_at))
    if credit.state != PENDING:
        return known
    return replace(known, release_on=programme.release_on(paid_at, completed_at))


def inherit(opened: Credit, former: Credit) -> Credit:
    """A credit opened for what a former one was for, between the same two people: what was decided
    and known goes on to hold, and what was released stays so, until the day on which it ends."""
    return replace(
        opened,
        state=former.state,
        release_on=opened.release_on if former.state == PENDING else former.release_on,
        expires_on=former.expires_on,
        evidence=former.evidence,
        ruling=former.ruling,
        doubted_on=former.waits_since if former.in_review else former.doubted_on,
    )


def leave(credit: Credit) -> tuple[Credit, list[Entry]]:
    """The credit with nothing kept of it and nothing counted for it, and the entries that take it
    there: what it was for is owed to somebody else now, by other rules, or by another order."""
    empty = replace(credit, granted_minor=0, grants=(), limited_by=())
    return reconcile(empty, NOTHING)


def take_over(
    after: Credit, heir: Credit | None, target: Target, beside_minor: int = 0
) -> tuple[Credit, list[Entry]]:
    """A credit at its target, when what can be spent of others, `beside`, goes over into it. An
    opened one goes on from its `heir`: what had expired of that has expired of it, too, but for
    what is taken back now."""
    if heir is None:
        return reconcile(after, target, beside_minor)
    moved, entries = reconcile(after, target)
    moved, more = expire(moved, *over(heir, moved.kept_minor, beside_minor))
    return moved, [*entries, *more]
