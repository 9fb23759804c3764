"""Receipts: where an order and the member who scanned its paper meet, whichever comes first.

Paper proves a purchase only together with its order. A claim whose order does not come within 72
hours lapses: the paper is free again, and the order, should it still come, waits for its buyer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

PENDING = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A printed receipt: its order once that arrived, its claimer once someone scanned it."""

    receipt_key: str
    order_key: str | None = None
    buyer_key: str | None = None
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    version: int = 0

    def claimant(self, at: datetime) -> str | None:
        """Who holds the claim at an instant; a pending claim lapses."""
        if self.claimed_at is None or self.order_key is not None:
            return self.claimed_by
        return self.claimed_by if at <= self.claimed_at + PENDING else None
