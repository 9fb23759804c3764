"""Who brought whom, and what the brand has noted about an account in the referral programme."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from pynamodb.expressions.condition import Condition

from siyu.domain.calendar import to_utc
from siyu.domain.members import Standing
from siyu.domain.referrals import Binding
from siyu.domain.remembered import FAN_IN, Fact, Remembered
from siyu.storage import keys
from siyu.storage.items import Gsi1, Gsi2
from siyu.storage.member_items import NeighbourItem, ProfileItem, ReferrerItem, StandingItem
from siyu.storage.reading import queried, read
from siyu.storage.transaction import Transaction

# A referrer with more friends in a month is beyond every limit that tells one number from another.
MOST_FRIENDS = 1_000
Index = type[Gsi1] | type[Gsi2]


def bind(write: Transaction, binding: Binding) -> None:
    """Bind a referee to a referrer for life; the referrer must exist."""
    write.check(
        "referrer",
        ProfileItem,
        keys.profile(binding.referrer_id),
        ProfileItem.PK.exists() & ProfileItem.erased_at.does_not_exist(),
    )
    bound_at = to_utc(binding.bound_at)
    item = ReferrerItem(
        *keys.referrer(binding.referee_id),
        referee_id=binding.referee_id,
        referrer_id=binding.referrer_id,
        bound_at=bound_at,
        refused=binding.refused,
        device=binding.device,
        address=binding.address,
        kept=binding.kept.to_texts() or None,
    )
    item.GSI1PK, item.GSI1SK = keys.friend_of_referrer(
        binding.referrer_id, bound_at.isoformat(), binding.referee_id
    )
    if binding.device is not None:
        item.GSI2PK, item.GSI2SK = keys.friend_on_device(
            binding.device, bound_at.isoformat(), binding.referee_id
        )
    write.create("binding", item)
    if binding.address is not None:
        near = keys.neighbour(binding.address, bound_at.isoformat(), binding.referee_id)
        write.put("neighbour", NeighbourItem(*near))


def of(referee_ids: Iterable[str]) -> dict[str, Binding]:
    """The bindings of those referees that have one, in one round trip per 100."""
    where = {referee_id: keys.referrer(referee_id) for referee_id in referee_ids}
    found = read(where.values())
    items = {referee_id: found.get(ReferrerItem, key) for referee_id, key in where.items()}
    return {referee_id: to_binding(item) for referee_id, item in items.items() if item is not None}


def friends_before(binding: Binding, referrer_ids: Iterable[str]) -> Iterator[Binding]:
    """Those whom any account of the referrer's brought in the month before, this one included: for
    each account the latest first and a thousand at most; the index may lag a moment behind."""
    from siyu.domain.touches import LONGEST  # noqa: PLC0415 - most who know a binding vet nobody

    since, until = to_utc(binding.bound_at - LONGEST), to_utc(binding.bound_at)
    for referrer_id in referrer_ids:
        pk, last = keys.friend_of_referrer(referrer_id, until.isoformat(), binding.referee_id)
        condition = Gsi1.GSI1SK.between(f"{keys.FRIENDS_PREFIX}{since.isoformat()}", last)
        yield from _latest(Gsi1, pk, condition)


def same_device_before(binding: Binding) -> Iterator[Binding]:
    """Those who came by anybody's referral from the same device in the week before, this one
    included, the latest first; none where the device is not known. The index may lag."""
    if binding.device is None:
        return
    since, until = to_utc(binding.bound_at - FAN_IN), to_utc(binding.bound_at)
    pk, last = keys.friend_on_device(binding.device, until.isoformat(), binding.referee_id)
    yield from _latest(Gsi2, pk, Gsi2.GSI2SK.between(since.isoformat(), last))


def friends_after(binding: Binding, referrer_ids: Iterable[str]) -> Iterator[Binding]:
    """Those whom any account of the referrer's brought in the week after: for each account the
    earliest first and a thousand at most; the index may lag."""
    since, until = to_utc(binding.bound_at), to_utc(binding.bound_at + FAN_IN)
    for referrer_id in referrer_ids:
        pk, first = keys.friend_of_referrer(referrer_id, since.isoformat(), binding.referee_id)
        condition = Gsi1.GSI1SK.between(first, f"{keys.FRIENDS_PREFIX}{until.isoformat()}")
        found = _some(Gsi1, pk, condition)
        yield from (one for one in found if one.referee_id != binding.referee_id)


def same_device_after(binding: Binding) -> Iterator[Binding]:
    """Those who came by anybody's referral from the same device in the week after, likewise."""
    if binding.device is None:
        return
    since, until = to_utc(binding.bound_at), to_utc(binding.bound_at + FAN_IN)
    pk, first = keys.friend_on_device(binding.device, since.isoformat(), binding.referee_id)
    found = _some(Gsi2, pk, Gsi2.GSI2SK.between(first, until.isoformat()))
    yield from (one for one in found if one.referee_id != binding.referee_id)


