"""Somebody decides about a credit in doubt, and the money goes where the decision says.

A ruling, its postings and what it says about the referrer are one transaction, so there is nothing
to mend between them. A later decision takes the place of an earlier one; its postings stay.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice

from siyu.domain.calendar import business_date, to_utc
from siyu.domain.credits import Credit
from siyu.domain.ledger import PENDING
from siyu.domain.orders import Order
from siyu.domain.vetting import UNDECIDED, Ruling, Verdict
from siyu.errors import NoteNeededError, NotFoundError, NothingToDecideError
from siyu.services.each import each
from siyu.services.post_credit import Ruled
from siyu.storage import credit_items, credit_queue, keys, orders, programmes
from siyu.storage.credit_queue import Place, place_of
from siyu.storage.transaction import StaleReadError, Transaction, retrying

LOOKED_THROUGH = 400

Judge = Callable[[Credit, Order], Ruled | None]


@dataclass(frozen=True, slots=True)
class Page:
    """Some credits in review, and behind which place there may be more, even if it is empty."""

    credits: Sequence[Credit]
    after: Place | None


def open_page(referrer: str | None, reason: str | None, limit: int, after: Place | None) -> Page:
    """Up to `limit` of the credits in review, oldest first, from behind `after` on.

    So many at most are looked through for them: a filter that matches little must not read all that
    there is. `referrer` is the account they were credited to.
    """
    found: list[Credit] = []
    last, looked = None, 0
    for one in islice(credit_queue.in_review(after, limit), LOOKED_THROUGH):
        last, looked = one, looked + 1
        if referrer in {None, one.referrer_id} and reason in {None, *one.decision.reasons}:
            found.append(one)
        if len(found) == limit:
            break
    more = last is not None and (len(found) == limit or looked == LOOKED_THROUGH)
    return Page(found, place_of(last) if last and more else None)


def decide_credit(
    order_key: str,
    verdict: Verdict,
    by: str,
    now: datetime,
    note: str = "",
    *,
    fraud: bool = False,
) -> str:
    """Block: everything is taken back, a debt where it was spent. Approve: it is kept, and released
    at once if its day has come and its referrer is not suspended. Returns the key of the order or
    sale whose credit it was: what tells of a sale has its credit there.

    Any credit may be blocked, if the rules let it through, with a note. The same decision again
    changes nothing. An approval holds for the reasons that stand on the credit: if the rules find
    another one, it waits again. `fraud` counts until a later decision says otherwise. Raises
    NotFoundError, NoteNeededError, NothingToDecideError for an approval where there is no doubt.
    """
    from siyu.services.note_fraud import note_fraud  # noqa: PLC0415 - not for a look

    most = programmes.load().in_force(now).checks.frauds

    def judge(sale: str | None, credit: Credit, order: Order) -> Ruled:
        if _sale_of(order) not in {None, sale}:
            raise StaleReadError(frozenset({"sale"}))
        _check(credit, verdict, note)
        former = credit.ruling
        ruling = Ruling(verdict, credit.decision.reasons, by, to_utc(now), note, fraud)
        noted = partial(
            note_fraud,
            credit=credit,
            purchase=_sale_of(order) or credit.order_key,
            parts=order.parts.keys(),
            most=most,
            now=now,
            fraud=fraud,
        )
        if former is not None and replace(ruling, at=former.at) == former:
            # One that came over from an order of the sale is not noted of the sale yet.
            noted(missing := Transaction())
            if missing.empty:
                return Ruled(former)
        return Ruled(ruling, (noted,))

    def attempt() -> tuple[str, Credit | None]:
        key, sale = _where_it_counts(order_key, now)
        return key, _rule(key, partial(judge, sale), now)

    key, before = retrying(attempt)
    # Cut off here, the night lets it go, and the same decision again gives the room away.
    if verdict is Verdict.APPROVE:
        from siyu.services.release_credits import release_alone  # noqa: PLC0415 - not for a look

        release_alone(key, business_date(now), now)
    elif before is not None and (_makes_room(before) or before.blocked):
        _settle_limited([before], now)
    return key


def refuse_undecided(day: date, now: datetime) -> int:
    """Refuse what waited for a decision for more than its programme's days before `day`; returns
    how many. Safe to repeat, to resume, and beside people who decide."""
    rules = programmes.load()

    def overdue(credit: Credit) -> bool:
        waited = (day - credit.waits_since).days
        return credit.in_review and waited > rules.named(credit.programme).checks.review_days

    def judge(credit: Credit, _order: Order) -> Ruled | None:
        reasons = credit.decision.reasons
        ruling = Ruling(Verdict.BLOCK, reasons, UNDECIDED, to_utc(now), overdue=True)
        return Ruled(ruling) if overdue(credit) else None

    until = day - timedelta(days=1 + min(one.checks.review_days for one in rules.all))
    refused: list[Credit] = []

    def refuse(order_key: str) -> int:
        before = retrying(partial(_rule, order_key, judge, now))
        if before is not None and _makes_room(before):
            refused.append(before)
        return int(before is not None)

    try:
        return each(
            partial(refuse, credit.order_key)
            for shard in range(keys.DUE_SHARDS)
            for credit in credit_items.waiting(keys.REVIEW, until, shard)
            if overdue(credit)
        )
    finally:
        _settle_limited(refused, now)


def _check(credit: Credit, verdict: Verdict, note: str) -> None:
    if verdict is Verdict.APPROVE and credit.ruling is None and credit.verdict is verdict:
        raise NothingToDecideError
    if verdict is Verdict.BLOCK and not (credit.blocked or credit.decision.reasons or note):
        raise NoteNeededError


def _where_it_counts(order_key: str, now: datetime) -> tuple[str, str | None]:
    """The key of the credit of a purchase, and of the sale that it tells of, if that is known: then
    its credit is there, and is brought there first, in case nobody has told the ledger yet."""
    order = orders.find([order_key])[order_key].order
    sale = _sale_of(order)
    if sale is None:
        return order_key, None
    from siyu.services.credit_referral import credit_referral, following  # noqa: PLC0415 - as below

    credit_referral(order_key, following({order.member_id} if order.member_id else ()), now)
    return (sale if credit_items.find(sale) is not None else order_key), sale


def _sale_of(order: Order) -> str | None:
    return orders.sale_key(order.payment_id) if order.payment_id is not None else None


def _makes_room(before: Credit) -> bool:
    """Whether a credit counts no more once it is refused: what was released does."""
    return before.state == PENDING and bool(before.grants)


def _settle_limited(refused: Iterable[Credit], now: datetime) -> None:
    """Once for each person's window, since in it all are looked at."""
    from siyu.services.settle_limited import settle_limited  # noqa: PLC0415 - not for a look

    alike = {(one.referrer_id, one.release_on, one.programme): one for one in refused}
    for one in alike.values():
        settle_limited(one, now)


def _rule(order_key: str, judge: Judge, now: datetime) -> Credit | None:
    """Put a ruling on a credit as it stands now; how it stood before, or None where there was none
    to put. Raises StaleReadError."""
    from siyu.services.credit_referral import following, settle  # noqa: PLC0415 - not for a look

    order, credit = credit_items.look_up([order_key])[order_key]
    if order is None or credit is None:
        raise NotFoundError("no such credit")
    ruled = judge(credit, order)
    if ruled is None:
        return None
    buyers = {order.member_id} if order.member_id else set()
    settle(order_key, order, credit, following(buyers), now, ruled=ruled)
    return credit
