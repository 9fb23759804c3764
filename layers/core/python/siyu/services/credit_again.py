"""Settle referrals anew when it turns out who is one person with whom, or may be."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime

from siyu.domain.credits import Credit
from siyu.domain.orders import Order
from siyu.domain.referrals import Binding
from siyu.domain.vetting import LONGEST, Touch, counts
from siyu.services.credit_referral import Following, credit_referral
from siyu.services.vet_referral import accounts_of, line_above, touch_of
from siyu.storage import bindings, credit_items, keys, orders, programmes
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
    as friends is settled anew. Returns the number of entries."""
    bound = bindings.of({one for member_id in member_ids for one in accounts_of(member_id)})
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
    devices = {one.member.first_touch.device for one in accounts} - {None}
    names = {f"{kind}#{index}" for one in accounts for kind, index in one.identities}
    noted = any(one.standing.staff_since or one.standing.suspended_at for one in accounts)
    paid_by = _payers(credits_found)
    numbers = {one: _Numbers(person) for person in persons for one in person.member_ids}

    def may_move(credit: Credit) -> bool:
        friend = friends.get(credit.referee_id)
        return (
            noted
            or bool(credit.decision.reasons)
            or (friend is not None and friend.device in devices)
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


def _payers(credits_found: Iterable[Credit]) -> dict[str, set[str]]:
    """By what WeChat calls those who paid each order, as any of its tellers says."""
    found = orders.find({credit.order_key for credit in credits_found})
    parts = orders.find({key for standing in found.values() for key in standing.order.parts})

    def people(order: Order) -> set[str]:
        told = [order, *(parts[key].order for key in order.parts)]
        return {name for one in told for name in one.people}

    return {key: people(standing.order) for key, standing in found.items()}
