"""WeChat Shop's paths: the orders and after-sale orders that were put into the state.

Ids are asked for as text and answered as WeChat does: those of orders as numbers beyond 2^53, those
of after-sale orders as text. `State.keep_busy` makes the shop refuse some calls.
"""

from __future__ import annotations

from typing import Any

from infra.local.standins import errcodes
from infra.local.standins.errcodes import OK, answer
from infra.local.standins.state import SHOP, State

Answer = dict[str, Any]


def get_order(state: State, query: dict[str, str], body: Answer) -> Answer:
    return _found(state, query, "order", state.order(str(body.get("order_id"))))


def get_aftersale(state: State, query: dict[str, str], body: Answer) -> Answer:
    found = state.aftersale(str(body.get("after_sale_order_id")))
    return _found(state, query, "after_sale_order", found)


def _found(state: State, query: dict[str, str], name: str, found: Answer | None) -> Answer:
    error = state.token_refusal(SHOP, query.get("access_token", ""))
    if error or state.is_busy():
        return answer(error or errcodes.BUSY)
    return answer(OK, **{name: found}) if found else answer(errcodes.NOT_EXIST)
