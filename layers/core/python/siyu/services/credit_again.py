"""Settle referrals anew when it turns out who is one person with whom, or may be."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime

from siyu.domain.calendar import business_date
from siyu.domain.credits import Credit
from siyu.domain.orders import Order
from siyu.domain.referrals import Binding
from siyu.domain.touches import LONGEST, Touch, counts
from siyu.services.credit_referral import Following, credit_referral
from siyu.services.release_credits import release_alone
from siyu.services.vet_referral import accounts_of, line_above, touch_of
from siyu.storage import bindings, credit_items, keys, orders, people, programmes
from siyu.storage.members import Identity
from siyu.storage.order_items import buyers_of
from siyu.storage.people import Person


def credit_again(member_ids: Iterable[str], now: datetime) -> int:
    """After a merge or its undoing: the orders of these accounts, those of everybody in the line
    above them, and of the friends they brought those whose credit may hang on it. Returns the
    number of entries."""
    lines = [list(line_above(member_id)) for member_id in member_ids]
    accounts = [one for line in lines for person in line for one in person.accounts]
    bound = {one.member.member_id: one.binding for one in accounts if one.binding}
    themselves = [line[0] for line in lines if line]
    friends, brought = _brought_by(themselves)
    return _settle(bound | friends, {*_orders_of(bound), *brought}, now)


def credit_suspects(member_ids: Iterable[str], now: datetime) -> int:
    """Somebody has to look whether these accounts are one person, or has looked: what they bought
    as friends is settled anew, and let go at once if it waited for that beyond its day. Returns the
    number of entries."""
    bound = bindings.of({one for member_id in member_ids for one in accounts_of(member_id)})
    order_keys, day = _orders_of(bound), business_date(now)
    posted = _settle(bound, order_keys, now)
    return posted + sum(release_alone(order_key, day, now) for order_key in sorted(order_keys))


def credit_noticed(member_id: str, now: datetime) -> int:
    """It was noticed that an account's person was a member before, or on which device they are:
    what they bought as a friend is settled anew, and what friends bought who came from a device of
    theirs. Returns the number of entries."""
    person = people.load(member_id)
    accounts = person.accounts if person else ()
    theirs = {one.member.member_id for one in accounts}
    bound = {one.member.member_id: one.binding for one in accounts if one.binding}
    for device in sorted({device for one in accounts for device in one.member.seen_on}):
        friends = bindings.on_device(device)
        bound |= {one.referee_id: one for one in friends if one.referrer_id in theirs}
    return _settle(bound, _orders_of(bound), now)


def _settle(bound: dict[str, Binding], order_keys: set[str], now: datetime) -> int:
    shared = Following(programmes.load(), bound)
    return sum(credit_referral(order_key, shared, now) for order_key in sorted(order_keys))


def _orders_of(member_ids: Iterable[str]) -> set[str]:
    return {
        keys.order_key(order.source, order.order_id)
        for member_id in sorted(member_ids)
        for order in orders.of_member(member_id)
    }


def _brought_by(persons: Sequence[Person]) -> tuple[dict[str, Binding], set[str]]:
    """Of the friends whom some persons brought, those whose credit may come out otherwise now, with
    their orders: a device, a payer or a note of one account counts for all accounts of a person,
    and the friends of all of them are counted together.

    Somebody may have brought thousands, so they are sifted a hundred at a time, and what is sure
    to stay as it is costs no look at the line above.
    """
    accounts = [one for person in persons for one in person.accounts]
    credits_found = [
        credit
        for member_id in sorted({one.member.member_id for one in accounts})
        for credit in credit_items.of_referrer(member_id)
    ]
    friends = bindings.of({credit.referee_id for credit in credits_found})
    devices = {device for one in accounts for device in one.member.seen_on}
    theirs = {one.member.member_id for one in accounts}
    names = theirs | {identity for one in accounts for identity in one.identities}
    noted = any(one.standing.staff_since or one.standing.suspended_at for one in accounts)
    paid_by = _payers(credits_found)
    numbers = {one: _Numbers(person) for person in persons for one in person.member_ids}

    def may_move(credit: Credit) -> bool:
        friend = friends.get(credit.referee_id)
        return (
            noted
            or bool(credit.decision.reasons)
            or (friend is not None and (friend.device in devices or bool(friend.kept.facts)))
            or (friend is not None and numbers[credit.referrer_id].differ(credit, friend))
            or not names.isdisjoint(paid_by[credit.order_key])
        )

    again = [credit for credit in credits_found if may_move(credit)]
    kept = {credit.referee_id for credit in again}
    return (
        {referee_id: friend for referee_id, friend in friends.items() if referee_id in kept},
        {credit.order_key for credit in again},
    )


class _Numbers:
    """How many friends a person had brought before each of them."""

    def __init__(self, person: Person) -> None:
        found = (one for account in person.member_ids for one in bindings.friends_of(account))
        self._touches = sorted(map(touch_of, found), key=_at)

    def differ(self, credit: Credit, friend: Binding) -> bool:
        """Whether a credit was decided by other numbers."""
        touch = touch_of(friend)
        first = bisect_left(self._touches, touch.at - LONGEST, key=_at)
        last = bisect_right(self._touches, touch.at, key=_at)
        found = counts(touch, self._touches[first:last])
        return any(getattr(credit.evidence, name) != number for name, number in found.items())


def _at(touch: Touch) -> datetime:
    return touch.at


def _payers(credits_found: Iterable[Credit]) -> dict[str, set[str | Identity]]:
    """Who bought or paid each order as any of its tellers says: accounts, and names of buyers."""
    found = orders.find({credit.order_key for credit in credits_found})
    parts = orders.find({key for standing in found.values() for key in standing.order.parts})

    def payers(order: Order) -> set[str | Identity]:
        told = [parts[key].order for key in order.parts] or [order]
        accounts = {one.member_id for one in told if one.member_id is not None}
        return accounts | {name for one in told for name in buyers_of(one)}

    return {key: payers(standing.order) for key, standing in found.items()}
