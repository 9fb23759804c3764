"""How a credit begins, and how it takes the place of another: what an order earned somebody else,
by other rules, or before it was known to tell of a sale, goes over."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from siyu.domain.calendar import business_date
from siyu.domain.credits import Credit, reconcile
from siyu.domain.ledger import PENDING, Entry
from siyu.domain.referrals import NOTHING, Binding
from siyu.domain.vetting import FormerRuling, Ruling

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
    """A credit opened for what a former one was for, between the same two people: with what was
    known, and since when somebody has had to look at it, or when it was to be released."""
    return replace(
        opened,
        release_on=opened.release_on if former.state == PENDING else former.release_on,
        evidence=former.evidence,
        doubted_on=former.waits_since if former.in_review else former.doubted_on,
    )


def put_aside(opened: Credit, former: Credit) -> Credit:
    """A credit opened in the place of a former one, with what was decided about other people: the
    order may come back to them."""
    said = {one.pair: one for one in former.former}
    if former.ruling:
        said[former.pair] = FormerRuling(former.pair, former.ruling)
    return replace(opened, former=tuple(one for one in said.values() if one.pair != opened.pair))


def rulings_about(credit: Credit, pair: tuple[str, str]) -> Iterator[Ruling]:
    """What somebody decided about two people whom a credit is about, or was."""
    if credit.ruling and credit.pair == pair:
        yield credit.ruling
    yield from (one.ruling for one in credit.former if one.pair == pair)


def turned(credit: Credit, state: str, *, by_parts: bool) -> Credit:
    """The credit in a state; nothing of it is posted yet if it was in the other one."""
    known = replace(credit, by_parts=by_parts)
    if known.state == state:
        return known
    return replace(
        known,
        state=state,
        expires_on=None,
        earned_minor=0,
        reversed_minor=0,
        expired_minor=0,
        ended_minor=0,
    )


def leave(credit: Credit) -> tuple[Credit, list[Entry]]:
    """The credit with nothing kept of it and nothing counted for it, and the entries that take it
    there: what it was for is owed to somebody else now, by other rules, or by another order."""
    empty = replace(
        credit,
        granted_minor=0,
        grants=(),
        limited_by=(),
        let_go_minor=credit.released_minor,
    )
    return reconcile(empty, NOTHING)
