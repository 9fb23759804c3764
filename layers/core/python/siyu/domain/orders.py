"""An order is a fold of its facts.

Facts commute and absorb repeats: there is one sale, however often and fully it is told; a refund
counts once per refund id, at the largest amount reported for it; created, cancelled and completed
are flags that keep their earliest instant. So arrival in any order and any number of times gives
the same order. A refund may come first.

A refund that names no sale ("standalone") is an order of its own that was never paid: it takes its
amount from its buyer's net sales and counts as no order. An order that names the payment behind it
is counted in its sale (`siyu.domain.sales`), which other sources may tell of too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import IntEnum
from typing import assert_never

from siyu.domain.calendar import business_date
from siyu.domain.order_facts import Cancelled, Completed, Created, Fact, Paid, Refunded
from siyu.errors import ConflictingFactError

STANDALONE_PREFIX = "~refund:"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What an order adds to its member's figures, on the business day it belongs to."""

    day: date
    orders: int
    net_minor: int


class Lead(IntEnum):
    """What leads from an order to its member, the best first: a name that WeChat vouches for, the
    shop's own number of its buyer, nothing but the paper that somebody scanned."""

    WECHAT = 0
    NUMBER = 1
    PAPER = 2


@dataclass(frozen=True, slots=True)
class Part:
    """One order of a sale: what was paid, what was given back (all of it if cancelled), and the
    member it leads to, with what leads there."""

    paid: Paid
    given_back_minor: int
    member_id: str | None = None
    lead: Lead = Lead.WECHAT


@dataclass(frozen=True, slots=True)
class Order:
    """The projection of one order. Amounts are minor units; instants are aware.

    `parts` are the orders that tell of a sale, by key; an order as a source tells it has none.
    `lead` is what leads to the member; it says nothing of a sale, and of who has none.
    """

    source: str
    order_id: str
    paid: Paid | None = None
    refunds: Mapping[str, int] = field(default_factory=dict)
    refunded_at: datetime | None = None
    refund_buyer_key: str | None = None
    created_at: datetime | None = None
    cancelled_at: datetime | None = None
    completed_at: datetime | None = None
    member_id: str | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)
    lead: Lead = Lead.WECHAT

    @property
    def standalone(self) -> bool:
        """Whether this is a refund without a sale."""
        return self.order_id.startswith(STANDALONE_PREFIX)

    @property
    def payment_id(self) -> str | None:
        """The payment in whose sale the order is counted; None for one that counts by itself."""
        return self.paid.payment_id if self.paid else None

    @property
    def buyer_key(self) -> str | None:
        """Who bought: the sale says so; only a standalone refund speaks for itself."""
        if self.standalone:
            return self.refund_buyer_key
        return self.paid.buyer_key if self.paid else None

    @property
    def people(self) -> tuple[str, ...]:
        """The buyer as WeChat knows them."""
        return self.paid.people if self.paid else ()

    @property
    def paid_minor(self) -> int:
        """The amount paid, 0 while the sale is unknown."""
        return self.paid.amount_minor if self.paid else 0

    @property
    def refunded_minor(self) -> int:
        """Everything given back so far, over all refunds."""
        return sum(self.refunds.values())

    @property
    def given_back_minor(self) -> int:
        """What was given back: of a cancelled order at least all that was paid."""
        refunded = self.refunded_minor
        return refunded if self.cancelled_at is None else max(refunded, self.paid_minor)

    @property
    def net_minor(self) -> int:
        """Paid minus given back; negative when more was given back than paid."""
        return self.paid_minor - self.given_back_minor

    @property
    def contribution(self) -> Contribution | None:
        """What the order adds to a member's figures; None while its sale is unknown."""
        if self.payment_id is not None:
            return None
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
                return replace(self, paid=self.paid.told_again(fact) if self.paid else fact)
            case Refunded():
                return self._with_refund(fact)
            case Created():
                return replace(self, created_at=_earliest(self.created_at, fact.occurred_at))
            case Cancelled():
                return replace(self, cancelled_at=_earliest(self.cancelled_at, fact.occurred_at))
            case Completed():
                return replace(self, completed_at=_earliest(self.completed_at, fact.occurred_at))
        assert_never(fact)

    def knows(self, fact: Fact) -> bool:
        """Whether the fact would change no amount and no flag; a contradiction is news."""
        match fact:
            case Paid():
                return self.paid is not None and self.paid.amount_minor == fact.amount_minor
            case Refunded():
                return self.refunds.get(fact.refund_id, 0) >= fact.amount_minor
            case Created():
                return self.created_at is not None
            case Cancelled():
                return self.cancelled_at is not None
            case Completed():
                return self.completed_at is not None
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
