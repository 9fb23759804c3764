"""What happens to an order, as somebody tells it; `siyu.domain.orders` folds it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from siyu.errors import ConflictingFactError

# An erasure takes all of them out in one transaction. The first of a sort are the same in whatever
# order they were told.
MOST_PLACES = 20


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
    `payment_only` says that the source sees the payment and not the sale. `told_at` is when it was
    told, if a clock ran ahead and that was before it was paid. `delivered_to` are keyed marks of
    where the goods go, which may change after the sale: all that were told.
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
    told_at: datetime | None = None
    delivered_to: tuple[str, ...] = ()

    @property
    def rules_at(self) -> datetime:
        """The instant whose rules decide about it: nothing was paid after it was told, so no later
        version takes hold of what was decided already."""
        return min(self.occurred_at, self.told_at or self.occurred_at)

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
            told_at=first_told((self, other)),
            delivered_to=tuple(sorted({*self.delivered_to, *other.delivered_to}))[:MOST_PLACES],
            **known,
        )


def first_told(tellings: Iterable[Paid]) -> datetime | None:
    """When the first was told of those that were told before they were paid."""
    return min((one.told_at for one in tellings if one.told_at is not None), default=None)


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
