"""What happens to an order, as somebody tells it; `siyu.domain.orders` folds it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from siyu.errors import ConflictingFactError


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sale: `amount_minor` for all `quantity` pieces together, discounts off."""

    sku: str
    quantity: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Paid:
    """The sale: `amount_minor` > 0 was paid at `occurred_at` (aware).

    `buyer_key` is the buyer as the source knows them, `people` are `<kind>#<index>` of what WeChat
    calls them. `payment_id` is the payment provider's number of the one payment that paid it all;
    `payment_only` says that the source sees the payment and not the sale.
    """

    amount_minor: int
    occurred_at: datetime
    buyer_key: str | None = None
    receipt: str | None = None
    store_id: str | None = None
    guide_id: str | None = None
    till_id: str | None = None
    people: tuple[str, ...] = ()
    payment_id: str | None = None
    payment_only: bool = False
    lines: tuple[Line, ...] = ()

    def told_again(self, other: "Paid") -> "Paid":
        """The sale as both tell it: what only one of them says holds, and the earlier instant.

        Raises ConflictingFactError where they contradict each other.
        """
        if self.amount_minor != other.amount_minor:
            raise ConflictingFactError("the order was paid before with another amount")
        optional = (
            "buyer_key", "receipt", "store_id", "guide_id", "till_id", "payment_id", "lines",
        )  # fmt: skip
        known: dict[str, Any] = {}
        for name in optional:
            first, second = getattr(self, name), getattr(other, name)
            if first and second and first != second:
                raise ConflictingFactError(f"the order was paid before with another {name}")
            known[name] = first or second
        return replace(
            self,
            occurred_at=min(self.occurred_at, other.occurred_at),
            people=tuple(sorted({*self.people, *other.people})),
            payment_only=self.payment_only or other.payment_only,
            **known,
        )


@dataclass(frozen=True, slots=True)
class Refunded:
    """Refund `refund_id` has given back `amount_minor` in all so far (cumulative per refund)."""

    refund_id: str
    amount_minor: int
    occurred_at: datetime
    buyer_key: str | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """The order was placed; nobody has paid yet."""

    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The whole order is void; refunds reported beside it are part of it, not added to it."""

    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Completed:
    """The goods were handed over."""

    occurred_at: datetime


Fact = Created | Paid | Refunded | Cancelled | Completed
