"""An order is a fold of its facts.

Facts commute and absorb repeats: there is one paid fact; a refund counts once per refund id, at the
largest amount reported for it; cancelled and completed are flags that keep their earliest instant.
So arrival in any order and any number of times gives the same order. A refund may come first.

A refund that names no sale ("standalone") is an order of its own that was never paid: it takes its
amount from its buyer's net sales and counts as no order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import assert_never

from siyu.domain.calendar import business_date
from siyu.errors import ConflictingFactError

STANDALONE_PREFIX = "~refund:"


@dataclass(frozen=True, slots=True)
class Paid:
    """The sale: `amount_minor` > 0 was paid at `occurred_at` (aware)."""

    amount_minor: int
    occurred_at: datetime
    buyer_key: str | None = None
    receipt: str | None = None
    store_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refunded:
    """Refund `refund_id` has given back `amount_minor` in all so far (cumulative per refund)."""

    refund_id: str
    amount_minor: int
    occurred_at: datetime
    buyer_key: str | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The whole order is void; refunds reported beside it are part of it, not added to it."""

    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Completed:
    """The goods were handed over."""

    occurred_at: datetime


Fact = Paid | Refunded | Cancelled | Completed


@dataclass(frozen=True, slots=True)
class Contribution:
    """What an order adds to its member's figures, on the business day it belongs to."""

    day: date
    orders: int
    net_minor: int


@dataclass(frozen=True, slots=True)
class Order:
    """The projection of one order. Amounts are minor units; instants are aware."""

    source: str
    order_id: str
    paid: Paid | None = None
    refunds: Mapping[str, int] = field(default_factory=dict)
    refunded_at: datetime | None = None
    refund_buyer_key: str | None = None
    cancelled_at: datetime | None = None
    completed_at: datetime | None = None
    member_id: str | None = None

    @property
    def standalone(self) -> bool:
        """Whether this is a refund without a sale."""
        return self.order_id.startswith(STANDALONE_PREFIX)

    @property
    def buyer_key(self) -> str | None:
        """Who bought: the sale says so; only a standalone refund speaks for itself."""
        if self.standalone:
            return self.refund_buyer_key
        return self.paid.buyer_key if self.paid else None

    @property
    def paid_minor(self) -> int:
        """The amount paid, 0 while the sale is unknown."""
        return self.paid.amount_minor if self.paid else 0

    @property
    def refunded_minor(self) -> int:
        """Everything given back so far, over all refunds."""
        return sum(self.refunds.values())

    @property
    def net_minor(self) -> int:
        """Paid minus given back; negative when more was given back than paid."""
        refunded = self.refunded_minor
        if self.cancelled_at is not None:
            refunded = max(refunded, self.paid_minor)
        return self.paid_minor - refunded

    @property
    def contribution(self) -> Contribution | None:
        """What the order adds to a member's figures; None while its sale is unknown."""
        if self.paid is not None:
            net = self.net_minor
            return Contribution(business_date(self.paid.occurred_at), int(net > 0), net)
        if self.standalone and self.refunded_at is not None:
            return Contribution(business_date(self.refunded_at), 0, self.net_minor)
        return None

    def apply(self, fact: Fact) -> "Order":
        """The order with one more fact.

        Raises ConflictingFactError on a second, different sale, and on a refund without a sale
        that now names another buyer.
        """
        match fact:
            case Paid():
                if self.paid is not None and self.paid != fact:
                    raise ConflictingFactError("the order was paid before with other content")
                return replace(self, paid=fact)
            case Refunded():
                return self._with_refund(fact)
            case Cancelled():
                return replace(self, cancelled_at=_earliest(self.cancelled_at, fact.occurred_at))
            case Completed():
                return replace(self, completed_at=_earliest(self.completed_at, fact.occurred_at))
        assert_never(fact)

    def _with_refund(self, fact: Refunded) -> "Order":
        buyer_key = fact.buyer_key if self.standalone else None
        if self.refund_buyer_key and buyer_key and buyer_key != self.refund_buyer_key:
            raise ConflictingFactError("the refund was reported before for another buyer")
        largest = max(self.refunds.get(fact.refund_id, 0), fact.amount_minor)
        return replace(
            self,
            refunds={**self.refunds, fact.refund_id: largest},
            refunded_at=_earliest(self.refunded_at, fact.occurred_at),
            refund_buyer_key=self.refund_buyer_key or buyer_key,
        )


def standalone_order_id(refund_id: str) -> str:
    """The id under which a refund without a sale is kept."""
    return STANDALONE_PREFIX + refund_id


def _earliest(known: datetime | None, other: datetime) -> datetime:
    return other if known is None else min(known, other)
