"""The orders that name somebody who is to be forgotten: find them all, then take the names out."""

import secrets as randomness
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from siyu.domain.figures import Figures
from siyu.domain.orders import Order
from siyu.errors import ContentionError
from siyu.storage import erasures, figures, keys, members, orders, waiting_orders
from siyu.storage.erasures import Erasure
from siyu.storage.members import Identity
from siyu.storage.order_items import BUYER_KINDS
from siyu.storage.transaction import retrying


@dataclass(frozen=True, slots=True)
class Naming:
    """The keys of the orders that may name a person, as far as the index shows them; `behind` says
    that it does not show all."""

    order_keys: tuple[str, ...]
    behind: bool


def orders_naming(erasure: Erasure) -> Naming:
    """All orders of the person, which is known because together they make up the figures; those
    that had not reached them yet become theirs, unless the buyer is back already."""
    found: dict[str, None] = {}
    for identity, account in erasure.identities.items():
        if identity[0] in BUYER_KINDS:
            found |= dict.fromkeys(_adopt_waiting(identity, account))
    total = Figures()
    for account in erasure.accounts:
        for order in orders.of_member(account):
            found |= dict.fromkeys(_naming(order, erasure))
            total = total.exchange(None, order.contribution)
        for order in orders.tellings_of_member(account):
            found[keys.order_key(order.source, order.order_id)] = None
    aggregate = figures.get_many({erasure.member_id})[erasure.member_id][0]
    return Naming(tuple(found), total != aggregate.figures)


def forget_buyers(naming: Naming) -> None:
    """Where their goods went they are one stranger; two, if this is cut short and goes on later.

    Raises ContentionError, after those that are known, when there are more.
    """
    stranger = randomness.token_hex(16)
    for order_key in naming.order_keys:
        retrying(partial(erasures.forget_buyer, order_key, stranger))
    if naming.behind:
        raise ContentionError("the index of orders is behind")


def _adopt_waiting(identity: Identity, account: str) -> list[str]:
    from siyu.services.attach_orders import adopt_waiting  # noqa: PLC0415 - hardly ever needed

    if members.owners([identity]):
        return []
    waiting = list(waiting_orders.of_buyer(identity))
    if waiting:
        adopt_waiting(identity, account)
    return waiting


def _naming(order: Order, erasure: Erasure) -> Iterator[str]:
    yield keys.order_key(order.source, order.order_id)
    for key, part in order.parts.items():
        if part.member_id in {None, *erasure.accounts}:
            yield key
