"""What went back of an order, and what was posted about its credit, on the wire."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from siyu.domain.ledger import Entry


class BackBody(BaseModel):
    """Money that went back to the buyer, and what of the credit went with it."""

    model_config = ConfigDict(from_attributes=True)

    order_key: str = Field(description="Where it was told; of a sale, one of its orders")
    refund_id: str | None = Field(description="None for what no refund names: a cancelled order")
    refunded_minor: int
    share_minor: int = Field(
        description="What it took when it came: no more than what was left of the payment counts"
    )


class LedgerEntryBody(BaseModel):
    """One movement between two accounts."""

    id: str
    kind: str
    debit: str
    credit: str
    amount_minor: int
    posted_at: datetime

    @classmethod
    def from_domain(cls, entry: Entry, posted_at: datetime) -> "LedgerEntryBody":
        return cls(
            id=entry.entry_id,
            kind=entry.kind.value,
            debit=entry.debit,
            credit=entry.credit,
            amount_minor=entry.amount_minor,
            posted_at=posted_at,
        )
