"""Before an erasure takes away marks and names: note what they tell of referrals.

So what was refused stays refused, and a number of friends stays what it was: also for those who
came after an erased one, and for an order that is looked at later. Safe to repeat; the marks
themselves go last.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import islice

from siyu.domain.orders import Order
from siyu.domain.referrals import Binding
from siyu.domain.remembered import ANYBODY, FAN_IN, NETWORK, Fact, came_before, sent, shared_device
from siyu.domain.touches import at_address, on_device, on_network
from siyu.services.vet_referral import at_one_place, touch_of
from siyu.services.who_paid import payments
from siyu.storage import bindings, deliveries, departed, keys, neighbours, orders, people
from siyu.storage.bindings import MOST_FRIENDS
from siyu.storage.erasures import Erasure
from siyu.storage.people import Person
from siyu.storage.transaction import retrying

FRIENDS_AT_ONCE = 50


def keep_what_was_told(erasure: Erasure, order_keys: Iterable[str]) -> None:
    """`order_keys` are all orders that may name the person.

    Of a friend it takes a query for the friends before and after, for each account of the
    referrer's, by device and by address, and one for each place where an order went; of a referrer
    two queries for each friend, a thousand of an account at most: nobody draws what an erased one
    earns.
    """
    person = people.load(erasure.member_id)
    if person is None:
        return
    told = [standing.order for standing in orders.find(order_keys).values()]
    for account in person.accounts:
        if account.binding is not None:
            _keep_of_friend(account.binding, told, erasure.requested_at)
            _keep_of_places(account.binding, told, person)
    _keep_of_devices(person)
    if erasure.identities:
        for account_id in erasure.accounts:
            _keep_of_payments(account_id, person)


def _keep_of_friend(binding: Binding, told: list[Order], now: datetime) -> None:
    referrer = people.load(binding.referrer_id)
    if referrer is None:
        return
    seen_on = {one.member.member_id: one.member.seen_on for one in referrer.accounts}
    shared = (one for one, devices in seen_on.items() if binding.device in devices)
    bindings.remember(binding, {*map(shared_device, shared), *payments(told, referrer)})
    _keep_at_address(binding, referrer)
    _keep_on_device(binding)
    _keep_on_network(binding)
    if now < binding.bound_at + FAN_IN:
        for mark in filter(None, (binding.device, binding.address)):
            departed.leave(mark, binding.referrer_id, binding.bound_at, now)


def _keep_of_places(binding: Binding, told: list[Order], person: Person) -> None:
    """How many friends had goods sent to where each order went, once; an order that nobody looked
    at yet counts for the others from here on."""
    facts = set()
    for order in told:
        key = keys.order_key(order.source, order.order_id)
        if order.paid and order.paid.delivered_to and not binding.kept.sent_with([key]):
            retrying(partial(deliveries.note, [order], binding.referee_id, order))
            bought = order.paid.occurred_at
            facts.add(sent(key, at_one_place([order], binding, person.member_ids, bought)))
    bindings.remember(binding, facts)


def _keep_at_address(binding: Binding, referrer: Person) -> None:
    if binding.address is None:
        return
    accounts = referrer.member_ids
    around = [
        *bindings.friends_before(binding, accounts),
        *bindings.friends_after(binding, accounts),
    ]
    touches = list(map(touch_of, around))
    for one in (binding, *(one for one in around if _later(one, binding))):
        if one.address == binding.address:
            numbers = at_address(touch_of(one), touches)
            bindings.remember(one, _numbers(numbers))


def _keep_on_device(binding: Binding) -> None:
    if binding.device is None:
        return
    mates = [*bindings.same_device_before(binding), *bindings.same_device_after(binding)]
    touches = list(map(touch_of, mates))
    for one in (binding, *(one for one in mates if _later(one, binding))):
        bindings.remember(one, _numbers({ANYBODY: on_device(touch_of(one), touches) - 1}))


def _keep_on_network(binding: Binding) -> None:
    later = list(neighbours.after(binding))
    touches = [*neighbours.before(binding), *later]
    known = bindings.of({one.friend_id for one in later})
    for one in (binding, *known.values()):
        bindings.remember(one, _numbers({NETWORK: on_network(touch_of(one), touches) - 1}))


def _later(one: Binding, other: Binding) -> bool:
    return (one.bound_at, one.referee_id) > (other.bound_at, other.referee_id)


def _numbers(counted: Mapping[str, int]) -> set[Fact]:
    return {came_before(account, number) for account, number in counted.items() if number}


def _keep_of_devices(person: Person) -> None:
    """Of the friends who came from a device of their referrer's."""
    for account in person.accounts:
        member = account.member
        for device in sorted(member.seen_on):
            for one in bindings.on_device(device):
                if one.referrer_id in person.member_ids:
                    bindings.remember(one, {shared_device(member.member_id)})


def _keep_of_payments(account_id: str, person: Person) -> None:
    """Of the friends of one account what their referrer paid."""
    friends = islice(bindings.friends_of(account_id), MOST_FRIENDS)
    while some := list(islice(friends, FRIENDS_AT_ONCE)):
        told = {one.referee_id: set(_tellers(one.referee_id)) for one in some}
        found = orders.find(key for order_keys in told.values() for key in order_keys)
        facts = payments([standing.order for standing in found.values()], person)
        for one in some:
            mine = {fact for fact in facts if fact[2] in told[one.referee_id]}
            bindings.remember(one, mine)


def _tellers(friend_id: str) -> Iterator[str]:
    for order in orders.of_member(friend_id):
        yield from order.parts or (keys.order_key(order.source, order.order_id),)
