"""Bring the ledger to what an order owes its buyer's referrer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from siyu.domain.calendar import business_date
from siyu.domain.credits import Credit
from siyu.domain.orders import Order
from siyu.domain.programmes import Programmes
from siyu.domain.referrals import Binding
from siyu.services import vet_referral
from siyu.services.credit_case import Case
from siyu.services.post_credit import UNMOVED, UNRULED, Ruled, Settled, left, post
from siyu.services.settle_case import settle_case
from siyu.storage import bindings, caps, credit_items, figures, keys, orders, programmes
from siyu.storage.credit_items import Standing
from siyu.storage.transaction import retrying

# One that gives back and one that takes; a further one for what that leaves.
PASSES = 3


@dataclass(frozen=True, slots=True)
class Following:
    """What one run of changes shares: the rules, who was referred by whom as far as it was asked,
    and who may decide about a referral by their orders: the friend, by any account of theirs."""

    programmes: Programmes
    bindings: Mapping[str, Binding]
    asked: frozenset[str] = frozenset()
    referred: frozenset[str] = frozenset()

    def binding_of(self, order: Order) -> Binding | None:
        """Who brought the member of an order, which may have come to somebody else since."""
        member_id = order.member_id
        if member_id is None or member_id in self.bindings or member_id in self.asked:
            return self.bindings.get(member_id or "")
        return bindings.of([member_id]).get(member_id)


def following(member_ids: Iterable[str]) -> Following:
    """Two round trips; most members were brought by nobody. Rules that ask for first purchases take
    a query more for each member: what is first, is so for a person."""
    rules, wanted = programmes.load(), set(member_ids)
    accounts = {one: vet_referral.accounts_of(one) if rules.look_back else {one} for one in wanted}
    asked = frozenset(one for some in accounts.values() for one in some)
    bound = bindings.of(asked)
    referred = (one for one, some in accounts.items() if not some.isdisjoint(bound))
    return Following(rules, bound, asked, frozenset(referred))


def read_ahead(order_keys: Iterable[str]) -> dict[str, Standing]:
    """What some orders are and what they have earned so far, read together."""
    return credit_items.look_up(order_keys)


def credit_referral(
    order_key: str,
    shared: Following,
    now: datetime,
    ahead: Standing | None = None,
    former: str | None = None,
) -> int:
    """Post the difference between target and ledger; returns the number of entries.

    Works from everything as it stands, not as the trigger saw it, so late, repeated or reordered
    triggers end in the same ledger. A sale may have come to another member than before: then what
    it earned the referrer of the former is taken back, also if the new one has none; other
    purchases of the former member (`former`) may be first ones now. `ahead` may be outdated: a
    write that rests on an old credit fails and all is read again, and an order that has moved on
    triggers this once more.
    """
    given = iter([ahead] if ahead else [])
    buyers = {former} if former else set[str]()
    sales: set[str] = set()

    def attempt() -> Settled:
        order, credit = next(given, None) or credit_items.look_up([order_key])[order_key]
        if order is None or order.paid is None:
            return UNMOVED
        buyers.update(filter(None, (order.member_id, credit.referee_id if credit else None)))
        sale = orders.sale_key(order.payment_id) if order.payment_id is not None else None
        if sale and (shared.programmes.wait_for_completion or (credit and credit.stands)):
            sales.add(sale)
        if sale and credit and credit.stands:
            # What the order has is its sale's now, and goes over with it.
            taken = _settle_fresh(sale, shared, now)
            if taken.moved:
                return taken
        return settle(order_key, order, credit, shared, now)

    posted = _until_it_stands(attempt)
    for sale in sales:
        posted += _until_it_stands(partial(_settle_fresh, sale, shared, now))
    if shared.programmes.look_back:
        posted += _credit_friends_others(order_key, buyers, shared, now)
    return posted


def _until_it_stands(attempt: Callable[[], Settled]) -> int:
    """Settle, and look once more after each write: what it rests on (a merge, a note, another first
    purchase) may have moved between reading and writing, and whoever moved it may have looked
    before there was anything to see. Returns the number of entries."""
    posted = 0
    while (settled := retrying(attempt)).moved:
        posted += settled.entries
    return posted


def _credit_friends_others(
    order_key: str, buyers: set[str], shared: Following, now: datetime
) -> int:
    """The friend's other orders, and this one again as long as they move: what one of them gives
    back may be what another one, or this one, was held back for."""
    posted = 0
    for _ in range(PASSES):
        moved = _credit_others(order_key, buyers, shared, now)
        if not moved:
            break
        posted += moved + _until_it_stands(partial(_settle_fresh, order_key, shared, now))
    return posted


def _credit_others(order_key: str, buyers: set[str], shared: Following, now: datetime) -> int:
    """A friend's first purchase decides about later ones, and this may be it, or have been it."""
    found = orders.find([order_key])[order_key].order
    bound = bindings.of({one for buyer in buyers for one in vet_referral.accounts_of(buyer)})
    again = Following(shared.programmes, bound)
    lineages = figures.get_many(set(bound))
    posted = 0
    for member_id in sorted(bound):
        first = lineages[member_id][-1].figures.first_day
        if found.paid and first and business_date(found.paid.occurred_at) > first:
            continue
        for order in list(orders.of_member(member_id)):
            key = keys.order_key(order.source, order.order_id)
            if key != order_key:
                posted += _until_it_stands(partial(_settle_fresh, key, again, now))
    return posted


def _settle_fresh(order_key: str, shared: Following, now: datetime) -> Settled:
    order, credit = credit_items.look_up([order_key])[order_key]
    return settle(order_key, order, credit, shared, now) if order and order.paid else UNMOVED


def settle(
    order_key: str,
    order: Order,
    credit: Credit | None,
    shared: Following,
    now: datetime,
    *,
    ruled: Ruled = UNRULED,
) -> Settled:
    """The same from what was read.

    A ruling is written in the transaction of the postings it leads to. It is about the credit that
    was read: what the order earns somebody else since is not ruled. Raises StaleReadError.
    """
    binding = None if order.payment_id else shared.binding_of(order)
    if order.paid is None:
        return UNMOVED
    if binding is not None:
        programme = shared.programmes.in_force(order.paid.rules_at)
        return settle_case(Case(order_key, order, binding, programme, ruled), credit, now)
    if credit is None:
        return UNMOVED
    given_back = partial(caps.give_back, amounts=credit.held)
    return post([left(credit, ruled)], now, (given_back, *ruled.also))
