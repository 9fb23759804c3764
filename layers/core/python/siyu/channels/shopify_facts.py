"""What Shopify's orders and refunds prove, the same whoever tells it: a topic or the list.

https://shopify.dev/docs/api/admin-rest/latest/resources/order
https://shopify.dev/docs/api/admin-rest/latest/resources/refund
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from siyu.channels.contract import Event
from siyu.channels.reading import (
    NOT_UNDERSTOOD,
    all_or_none,
    delivery,
    instant,
    minor,
    optional,
    part,
)
from siyu.domain.money import MAX_AMOUNT_MINOR
from siyu.errors import UnprocessableEventError

# Once all was paid, an order has one of these; the others prove no sale.
SOLD = frozenset({"paid", "partially_refunded", "refunded"})
UNSOLD = frozenset({"authorized", "expired", "partially_paid", "pending", "voided"})
FAILED_FULFILLMENTS = frozenset({"cancelled", "error", "failure"})
TEST_ORDER = "test_order"
# What a canonical event takes: siyu.api.order_models.
MAX_LINES, MAX_QUANTITY = 100, 1_000_000
_SKU = re.compile(r"[^~\x00-\x1f][^\x00-\x1f]{0,63}")


def order_events(order: Any) -> Sequence[Event]:
    """All that an order proves, its refunds included. Raises UnprocessableEventError."""
    _expect("Order", order)
    if optional(order, "test"):
        raise UnprocessableEventError(TEST_ORDER, "nobody bought anything")
    return list(_order(order))


def refund_events(refund: Any) -> Sequence[Event]:
    """What a refund proves: nothing where no money moves, as when goods come back for others.

    Raises UnprocessableEventError; also while the money is on its way, since nobody may tell when
    it arrives.
    """
    _expect("Refund", refund)
    told = list(_refunded(refund))
    if not told and any(_gives_back(one) for one in _rows(refund, "transactions")):
        raise UnprocessableEventError("refund_pending", "no money was given back yet")
    return told


def _expect(kind: str, body: Any) -> None:
    """The header that names the topic is not signed, what the body says of itself is."""
    if part(body, "admin_graphql_api_id") != f"gid://shopify/{kind}/{part(body, 'id')}":
        raise UnprocessableEventError(NOT_UNDERSTOOD, f"admin_graphql_api_id: not of a {kind}")


def _order(order: Any) -> Iterator[Event]:
    said = {"order_id": part(order, "id")}
    yield _event("created", said, instant(order, "created_at"))
    status = str(part(order, "financial_status"))
    if status not in SOLD | UNSOLD:
        raise UnprocessableEventError(NOT_UNDERSTOOD, "financial_status: unknown")
    if status in SOLD:
        yield from _paid(order, said)
    if optional(order, "cancelled_at"):
        yield _event("cancelled", said, instant(order, "cancelled_at"))
    if optional(order, "fulfillment_status") == "fulfilled":
        yield _event("completed", said, _completed_at(order))
    for refund in _rows(order, "refunds"):
        try:
            yield from _refunded(refund)
        except UnprocessableEventError:
            # It keeps nothing else back, and is set aside for what it lacks.
            yield {"type": "order.refunded", "data": {}}


def _paid(order: Any, said: Mapping[str, Any]) -> Iterator[Event]:
    """The sale, at the total that refunds do not change. A free order is none.

    It names no payment: an order may have several, payloads have none of them, and their numbers
    are Shopify's own.
    """
    currency = str(part(order, "currency"))
    if total := minor(order, "total_price", currency):
        sale = {
            **said,
            "paid_minor": total,
            "currency": currency,
            "buyer_id": optional(order, "customer.id"),
            "store_id": optional(order, "location_id"),
            "lines": all_or_none(
                optional(order, "line_items"), MAX_LINES, partial(_line, currency=currency)
            ),
            "delivery": _delivery(optional(order, "shipping_address")),
        }
        yield _event("paid", sale, _processed_at(order))


def _delivery(address: Any) -> Event | None:
    """None for what is fetched from a shop, or where the app may see no customers' data."""
    names = ("country_code", "zip", "province_code", "city", "address1", "address2")
    if not optional(address, "address1"):
        return None
    return delivery(optional(address, "phone"), *(optional(address, name) for name in names))


def _line(row: Any, currency: str) -> Event:
    """A product deleted later takes its variant's id along; then there is no name for it."""
    sku, quantity = str(optional(row, "sku") or ""), part(row, "quantity")
    discounts = sum(minor(one, "amount", currency) for one in _rows(row, "discount_allocations"))
    name = sku if _SKU.fullmatch(sku) else str(optional(row, "variant_id") or "")
    if not name or not isinstance(quantity, int) or not 0 < quantity <= MAX_QUANTITY:
        raise UnprocessableEventError(NOT_UNDERSTOOD, "a line that cannot be told")
    amount = minor(row, "price", currency) * quantity - discounts
    if not 0 <= amount <= MAX_AMOUNT_MINOR:
        raise UnprocessableEventError(NOT_UNDERSTOOD, "a line that cannot be told")
    return {"sku": name, "quantity": quantity, "amount_minor": amount}


def _refunded(refund: Any) -> Iterator[Event]:
    """What was really given back: a transaction may be pending, or fail; a return of goods alone
    moves no money."""
    given = [one for one in _rows(refund, "transactions") if _gave_back(one)]
    if any(optional(one, "test") for one in given):
        raise UnprocessableEventError(TEST_ORDER, "nobody paid anything")
    currencies = {str(part(one, "currency")) for one in given}
    if len(currencies) > 1:
        raise UnprocessableEventError(NOT_UNDERSTOOD, "transactions: several currencies")
    for currency in currencies:
        said = {
            "order_id": part(refund, "order_id"),
            "refund_id": part(refund, "id"),
            "refunded_minor": sum(minor(one, "amount", currency) for one in given),
            "currency": currency,
        }
        if said["refunded_minor"]:
            yield _event("refunded", said, _processed_at(refund))


def _gave_back(transaction: Any) -> bool:
    told = optional(transaction, "kind"), optional(transaction, "status")
    return told == ("refund", "success")


def _gives_back(transaction: Any) -> bool:
    return (optional(transaction, "kind"), optional(transaction, "status")) == ("refund", "pending")


def _processed_at(value: Any) -> datetime:
    """The day of Shopify's own reports; of imported orders and refunds it is the true one."""
    return instant(value, "processed_at" if optional(value, "processed_at") else "created_at")


def _completed_at(order: Any) -> datetime:
    """When the last part was sent off. Without any, the earliest of all tellings will hold."""
    sent = [
        instant(one, "created_at")
        for one in _rows(order, "fulfillments")
        if str(optional(one, "status")) not in FAILED_FULFILLMENTS
    ]
    return max(sent) if sent else instant(order, "updated_at")


def _rows(value: Any, path: str) -> list[Any]:
    found = part(value, path)
    if not isinstance(found, list):
        raise UnprocessableEventError(NOT_UNDERSTOOD, f"{path}: not a list")
    return found


def _event(kind: str, said: Mapping[str, Any], at: datetime) -> Event:
    return {"type": f"order.{kind}", "data": {**said, "occurred_at": at.isoformat()}}
