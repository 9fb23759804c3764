"""Gather what is known about a referral and an order of the friend's: is it honest?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from siyu.domain.money import BASIS_POINTS
from siyu.domain.orders import Order
from siyu.domain.programmes import Programme
from siyu.domain.referrals import Binding, Purchases
from siyu.domain.sales import counted_keys
from siyu.domain.vetting import Evidence, Touch, counts, on_device
from siyu.storage import bindings, figures, members, merges, orders, people
from siyu.storage.people import Person

# A transaction takes 100 items, and each cap looks at each account: nobody real has as many.
MOST_BESIDE = 20


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
    lines = [line for one in tellers if one.source in best and one.paid for line in one.paid.lines]
    first = None
    if programme.looks_back and order.member_id is not None:
        first = figures.get_many({order.member_id})[order.member_id][-1].figures.first_day
    return Purchases(tuple(lines), first)


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
    device, and a read of who paid where `tellers` name them for WeChat.

    `before` is what an earlier decision about the order was made from: an erasure since takes away
    what tells of devices and payers, and must not turn a no into a yes.
    """
    above = list(line_above(binding.referrer_id))
    friend = people.load(binding.referee_id)
    if order.paid is None or not above or friend is None:
        return Vetted()
    referrer, mine = above[0], set(friend.member_ids)
    bought = order.paid.occurred_at
    given = worth_minor + _coupon_minor(programme, binding, bought)
    devices = {one.member.first_touch.device for one in referrer.accounts} - {None}
    friends = [touch_of(one) for one in bindings.friends_before(binding, referrer.member_ids)]
    mates = [touch_of(one) for one in bindings.same_device_before(binding)]
    found = Evidence(
        refused=binding.refused,
        self_referral=not mine.isdisjoint(referrer.member_ids),
        ring=any(not mine.isdisjoint(person.member_ids) for person in above[1:]),
        same_device=binding.device in devices,
        paid_by_referrer=_leads_to({name for one in tellers for name in one.people}, referrer),
        staff=_staff(referrer, bought) or _staff(friend, bought),
        referrer_suspended=_suspended(referrer, bought),
        referrer_gone=referrer.member.erased_at is not None and referrer.member.erased_at <= bought,
        same_phone=merges.suspected(referrer.member_ids, friend.member_ids, merges.PHONE),
        share_of_order=given * BASIS_POINTS // order.paid_minor,
        friends_per_device=on_device(touch_of(binding), mates),
        **counts(touch_of(binding), friends),
    )
    if before is not None:
        erased = bool(friend.member.erased_at or referrer.member.erased_at)
        forgotten = any(one.forgotten for one in friends)
        found = found.with_known(before, erased=erased, forgotten=forgotten)
    beside = [one for one in referrer.member_ids if one != binding.referrer_id]
    return Vetted(found, tuple(beside[:MOST_BESIDE]))


def touch_of(binding: Binding) -> Touch:
    """A referral as the numbers of friends see it."""
    return Touch(binding.referee_id, binding.bound_at, binding.address, binding.forgotten)


def _coupon_minor(programme: Programme, binding: Binding, bought: datetime) -> int:
    """What the friend's own coupon may have taken off the order; afterwards it is over."""
    coupon = programme.coupon
    if coupon is None or bought >= binding.bound_at + timedelta(days=coupon.valid_days):
        return 0
    return coupon.value_minor


def _leads_to(names: set[str], person: Person) -> bool:
    identities = [(kind, index) for kind, _, index in (name.partition("#") for name in names)]
    owners = {owner for owner, _ in members.owners(identities).values()}
    return not owners.isdisjoint(person.member_ids)


def _staff(person: Person, at: datetime) -> bool:
    since = (one.standing.staff_since for one in person.accounts)
    return any(one is not None and one <= at for one in since)


def _suspended(person: Person, at: datetime) -> bool:
    since = (one.standing.suspended_at for one in person.accounts)
    return any(one is not None and one <= at for one in since)
