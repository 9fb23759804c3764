"""Receipts: where an order and the member who scanned its paper meet, whichever comes first."""

from dataclasses import dataclass
from datetime import datetime

from siyu.domain.calendar import to_utc
from siyu.storage import keys
from siyu.storage.items import ReceiptItem
from siyu.storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Receipt:
    """A printed receipt: its order once that arrived, its claimer once someone scanned it."""

    receipt_key: str
    order_key: str | None = None
    buyer_key: str | None = None
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    version: int = 0


def put(write: Transaction, receipt: Receipt) -> None:
    """Write a receipt over the version before its own."""
    write.replace(
        "receipt",
        ReceiptItem(
            *keys.receipt(receipt.receipt_key),
            receipt_key=receipt.receipt_key,
            order_key=receipt.order_key,
            buyer_key=receipt.buyer_key,
            claimed_by=receipt.claimed_by,
            claimed_at=to_utc(receipt.claimed_at) if receipt.claimed_at else None,
            version=receipt.version,
        ),
    )


def to_receipt(item: ReceiptItem) -> Receipt:
    return Receipt(
        item.receipt_key,
        item.order_key,
        item.buyer_key,
        item.claimed_by,
        item.claimed_at,
        int(item.version),
    )