def on_device(device: str) -> Iterator[Binding]:
    """All who came by a referral from one device: the latest first and a thousand at most; the
    index may lag."""
    yield from _latest(Gsi2, keys.friends_on_device(device), None)


def remember(binding: Binding, facts: Iterable[Fact]) -> None:
    """Note what an erasure leaves of who came from where, and of who paid."""
    missing = Remembered(frozenset(facts) - binding.kept.facts)
    if missing.facts:
        item = ReferrerItem(*keys.referrer(binding.referee_id))
        item.update([ReferrerItem.kept.add(missing.to_texts())], ReferrerItem.PK.exists())


def _latest(index: Index, pk: str, condition: Condition | None) -> Iterator[Binding]:
    yield from _some(index, pk, condition, forward=False)


def _some(
    index: Index, pk: str, condition: Condition | None, *, forward: bool = True
) -> Iterator[Binding]:
    found = _found(index, pk, condition, forward=forward, limit=MOST_FRIENDS)
    yield from islice(found, MOST_FRIENDS)


def _found(
    index: Index, pk: str, condition: Condition | None, *, forward: bool, limit: int | None = None
) -> Iterator[Binding]:
    name = index.Meta.index_name
    for item in queried(pk, condition, index_name=name, scan_index_forward=forward, limit=limit):
        if isinstance(item, ReferrerItem):
            yield to_binding(item)


def friends_of(referrer_id: str) -> Iterator[Binding]:
    """Everybody whom a referrer brought, latest first; the index may lag a moment behind."""
    prefix = Gsi1.GSI1SK.startswith(keys.FRIENDS_PREFIX)
    yield from _found(Gsi1, keys.member_pk(referrer_id), prefix, forward=False)


def to_binding(item: ReferrerItem) -> Binding:
    return Binding(
        item.referee_id,
        item.referrer_id,
        item.bound_at,
        item.refused,
        item.device,
        item.address,
        Remembered.of_texts(item.kept or ()),
    )


def put_standing(write: Transaction, member_id: str, standing: Standing) -> None:
    """Write a standing over the version before its own."""
    write.replace(
        "standing",
        StandingItem(
            *keys.standing(member_id),
            staff_since=_utc(standing.staff_since),
            suspended_at=_utc(standing.suspended_at),
            frauds=set(standing.frauds) or None,
            by_merge=set(standing.by_merge) or None,
            version=standing.version,
        ),
    )


def to_standing(item: StandingItem | None) -> Standing:
    """The standing behind an item; of most accounts there is none."""
    if item is None:
        return Standing()
    frauds = frozenset(item.frauds or ())
    by_merge = frozenset(item.by_merge or ())
    return Standing(item.staff_since, item.suspended_at, frauds, int(item.version), by_merge)


def _utc(instant: datetime | None) -> datetime | None:
    return to_utc(instant) if instant else None
