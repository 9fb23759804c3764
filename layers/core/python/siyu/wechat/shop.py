"""The API of a WeChat Shop (微信小店): its orders and what came back of them.

https://developers.weixin.qq.com/doc/store/shop/API/order/get.html
https://developers.weixin.qq.com/doc/store/API/aftersale/getaftersaleorder.html
Amounts are fen, times whole seconds, ids digits that do not fit into a double.
"""

from typing import Any

from siyu.errors import UnavailableError, UnprocessableEventError
from siyu.runtime import logger
from siyu.wechat.client import ErrcodeError
from siyu.wechat.tokens import Shop, call

# The shop's account may not call this, or not from here: nothing works until somebody acts.
NOT_ALLOWED = frozenset({40164, 48001, 61004})


def order(shop: Shop, order_id: str) -> dict[str, Any]:
    """An order as the shop has it at the moment.

    Raises UnprocessableEventError when the shop has no such order, UnavailableError when WeChat is
    busy, silent, or refuses the account.
    """
    return _asked(shop, "order/get", ("order_id", order_id), "order")


def aftersale(shop: Shop, aftersale_id: str) -> dict[str, Any]:
    """An after-sale order: a refund, a return, an exchange. Raises as `order` does."""
    field = ("after_sale_order_id", aftersale_id)
    return _asked(shop, "aftersale/getaftersaleorder", field, "after_sale_order")


def _asked(shop: Shop, path: str, field: tuple[str, str], name: str) -> dict[str, Any]:
    try:
        answer = call(shop, f"/channels/ec/{path}", body=dict([field]))
    except ErrcodeError as refusal:
        if refusal.code not in NOT_ALLOWED:
            raise UnprocessableEventError("not_at_the_shop", f"{name}: {refusal}") from None
        logger.error("account_refused", api=shop.name, errcode=refusal.code)
        raise UnavailableError(str(refusal)) from None
    found = answer.get(name)
    if not isinstance(found, dict) or str(found.get(field[0])) != field[1]:
        raise UnavailableError("WeChat's answer is not about what was asked")
    return found
