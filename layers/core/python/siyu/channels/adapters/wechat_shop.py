"""WeChat Shop (微信小店): a push says that something happened; what did, the shop's API says.

https://developers.weixin.qq.com/doc/store/shop/notify/order_callback
https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html

The plain signature covers time and nonce and not the body, so a push is a hint and no more: every
amount, instant and name is fetched with the shop's own secret. A source with an `aes_key` takes
encrypted pushes only, whose signature covers them.

Fields of the source: `app_id` and `secret` of the shop, `token` of its message push, and perhaps
`aes_key` (EncodingAESKey). The push has to be set up as JSON.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from siyu.channels.contract import Accepted, Answer, Delivery, Event, Request
from siyu.channels.reading import NOT_UNDERSTOOD, known_name, optional, parse, part, require_json
from siyu.channels.wechat_shop_orders import DONE, facts, refund, unpaid
from siyu.errors import (
    MalformedError,
    NotYetError,
    SignatureError,
    UnprocessableEventError,
    UnreadableBodyError,
)
from siyu.secrets import Account, Source
from siyu.wechat import callback, shop
from siyu.wechat.tokens import Shop

ACCEPTED = Answer(200, "text/plain", "success")
PAID = "channels_ec_order_pay"
STEPS = ("new", "pay", "wait_shipping", "deliver", "confirm", "settle", "cancel", "ext_info_update")
ORDER_EVENTS = frozenset(f"channels_ec_order_{step}" for step in STEPS)
AFTERSALE_EVENT, AFTERSALE = "channels_ec_aftersale_update", "finder_shop_aftersale_status_update"
MAX_AFTERSALES = 50


def check(request: Request, source: Source) -> Answer:
    echo = callback.url_check(_account(source), request.query, request.now)
    return Answer(200, "text/plain", echo.decode(errors="replace"))


def receive(request: Request, source: Source) -> Accepted:
    """The id is that of the content, which stays the same however often it is encrypted anew."""
    account, body = _account(source), request.body
    if account.aes_key:
        encrypted = _encrypted(body)
        given = request.query.get("msg_signature", "")
        callback.verify(account, request.query, request.now, given, encrypted)
        body = callback.decrypt(account.aes_key, account.account_id, encrypted)
    else:
        callback.verify(account, request.query, request.now, request.query.get("signature", ""))
    require_json(body)
    return Accepted(hashlib.sha256(body).hexdigest())


def read(delivery: Delivery, source: Source) -> Sequence[Event]:
    """All that the shop knows about the order of a push, so that each push makes up for others."""
    push = _opened(parse(delivery.body), _account(source))
    name = str(part(push, "Event"))
    if name in ORDER_EVENTS:
        order_id, pushed = part(push, "order_info.order_id"), None
    elif name == AFTERSALE_EVENT:
        order_id, pushed = part(push, f"{AFTERSALE}.order_id"), part(push, AFTERSALE)
    else:
        raise UnprocessableEventError("unknown_topic", known_name(name))
    asked = Shop(source.text("app_id"), source.text("secret"))
    order = shop.order(asked, str(order_id))
    if name == PAID and unpaid(order):
        # The answer is older than the push; the message has to come again.
        raise NotYetError("the shop's answer does not know the payment yet")
    return [*facts(order, asked.app_id), *_refunds(asked, order, pushed)]


def _refunds(asked: Shop, order: Any, pushed: Any) -> list[Event]:
    listed = optional(order, "aftersale_detail.aftersale_order_list") or ()
    ids = {str(part(one, "aftersale_order_id")) for one in listed}
    if pushed is not None:
        ids.add(str(part(pushed, "after_sale_order_id")))
    if len(ids) > MAX_AFTERSALES:
        raise UnprocessableEventError(NOT_UNDERSTOOD, "too many after-sales")
    found = {one: shop.aftersale(asked, one) for one in sorted(ids)}
    if pushed is not None and optional(pushed, "status") in DONE:
        current = found[str(part(pushed, "after_sale_order_id"))]
        if optional(current, "status") not in DONE:
            raise NotYetError("the shop's answer does not know the refund yet")
    return [event for one in found.values() for event in refund(one, order)]


def _account(source: Source) -> Account:
    aes_key = source.text("aes_key") if source.fields.get("aes_key") else ""
    return Account(source.text("app_id"), source.text("secret"), source.text("token"), aes_key)


def _encrypted(body: bytes) -> str:
    try:
        found = optional(require_json(body), "Encrypt")
    except UnreadableBodyError:
        raise MalformedError("not the JSON of an encrypted push") from None
    if not isinstance(found, str):
        raise SignatureError("only encrypted pushes are taken")
    return found


def _opened(body: Any, account: Account) -> Any:
    """The push itself; one that came before the source had its key is plain."""
    encrypted = optional(body, "Encrypt")
    if not isinstance(encrypted, str) or not account.aes_key:
        return body
    try:
        return parse(callback.decrypt(account.aes_key, account.account_id, encrypted).decode())
    except (SignatureError, UnicodeDecodeError):
        raise UnprocessableEventError(NOT_UNDERSTOOD, "encrypted with another key") from None
