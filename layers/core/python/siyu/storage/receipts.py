"""The items of receipts."""

from siyu.domain.calendar import to_utc
from siyu.domain.receipts import Receipt
from siyu.storage import keys
from siyu.storage.items import ReceiptItem
from siyu.storage.transaction import Transaction


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
