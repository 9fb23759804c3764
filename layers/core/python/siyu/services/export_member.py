"""Everything we hold about a person, for themselves (PIPL article 45)."""

from dataclasses import dataclass

from siyu.domain.contacts import Relation
from siyu.domain.orders import Order
from siyu.services.sealing import unseal
from siyu.services.show_member import Account, show_member
from siyu.services.show_wallet import Line, statement_of
from siyu.storage import orders, relations
from siyu.storage.people import Person


@dataclass(frozen=True, slots=True)
class Export:
    """A person's data; their coupons, consents and identities are in the account's person."""

    account: Account
    phones: tuple[str, ...]
    relations: tuple[Relation, ...]
    orders: tuple[Order, ...]
    statement: tuple[Line, ...]


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
    )


def relations_of(person: Person) -> tuple[Relation, ...]:
    """A person's friendships with guides and what they follow: one query for each identity."""
    owned = [identity for account in person.accounts for identity in account.identities]
    return tuple(relation for identity in owned for relation in relations.at(identity))
