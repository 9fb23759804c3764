"""What members' figures follow from, read off the whole table, and the figures as they stand."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from siyu.domain.consents import Consent
from siyu.domain.members import Member
from siyu.domain.orders import Order
from siyu.storage import keys
from siyu.storage.items import AggregateItem, Item, OrderItem
from siyu.storage.member_items import ConsentItem, ProfileItem
from siyu.storage.members import to_member
from siyu.storage.order_items import to_order
from siyu.storage.people import to_consent
from siyu.storage.reading import read


@dataclass(frozen=True, slots=True)
class Stored:
    """An aggregate as its item has it; nothing of it is read, for it may be wrong."""

    member_id: str
    z: str
    b: bytes
    lb: str
    up: str | None
    gone: bool
    out: bool
    version: int


@dataclass(frozen=True, slots=True)
class Decided:
    """A consent, with the account it was given in."""

    member_id: str
    consent: Consent


Fact = Member | Order | Decided | Stored


def everything() -> Iterator[Fact]:
    """Accounts, orders, consents and aggregates, in no special order: a unit for each 4 kB of the
    table."""
    wanted = Item.kind.is_in(AggregateItem, ConsentItem, OrderItem, ProfileItem)
    for item in Item.scan(wanted, consistent_read=True):
        yield _to_fact(item)


def versions() -> dict[str, int]:
    """The version of every aggregate."""
    named = ["SK", "kind", "version"]
    pks = map(keys.aggregate_pk, range(keys.AGGREGATE_SHARDS))
    items = (item for pk in pks for item in Item.query(pk, attributes_to_get=named))
    return {item.SK: int(item.version) for item in items if isinstance(item, AggregateItem)}


def versions_of(member_ids: Collection[str]) -> dict[str, int]:
    """The version of some aggregates, 0 where there is none, strongly consistent."""
    where = {member_id: keys.aggregate(member_id) for member_id in member_ids}
    found = read(where.values())
    items = {member_id: found.get(AggregateItem, key) for member_id, key in where.items()}
    return {member_id: int(item.version) if item else 0 for member_id, item in items.items()}


def _to_fact(item: Any) -> Fact:
    match item:
        case ProfileItem():
            return to_member(item)
        case OrderItem():
            return to_order(item)
        case ConsentItem():
            return Decided(item.PK.partition("#")[2], to_consent(item))
    return Stored(
        item.SK,
        item.z,
        item.b,
        item.lb,
        item.up,
        bool(item.gone),
        bool(item.out),
        int(item.version),
    )
