"""Whether a person bought or paid what somebody else was credited for."""

from collections.abc import Sequence

from siyu.domain.orders import Lead, Order
from siyu.domain.remembered import Fact, Remembered, paid
from siyu.storage import erasures, keys, members
from siyu.storage.members import Identity
from siyu.storage.order_items import buyers_of, lead_by
from siyu.storage.people import Person


def leads_to(tellers: Sequence[Order], person: Person, kept: Remembered) -> bool:
    """Whether anybody who tells of a purchase leads to a person as who bought or paid, by whatever
    name, or by the paper, or did so before an erasure (`kept`)."""
    accounts = person.member_ids
    return (
        not {one.member_id for one in tellers}.isdisjoint(accounts)
        or kept.paid_by(accounts, map(_key, tellers))
        or bool(payments(tellers, person))
    )


def payments(tellers: Sequence[Order], person: Person) -> set[Fact]:
    """Which accounts of a person the names in some orders lead to: one round trip per 100 names.

    An erased person's names lead to them until they are removed everywhere.
    """
    named = {_key(one): _elsewhere(one) for one in tellers}
    wanted = {name for names in named.values() for name in names}
    leads = {name: owner for name, (owner, _) in members.owners(wanted).items()} if wanted else {}
    leads |= _of_erased(person)
    return {
        paid(leads[name], key)
        for key, names in named.items()
        for name in names
        if leads.get(name) in person.member_ids
    }


def _elsewhere(order: Order) -> tuple[Identity, ...]:
    """The names in an order that may lead to somebody else than its member."""
    names = buyers_of(order)
    if order.lead is not Lead.NUMBER:
        return names
    return tuple(name for name in names if lead_by(name[0]) is not Lead.NUMBER)


def _of_erased(person: Person) -> dict[Identity, str]:
    if person.member.erased_at is None:
        return {}
    erasure = erasures.find(person.member.member_id)
    return dict(erasure.identities) if erasure else {}


def _key(order: Order) -> str:
    return keys.order_key(order.source, order.order_id)
