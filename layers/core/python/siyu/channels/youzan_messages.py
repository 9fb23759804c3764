"""What Youzan's messages about trades and refunds say, as canonical events.

https://doc.youzanyun.com/ (交易消息, 交易退款). Amounts are decimal yuan, times Beijing's without a
zone. What a message is about comes from its type; what it claims, from `msg` alone, which even the
older signature covers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from siyu.channels.contract import Event
from siyu.channels.reading import (
    NOT_UNDERSTOOD,
    all_or_none,
    delivery,
    instant,
    known_name,
    minor,
    optional,
    part,
)
from siyu.errors import UnprocessableEventError

CURRENCY = "CNY"
OWN_FAN = "1"
MAX_LINES, MAX_ID = 100, 64
STATE = "TRADE_ORDER_STATE"
PAID_STATES = frozenset(
    (
        "TRADE_PAID",
        "WAIT_CONFIRM",
        "WAIT_GROUP",
        "WAIT_SELLER_SEND_GOODS",
        "WAIT_BUYER_CONFIRM_GOODS",
        "TRADE_BUYER_SIGNED",
        "TRADE_SUCCESS",
    )
)
UNPAID_STATES = frozenset(("WAIT_BUYER_PAY", "TRADE_CLOSED", "TRADE_CLOSE"))
OTHER_MEANS = ("deduction_pay", "deduct_value_card_pay", "deduct_gift_card_pay")
SKU_NAMES = ("outer_sku_id", "outer_item_id", "sku_id", "item_id")


@dataclass(frozen=True, slots=True)
class Told:
    """The decoded `msg`, the store of its shop, the app that its buyer's openid belongs to."""

    message: Any
    store: str | None
    app_id: str | None


def whole_order(told: Told) -> list[Event]:
    """A message with all of an order. A deposit has a time too, and leaves the order to be paid."""
    order = part(told.message, "full_order_info")
    info, amount = part(order, "order_info"), minor(order, "pay_info.payment", CURRENCY)
    events = [_event("created", info, "created")]
    status = str(part(info, "status"))
    if status not in PAID_STATES | UNPAID_STATES:
        raise UnprocessableEventError("unknown_state", known_name(status))
    if amount and optional(info, "pay_time") and status in PAID_STATES:
        sale = {
            "paid_minor": amount,
            "currency": CURRENCY,
            "store_id": told.store,
            "payment_id": _payment_id(part(order, "pay_info")),
            "lines": all_or_none(optional(order, "orders"), MAX_LINES, _line),
            "delivery": _delivery(optional(order, "address_info")),
            **_buyer(optional(order, "buyer_info"), told.app_id),
        }
        events.append(_event("paid", info, "pay_time", sale))
    return events


def state(told: Told) -> list[Event]:
    """The oldest form. Its time is that of the state, which the fold takes the earliest of."""
    message, name = told.message, str(part(told.message, "status"))
    if name == "WAIT_BUYER_PAY":
        return [_event("created", message)]
    if name == "TRADE_CLOSED":
        return [_event("cancelled", message)]
    if name not in PAID_STATES:
        raise UnprocessableEventError("unknown_topic", f"{STATE} {known_name(name)}")
    events = [_event("completed", message)] if name == "TRADE_SUCCESS" else []
    if amount := minor(message, "payment", CURRENCY):
        sale = {"paid_minor": amount, "currency": CURRENCY, "store_id": told.store}
        events.append(_event("paid", message, data=sale))
    return events


def closed(told: Told) -> list[Event]:
    part(told.message, "close_type")  # what no other message about an order says
    return [_event("cancelled", told.message)]


def completed(told: Told) -> list[Event]:
    return [_event("completed", told.message)]


def refunded(told: Told) -> list[Event]:
    amount = minor(told.message, "refunded_fee", CURRENCY)
    if not amount:
        return []
    refund_id = part(told.message, "refund_id")
    data = {"refund_id": refund_id, "refunded_minor": amount, "currency": CURRENCY}
    return [_event("refunded", told.message, data=data)]


# Of the refunds only what is final: agreeing that goods be sent back gives no money back yet.
READERS: Mapping[str, Callable[[Told], list[Event]]] = {
    "trade_TradeCreate": whole_order,
    "trade_TradePaid": whole_order,
    "trade_TradeBuyerPay": whole_order,
    STATE: state,
    "trade_TradeClose": closed,
    "trade_TradeSuccess": completed,
    "trade_TradeBuyerSignIn": completed,
    "trade_refund_RefundSellerAgree": refunded,
    "trade_refund_RefundSellerCreated": refunded,
    "trade_refund_RefundSuccess": refunded,
    "trade_refund_SysRefund": refunded,
    "youzan_trade_RefundSuccess": refunded,
}


def _event(
    kind: str, info: Any, when: str = "update_time", data: Mapping[str, Any] | None = None
) -> Event:
    at = instant(info, when).isoformat()
    fields = {"order_id": part(info, "tid"), "occurred_at": at, **(data or {})}
    return {"type": f"order.{kind}", "data": fields}


def _payment_id(pay_info: Any) -> str | None:
    """The provider's number, if one payment paid all of it and no card paid a part."""
    numbers = optional(pay_info, "outer_transactions")
    if any(optional(pay_info, name) for name in OTHER_MEANS):
        return None
    if not isinstance(numbers, list) or len(numbers) != 1 or not numbers[0]:
        return None
    return str(numbers[0])


def _buyer(info: Any, app_id: str | None) -> Mapping[str, Any]:
    """`yz_open_id` is the buyer's in all of Youzan; older messages have `buyer_id` only."""
    said: dict[str, Any] = {}
    if known := optional(info, "yz_open_id") or optional(info, "buyer_id"):
        said["buyer_id"] = known
    openid = optional(info, "outer_user_id")
    # Followers of Youzan's own account have openids of an app that is not the brand's.
    if app_id and openid and str(optional(info, "fans_type")) == OWN_FAN:
        said["buyer"] = {"openid": openid, "app_id": app_id}
    return said


def _delivery(address: Any) -> Event | None:
    """None for what is fetched from a shop. Youzan may encrypt the street and the number: each the
    same way every time within a shop, so that they tell as much as they would in clear."""
    if optional(address, "self_fetch_info") or not optional(address, "delivery_address"):
        return None
    names = ("delivery_province", "delivery_city", "delivery_district", "delivery_address")
    phone = optional(address, "receiver_tel")
    return delivery(phone, *(optional(address, name) for name in names))


def _line(line: Any) -> Mapping[str, Any]:
    names = (str(optional(line, name) or "") for name in SKU_NAMES)
    sku = next((name for name in names if 0 < len(name) <= MAX_ID), None)
    quantity = part(line, "num")
    if sku is None or not isinstance(quantity, int) or quantity < 1:
        raise UnprocessableEventError(NOT_UNDERSTOOD, "a line that cannot be told")
    return {"sku": sku, "quantity": quantity, "amount_minor": minor(line, "payment", CURRENCY)}
