"""WeChat Pay, API v3, of a merchant of its own: notifications, and the trade bill of a day.

https://pay.weixin.qq.com/docs/merchant/products/notification/introduction.html (payments)
https://pay.weixin.qq.com/doc/v3/merchant/4012082053 (refunds)
It sees the payment and not the sale. What it says stays sealed until the worker reads it. Amounts
are those of the order (`total`, `refund`) in fen: what the payer gave leaves coupons out.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from siyu.channels import wechat_pay_bill as bill
from siyu.channels.contract import Accepted, Answer, Delivery, Event, Request
from siyu.channels.reading import NOT_UNDERSTOOD, instant, optional, parse, part, require_json
from siyu.channels.wechat_pay_crypto import decrypt, verify
from siyu.channels.wechat_pay_rows import Row
from siyu.domain.money import to_minor
from siyu.errors import NotConfiguredError, RefusalError, UnprocessableEventError
from siyu.secrets import Source

ACCEPTED = Answer(204)
PAYMENT, REFUND = "TRANSACTION.SUCCESS", "REFUND.SUCCESS"
# No money went back to the buyer, whom somebody has to help.
FAILED_REFUNDS = {"REFUND.ABNORMAL": "refund_abnormal", "REFUND.CLOSED": "refund_closed"}
SUCCESS = "SUCCESS"
CURRENCY = "CNY"
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


def receive(request: Request, source: Source) -> Accepted:
    keys = source.fields.get("platform_keys")
    if not keys:
        raise NotConfiguredError(f"source {source.name} has no platform_keys")
    verify(request.headers, request.body, keys, request.now)
    delivery_id = optional(require_json(request.body), "id")
    if not isinstance(delivery_id, str) or not _ID.fullmatch(delivery_id):
        delivery_id = hashlib.sha256(request.body).hexdigest()
    return Accepted(delivery_id)


def refusal(error: RefusalError) -> Mapping[str, str]:
    return {"code": "FAIL", "message": error.title}


def read(delivery: Delivery, source: Source) -> Sequence[Event]:
    body = parse(delivery.body)
    kind = str(part(body, "event_type"))
    if kind in FAILED_REFUNDS:
        raise UnprocessableEventError(FAILED_REFUNDS[kind], "a refund did not reach the buyer")
    if kind not in (PAYMENT, REFUND):
        raise UnprocessableEventError("unknown_event_type", "neither a payment nor a refund")
    content = _opened(part(body, "resource"), source)
    if "mchid" in source.fields and optional(content, "mchid") != source.fields["mchid"]:
        raise UnprocessableEventError("other_merchant", "paid to a merchant that is not configured")
    state = part(content, "trade_state" if kind == PAYMENT else "refund_status")
    if state != SUCCESS:
        raise UnprocessableEventError("not_successful", "the state is not SUCCESS")
    return [_payment(content, source) if kind == PAYMENT else _refund(content)]


def listed(source: Source, days: Sequence[date]) -> Iterator[Event]:
    """Payments, refunds and revoked payments of the bills of these days.

    What a bill says and we do not know goes on as it is: whoever makes an order event of it finds
    out and reports it. A bill is never updated, so refunds it calls unfinished are asked about.
    """
    merchant = bill.merchant(source)
    for day in days:
        for row in bill.rows(merchant, day):
            if row.state != "REFUND":
                yield _billed(row, source)
            elif row.refund_status == SUCCESS:
                yield _refunded(
                    row.out_trade_no, row.out_refund_no, _fen(row.refund, row.currency), row.at
                )
            elif row.refund_status == bill.PROCESSING:
                answer = bill.refund(merchant, row.out_refund_no)
                if optional(answer, "status") == SUCCESS:
                    yield _asked(answer)


def _opened(resource: Any, source: Source) -> Any:
    if optional(resource, "algorithm") != "AEAD_AES_256_GCM":
        raise UnprocessableEventError(NOT_UNDERSTOOD, "resource.algorithm: another one")
    nonce, ciphertext = (str(part(resource, name)) for name in ("nonce", "ciphertext"))
    associated = str(optional(resource, "associated_data") or "")
    try:
        text = decrypt(source.text("api_v3_key"), nonce, ciphertext, associated)
    except ValueError:
        raise UnprocessableEventError("not_decryptable", "sealed with another key") from None
    return parse(text)


def _payment(content: Any, source: Source) -> Event:
    return _paid(
        source,
        order_id=part(content, "out_trade_no"),
        payment_id=part(content, "transaction_id"),
        fen=part(content, "amount.total"),
        currency=optional(content, "amount.currency") or CURRENCY,
        at=instant(content, "success_time").isoformat(),
        buyer={"openid": optional(content, "payer.openid"), "app_id": optional(content, "appid")},
    )


def _refund(content: Any) -> Event:
    return _refunded(
        part(content, "out_trade_no"),
        part(content, "out_refund_no"),
        part(content, "amount.refund"),
        instant(content, "success_time").isoformat(),
    )


def _asked(answer: Any) -> Event:
    try:
        return _refund(answer)
    except UnprocessableEventError:
        return {"type": "wechat_pay.REFUND", "data": {}}


def _billed(row: Row, source: Source) -> Event:
    if row.state == "REVOKED":
        return {
            "type": "order.cancelled",
            "data": {"order_id": row.out_trade_no, "occurred_at": row.at},
        }
    if row.state != SUCCESS:
        return {"type": f"wechat_pay.{row.state}", "data": {}}
    return _paid(
        source,
        order_id=row.out_trade_no,
        payment_id=row.transaction_id,
        fen=_fen(row.total, row.currency),
        currency=row.currency,
        at=row.at,
        buyer={"openid": row.openid, "app_id": row.app_id or None},
    )


def _paid(
    source: Source,
    *,
    order_id: Any,
    payment_id: Any,
    fen: Any,
    currency: Any,
    at: str,
    buyer: Mapping[str, Any],
) -> Event:
    data = {
        "order_id": order_id,
        "paid_minor": fen,
        "currency": currency,
        "occurred_at": at,
        "payment_id": order_id if source.fields.get("link") == "out_trade_no" else payment_id,
        "payment_only": True,
    }
    return {"type": "order.paid", "data": {**data, "buyer": buyer} if buyer["openid"] else data}


def _refunded(order_id: Any, refund_id: Any, fen: Any, at: str) -> Event:
    """A notification of a refund names no currency: the merchant is paid in CNY."""
    data = {
        "order_id": order_id,
        "refund_id": refund_id,
        "refunded_minor": fen,
        "currency": CURRENCY,
        "occurred_at": at,
    }
    return {"type": "order.refunded", "data": data}


def _fen(amount: str, currency: str) -> int | str:
    try:
        return to_minor(amount, currency)
    except ValueError:
        return amount
