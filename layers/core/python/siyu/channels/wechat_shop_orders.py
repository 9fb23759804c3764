"""What an order of a WeChat Shop says, as canonical events.

https://developers.weixin.qq.com/doc/store/shop/API/order/get.html
All instants are the order's own, so that asking again tells the same facts. Only a cancellation has
none: it is told at the order's last change, of which the fold keeps the earliest.
"""

from collections.abc import Mapping
from typing import Any

from siyu.channels.contract import Event
from siyu.channels.reading import NOT_UNDERSTOOD, all_or_none, delivery, epoch, optional, part
from siyu.errors import UnprocessableEventError

CURRENCY = "CNY"
MAX_LINES, MAX_ID = 100, 64
UNPAID = frozenset({5, 10})
COMPLETED = 100
# All was given back, or nobody ever paid.
CANCELLED = frozenset({200, 250})
DONE = frozenset({"MERCHANT_REFUND_SUCCESS", "MERCHANT_RETURN_SUCCESS"})
TRANSACTION = "order_detail.pay_info.transaction_id"
CONFIRMED_AT = "order_detail.ext_info.confirm_receipt_time"


def facts(order: Any, app_id: str) -> list[Event]:
    """Created, paid, completed, cancelled, as far as the order has come."""
    status = part(order, "status")
    events = [_event("created", order, "create_time")]
    # Orders to be paid later, of points or of luck have a time to pay, and no payment.
    if optional(order, TRANSACTION):
        events.append(_event("paid", order, "order_detail.pay_info.pay_time", _sale(order, app_id)))
    if status == COMPLETED:
        known = optional(order, CONFIRMED_AT)
        events.append(_event("completed", order, CONFIRMED_AT if known else "update_time"))
    if status in CANCELLED:
        events.append(_event("cancelled", order, "update_time"))
    return events


def unpaid(order: Any) -> bool:
    """Whether the order still waits for its payment."""
    return optional(order, "status") in UNPAID and not optional(order, TRANSACTION)


def refund(aftersale: Any, order: Any) -> list[Event]:
    """What an after-sale order gave back, if it is at its end and gave something back.

    Raises UnprocessableEventError for one that belongs to another order.
    """
    order_id = str(part(order, "order_id"))
    if str(part(aftersale, "order_id")) != order_id:
        raise UnprocessableEventError(NOT_UNDERSTOOD, "an after-sale of another order")
    amount = optional(aftersale, "refund_info.amount")
    if part(aftersale, "status") not in DONE or amount == 0:
        return []
    when = "complete_time" if optional(aftersale, "complete_time") else "update_time"
    data = {
        "refund_id": str(part(aftersale, "after_sale_order_id")),
        "refunded_minor": amount,
        "currency": CURRENCY,
    }
    return [_event("refunded", aftersale, when, data)]


def _event(kind: str, told: Any, when: str, data: Mapping[str, Any] | None = None) -> Event:
    order_id, at = str(part(told, "order_id")), epoch(told, when).isoformat()
    fields = {"order_id": order_id, "occurred_at": at, **(data or {})}
    return {"type": f"order.{kind}", "data": fields}


def _sale(order: Any, app_id: str) -> Mapping[str, Any]:
    return {
        "paid_minor": part(order, "order_detail.price_info.order_price"),
        "currency": CURRENCY,
        "payment_id": str(part(order, TRANSACTION)),
        "buyer": _buyer(order, app_id),
        "lines": all_or_none(optional(order, "order_detail.product_infos"), MAX_LINES, _line),
        "delivery": _delivery(optional(order, "order_detail.delivery_info.address_info")),
    }


def _buyer(order: Any, app_id: str) -> Mapping[str, Any] | None:
    """Who paid: of a present that is the giver, whom the order does not belong to."""
    prefix = "present_giver_" if optional(order, "is_present") else ""
    openid, unionid = (optional(order, f"{prefix}{name}") for name in ("openid", "unionid"))
    if not openid:
        return None
    return {"openid": openid, "unionid": unionid or None, "app_id": app_id}


def _delivery(address: Any) -> Event | None:
    """The address; where WeChat hides a part of it, the code by which the shop may tell it from
    others. The number may be one that WeChat lends for an order."""
    if not optional(address, "detail_info"):
        return None
    names = ("province_name", "city_name", "county_name", "detail_info", "house_number")
    told = delivery(None, *(optional(address, name) for name in names))
    return told or delivery(None, optional(address, "hash_code"))


def _line(line: Any) -> Mapping[str, Any]:
    sku = str(optional(line, "sku_code") or part(line, "sku_id"))
    quantity, amount = part(line, "sku_cnt"), part(line, "real_price")
    whole = isinstance(quantity, int) and isinstance(amount, int)
    if not whole or quantity < 1 or amount < 0 or len(sku) > MAX_ID:
        raise UnprocessableEventError(NOT_UNDERSTOOD, "a line that cannot be told")
    if optional(line, "change_sku_info") or optional(line, "accept_change_sku_info"):
        raise UnprocessableEventError(NOT_UNDERSTOOD, "a line that was exchanged")
    return {"sku": sku, "quantity": quantity, "amount_minor": amount}
