"""Everything we hold about a person, for themselves (PIPL article 45)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from siyu.domain.contacts import Relation
from siyu.domain.orders import Order
from siyu.domain.schemes import DEFAULT
from siyu.services.explain_segment import Labelled, history
from siyu.services.sealing import unseal
from siyu.services.show_member import Account, show_member
from siyu.services.show_wallet import Line, statement_of
from siyu.storage import orders, relations, schemes
from siyu.storage.people import Person


@dataclass(frozen=True, slots=True)
class Export:
    """A person's data; their coupons, consents and identities are in the account's person."""

    account: Account
    phones: tuple[str, ...]
    relations: tuple[Relation, ...]
    orders: tuple[Order, ...]
    statement: tuple[Line, ...]
    labels: tuple[Labelled, ...]


def export_member(member_id: str) -> Export:
    """Raises NotFoundError, also when the person was erased."""
    shown = show_member(member_id)
    accounts = shown.person.accounts
    return Export(
        shown,
        tuple(unseal(one.phone, one.member.member_id) for one in accounts if one.phone),
        relations_of(shown.person),
        tuple(order for one in accounts for order in orders.of_member(one.member.member_id)),
        tuple(statement_of(shown.person)),
        tuple(_labels_of(shown)),
    )


def relations_of(person: Person) -> tuple[Relation, ...]:
    """A person's friendships with guides and what they follow: one query for each identity."""
    owned = [identity for account in person.accounts for identity in account.identities]
    return tuple(relation for identity in owned for relation in relations.at(identity))


def _labels_of(shown: Account) -> Iterator[Labelled]:
    """By every scheme there ever was: labels are the person's, but before a merge each account was
    one. For each of them the queries of a history, which are some ten."""
    names = {DEFAULT.name: None, **{one.name: None for one in schemes.load().published}}
    for member_id in shown.person.member_ids:
        own = shown.labels.entries if member_id == shown.person.member.member_id else {}
        for name in names:
            stands, past = own.get(name), history(name, member_id, date.max)
            if stands or past:
                yield Labelled(member_id, name, stands, past)
