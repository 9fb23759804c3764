"""Friends of guides and followers of the official account.

A relation lies at the identity it was told of and never moves: whoever the identity leads to has
it, whether they joined before or after.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from siyu.domain.calendar import to_utc
from siyu.domain.codes import Code
from siyu.domain.contacts import Relation
from siyu.domain.issued_codes import IssuedCode
from siyu.storage import keys
from siyu.storage.code_items import CodeItem
from siyu.storage.codes import to_code
from siyu.storage.items import DeliveryItem
from siyu.storage.member_items import IdentityItem, RelationItem, WaitingLinkItem
from siyu.storage.members import Identity
from siyu.storage.reading import partition, read
from siyu.storage.transaction import Transaction

FRIEND, FOLLOWER = "friend", "follower"
# The item always has a `since`; this one stands for none.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Question:
    """Where to look for everything that decides about one event of a contact."""

    delivery: keys.Key
    identity: Identity
    kind: str
    guide: str | None
    code: Code | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands about an event before it is recorded."""

    delivered: bool
    owner: str | None
    relation: Relation
    code: IssuedCode | None


@dataclass(frozen=True, slots=True)
class WaitingLink:
    """An identity that belongs to the owner of another one."""

    identity: Identity
    proof: str


def look_up(ask: Question) -> Seen:
    """One round trip, a read unit for each of 3 or 4 keys."""
    identity_at = keys.identity(*ask.identity)
    relation_at = _place(ask.identity, ask.kind, ask.guide)
    code_at = keys.code(ask.code.key) if ask.code else None
    found = read([ask.delivery, identity_at, relation_at, code_at])
    link = found.get(IdentityItem, identity_at)
    relation = found.get(RelationItem, relation_at)
    code = found.get(CodeItem, code_at)
    return Seen(
        found.get(DeliveryItem, ask.delivery) is not None,
        link.member_id if link else None,
        to_relation(relation) if relation else Relation(ask.kind, ask.guide),
        to_code(code) if code else None,
    )


def at(identity: Identity) -> Iterator[Relation]:
    """The relations told of an identity, ended ones included."""
    for item in partition(keys.identity_pk(*identity), keys.RELATION_PREFIX):
        if isinstance(item, RelationItem):
            yield to_relation(item)


def waiting_at(identity: Identity) -> Iterator[WaitingLink]:
    """The identities that wait for the owner of this one."""
    for item in partition(keys.identity_pk(*identity), keys.LINK_PREFIX):
        if isinstance(item, WaitingLinkItem):
            yield WaitingLink((item.identity_kind, item.identity_index), item.proof)


def add_delivery(write: Transaction, delivery: keys.Key, digest: str, now: datetime) -> None:
    """Record an event's delivery, for ever and only once."""
    write.create("delivery", DeliveryItem(*delivery, digest=digest, received_at=to_utc(now)))


def put(write: Transaction, identity: Identity, relation: Relation) -> None:
    """A relation over the version before its own."""
    write.replace(
        "relation",
        RelationItem(
            *_place(identity, relation.kind, relation.guide),
            relation=relation.kind,
            guide=relation.guide,
            store=relation.store,
            code_key=relation.code_key,
            since=to_utc(relation.since or _NEVER),
            ended_at=to_utc(relation.ended_at) if relation.ended_at else None,
            ended_by=relation.ended_by,
            version=relation.version,
        ),
    )


def let_wait(write: Transaction, identity: Identity, link: WaitingLink) -> None:
    """Leave an identity at another one for its owner to find, provided that has none yet."""
    write.put("link", _waiting(identity, link))
    absent = IdentityItem.PK.does_not_exist()
    write.check("proof", IdentityItem, keys.identity(*identity), absent)


def stop_waiting(write: Transaction, identity: Identity, link: WaitingLink) -> None:
    """Take back what `let_wait` left."""
    write.delete("link", _waiting(identity, link))


def to_relation(item: RelationItem) -> Relation:
    return Relation(
        item.relation,
        item.guide,
        None if item.since == _NEVER else item.since,
        item.store,
        item.code_key,
        item.ended_at,
        item.ended_by,
        int(item.version),
    )


def _waiting(identity: Identity, link: WaitingLink) -> WaitingLinkItem:
    kind, index = link.identity
    return WaitingLinkItem(
        *keys.waiting_link(*identity, kind, index),
        identity_kind=kind,
        identity_index=index,
        proof=link.proof,
    )


def _place(identity: Identity, kind: str, guide: str | None) -> keys.Key:
    _, index = identity
    return keys.friend(index, guide or "") if kind == FRIEND else keys.follower(index)
