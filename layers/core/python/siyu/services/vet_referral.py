"""Gather what is known about a referral and an order of the friend's: is it honest?"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from siyu.domain.deliveries import other_friends
from siyu.domain.doubts import Reason
from siyu.domain.money import BASIS_POINTS
from siyu.domain.orders import Order
from siyu.domain.programmes import Programme
from siyu.domain.referrals import Binding, Goods, Purchases
from siyu.domain.sales import counted_keys
from siyu.domain.touches import Touch, counts, on_device, on_network
from siyu.domain.vetting import Evidence
from siyu.services.who_paid import leads_to
from siyu.storage import bindings, deliveries, figures, keys, merges, neighbours, orders, people
from siyu.storage.people import Account, Person

# A transaction takes 100 items, and each of three caps looks at each of so many other accounts of
# the referrer's; what counts at further ones takes up no room.
MOST_BESIDE = 10


@dataclass(frozen=True, slots=True)
class Vetted:
    """What is known about a referral and an order, and the other accounts of the referrer's."""

    evidence: Evidence = field(default_factory=Evidence)
    beside: tuple[str, ...] = ()


def line_above(member_id: str) -> Iterator[Person]:
    """The person behind an account, whoever brought them, who brought those, and so on; everybody
    once, so a ring comes to an end."""
    waiting, seen = [member_id], set[str]()
    while waiting:
        person = people.load(waiting.pop(0))
        if person is None or person.member.member_id in seen:
            continue
        seen.add(person.member.member_id)
        yield person
        waiting += [one.binding.referrer_id for one in person.accounts if one.binding]


def accounts_of(member_id: str) -> set[str]:
    """All accounts of the person behind one, in a query for each."""
    person = people.load(member_id)
    return set(person.member_ids) if person else {member_id}


def tellers_of(order: Order) -> list[Order]:
    """The orders that tell of a sale, in one round trip; what counts by itself tells of itself."""
    if not order.parts:
        return [order]
    return [standing.order for standing in orders.find(order.parts).values()]


def purchases_of(order: Order, tellers: Sequence[Order], programme: Programme) -> Purchases:
    """What the programme wants to know of an order's goods and of the friend's other orders: one
    round trip if it looks back, else none."""
    counted = counted_keys(order.parts) if order.parts else []
    best = {key.partition("#")[0] for key in counted} or {order.source}
    goods = [
        Goods(one.paid_minor, one.paid.lines) for one in tellers if one.source in best and one.paid
    ]
    first = None
    if programme.looks_back and order.member_id is not None:
        first = figures.get_many({order.member_id})[order.member_id][-1].figures.first_day
    return Purchases(tuple(goods), first)


def vet(
    order: Order,
    tellers: Sequence[Order],
    binding: Binding,
    programme: Programme,
    worth_minor: int,
    *,
    before: Evidence | None = None,
) -> Vetted:
    """What is known now: a query for each account in the line above and of the friend, one for the
    friends whom each account of the referrer's brought, one for those who came from the friend's
    device, one for those from their address, one for each place where the goods go, and a read of
    who paid where `tellers` name them for WeChat.

    An erasure takes away what tells of devices, addresses, places and payers; what it must not
    change is kept with the bindings (`forget_referral`), for a thousand friends of an erased
    referrer's. For the others `before` is what an earlier decision about the order was made from.
    """
    above = list(line_above(binding.referrer_id))
    friend = people.load(binding.referee_id)
    if order.paid is None or not above or friend is None:
        return Vetted()
    referrer, bought = above[0], order.paid.occurred_at
    given = worth_minor + _coupon_minor(programme, binding, bought)
    found = replace(
        evidence_of(binding, above, friend, bought),
        paid_by_referrer=leads_to(tellers, referrer, binding.kept),
        share_of_order=given * BASIS_POINTS // order.paid_minor,
        friends_per_delivery=at_one_place(tellers, binding, friend.member_ids, bought),
    )
    if before is not None and referrer.member.erased_at is not None:
        found = found.with_known(before)
    beside = [one for one in referrer.member_ids if one != binding.referrer_id]
    return Vetted(found, tuple(beside[:MOST_BESIDE]))


def evidence_of(
    binding: Binding, above: Sequence[Person], friend: Person, at: datetime
) -> Evidence:
    """What is known of a referral alone, at an instant, whoever pays: `above` is the line above the
    friend."""
    referrer, mine = above[0], set(friend.member_ids)
    friends = [touch_of(one) for one in bindings.friends_before(binding, referrer.member_ids)]
    mates = [touch_of(one) for one in bindings.same_device_before(binding)]
    return Evidence(
        refused=binding.refused or _came_back(friend, binding),
        self_referral=not mine.isdisjoint(referrer.member_ids),
        ring=any(not mine.isdisjoint(person.member_ids) for person in above[1:]),
        same_device=shares_device(binding, referrer.accounts),
        paid_by_referrer=False,
        staff=_staff(referrer, at) or _staff(friend, at),
        referrer_suspended=_suspended(referrer, at),
        referrer_gone=referrer.member.erased_at is not None and referrer.member.erased_at <= at,
        same_phone=merges.suspected(referrer.member_ids, friend.member_ids, merges.PHONE),
        friends_per_device=on_device(touch_of(binding), mates),
        friends_per_network=on_network(touch_of(binding), neighbours.before(binding)),
        **counts(touch_of(binding), friends),
    )


def touch_of(binding: Binding) -> Touch:
    """A referral as the numbers of friends see it."""
    return Touch(
        binding.referee_id, binding.bound_at, binding.address, binding.referrer_id, binding.kept
    )


def at_one_place(
    tellers: Iterable[Order], binding: Binding, accounts: Collection[str], paid_at: datetime
) -> int:
    """How many friends, whoever brought them, had goods sent to where an order went in the 30 days
    until it was paid, its own one (all their `accounts`) included: the most of its places, or what
    an erasure noted."""
    told = list(tellers)
    marks = {mark for one in told for mark in deliveries.marks_of(one)}
    others = (other_friends(deliveries.to_place(mark), accounts, paid_at) for mark in marks)
    order_keys = (keys.order_key(one.source, one.order_id) for one in told)
    return max(1 + max(others, default=0), binding.kept.sent_with(order_keys))


def shares_device(binding: Binding, accounts: Iterable[Account]) -> bool:
    """Whether a friend came from a device that one of some accounts was seen on."""
    seen_on = {one.member.member_id: one.member.seen_on for one in accounts}
    came_from = any(binding.device in devices for devices in seen_on.values())
    return came_from or binding.kept.shares_device(seen_on)


def _came_back(friend: Person, binding: Binding) -> str | None:
    """Why it is worth nothing when it turns out that the friend had been a member before."""
    since = (one.member.was_member_since for one in friend.accounts)
    back = any(one is not None and one < binding.bound_at for one in since)
    return Reason.RETURNING.value if back else None


def _coupon_minor(programme: Programme, binding: Binding, bought: datetime) -> int:
    """What the friend's own coupon may have taken off the order; afterwards it is over."""
    coupon = programme.coupon
    if coupon is None or bought >= binding.bound_at + timedelta(days=coupon.valid_days):
        return 0
    return coupon.value_minor


def _staff(person: Person, at: datetime) -> bool:
    since = (one.standing.staff_since for one in person.accounts)
    return any(one is not None and one <= at for one in since)


def _suspended(person: Person, at: datetime) -> bool:
    since = (one.standing.suspended_at for one in person.accounts)
    return any(one is not None and one <= at for one in since)
