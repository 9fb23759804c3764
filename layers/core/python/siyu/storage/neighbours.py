"""Friends from one network address, whoever brought them: each has an item of their own, since the
one index that a binding has left tells of devices.
"""

from collections.abc import Iterator
from datetime import datetime

from pynamodb.expressions.condition import Condition

from siyu.domain.calendar import to_utc
from siyu.domain.referrals import Binding
from siyu.domain.remembered import FAN_IN
from siyu.domain.touches import Touch
from siyu.storage import keys
from siyu.storage.bindings import MOST_FRIENDS
from siyu.storage.items import Item


def before(binding: Binding) -> Iterator[Touch]:
    """Those who came by anybody's referral from a friend's address in the week before, this one
    included: the latest first and a thousand at most; none where the address is not known."""
    if binding.address is not None:
        since = to_utc(binding.bound_at - FAN_IN).isoformat()
        pk, last = _own(binding, binding.address)
        yield from _some(pk, Item.SK.between(since, last), forward=False)


def after(binding: Binding) -> Iterator[Touch]:
    """Those of the week after, the earliest first, likewise; this one is left out."""
    if binding.address is not None:
        until = to_utc(binding.bound_at + FAN_IN).isoformat()
        pk, first = _own(binding, binding.address)
        found = _some(pk, Item.SK.between(first, until), forward=True)
        yield from (one for one in found if one.friend_id != binding.referee_id)


def _own(binding: Binding, address: str) -> keys.Key:
    return keys.neighbour(address, to_utc(binding.bound_at).isoformat(), binding.referee_id)


def _some(pk: str, condition: Condition, *, forward: bool) -> Iterator[Touch]:
    for item in Item.query(
        pk, condition, consistent_read=True, scan_index_forward=forward, limit=MOST_FRIENDS
    ):
        instant, _, friend_id = item.SK.partition("#")
        yield Touch(friend_id, datetime.fromisoformat(instant))
