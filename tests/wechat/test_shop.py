"""The API of a WeChat Shop: what was asked for comes back digit for digit, or it comes later."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest

from infra.local.standins.server import Server
from infra.local.standins.state import Account, State
from siyu.errors import UnavailableError, UnprocessableEventError
from siyu.wechat import shop
from siyu.wechat.tokens import Api, Shop, call
from tests.wechat.conftest import SECRET, Move
from tests.wechat.partner import partner

OURS, OTHER = Shop("wxshop", SECRET), Shop("wxother", SECRET)
TOKEN = "/cgi-bin/stable_token"
GOOD = {"access_token": "one", "expires_in": 7200}
# As a double it would be 3705115058471208960.
ORDER_ID, AFTERSALE_ID = 3705115058471208929, 2000000000000730213


@pytest.fixture
def shops() -> Iterator[Server]:
    """A stand-in whose brand has a shop."""
    names = {"mini_program": "wxapp", "official_account": "wxo", "wecom": "ww", "shop": "wxshop"}
    with Server(State({name: Account(one, SECRET) for name, one in names.items()})) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_an_order_comes_back_digit_for_digit(shops: Server, tencent_at: Move) -> None:
    tencent_at(shops.origin)
    shops.state.put_order({"order_id": ORDER_ID, "status": 20})
    shops.state.put_aftersale({"after_sale_order_id": str(AFTERSALE_ID), "order_id": "1"})
    assert shop.order(OURS, str(ORDER_ID)) == {"order_id": ORDER_ID, "status": 20}
    assert shop.aftersale(OURS, str(AFTERSALE_ID))["after_sale_order_id"] == str(AFTERSALE_ID)


def test_an_order_is_asked_for_by_text_with_the_shops_own_token(tencent_at: Move) -> None:
    with partner(GOOD, {"errcode": 0, "order": {"order_id": ORDER_ID}}) as said:
        tencent_at(said.origin)
        for _ in range(2):
            shop.order(OURS, str(ORDER_ID))
    assert said.paths() == [TOKEN, "/channels/ec/order/get", "/channels/ec/order/get"]
    assert json.loads(said.requests[0][2])["appid"] == "wxshop"
    assert said.requests[1][1] == {"access_token": "one"}
    assert json.loads(said.requests[1][2]) == {"order_id": str(ORDER_ID)}


def test_each_shop_has_a_token_of_its_own(tencent_at: Move) -> None:
    with partner(GOOD) as said:
        tencent_at(said.origin)
        for one in (OURS, OTHER, OURS, Api.MINI_PROGRAM):
            call(one, "/a")
    assert said.paths() == [TOKEN, "/a", TOKEN, "/a", "/a", TOKEN, "/a"]
    asked = [json.loads(body)["appid"] for path, _, body in said.requests if path == TOKEN]
    assert asked == ["wxshop", "wxother", "wxapp"]


def test_a_token_that_expired_early_is_fetched_anew(shops: Server, tencent_at: Move) -> None:
    tencent_at(shops.origin)
    shops.state.put_order({"order_id": ORDER_ID})
    shop.order(OURS, str(ORDER_ID))
    shops.state.expire_tokens()
    assert shop.order(OURS, str(ORDER_ID)) == {"order_id": ORDER_ID}


def test_what_the_shop_does_not_have_cannot_be_read(shops: Server, tencent_at: Move) -> None:
    tencent_at(shops.origin)
    for ask in (shop.order, shop.aftersale):
        with pytest.raises(UnprocessableEventError, match="not_at_the_shop") as refused:
            ask(OURS, "1")
        assert "100002" in refused.value.detail


def test_a_shop_with_another_secret_is_refused_loudly_and_without_it(
    shops: Server, tencent_at: Move, output: Callable[[], str]
) -> None:
    tencent_at(shops.origin)
    with pytest.raises(UnavailableError):
        shop.order(Shop("wxshop", "a-guess"), "1")
    assert "SHOP wxshop" in output()
    assert "a-guess" not in output()


@pytest.mark.parametrize("times", [1, 2])
def test_a_busy_shop_is_asked_once_more(times: int, shops: Server, tencent_at: Move) -> None:
    tencent_at(shops.origin)
    shops.state.put_order({"order_id": ORDER_ID})
    shops.state.keep_busy(times)
    if times == 1:
        assert shop.order(OURS, str(ORDER_ID)) == {"order_id": ORDER_ID}
    else:
        with pytest.raises(UnavailableError):
            shop.order(OURS, str(ORDER_ID))


@pytest.mark.parametrize("code", [40164, 45009, 48001, 61004])
def test_what_somebody_has_to_allow_first_may_be_tried_again(code: int, tencent_at: Move) -> None:
    with partner(GOOD, {"errcode": code, "errmsg": "no"}) as said:
        tencent_at(said.origin)
        with pytest.raises(UnavailableError):
            shop.order(OURS, "1")


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"order": None},
        {"order": []},
        {"order": {}},
        {"order": {"order_id": 2}},
        {"order": {"order_id": 3705115058471208960}},
        {"order": {"order_id": None}},
    ],
)
def test_an_answer_about_something_else_is_none(reply: dict[str, Any], tencent_at: Move) -> None:
    with partner(GOOD, reply) as said:
        tencent_at(said.origin)
        with pytest.raises(UnavailableError):
            shop.order(OURS, str(ORDER_ID))


def test_a_stand_in_without_a_shop_knows_none(tencent_at: Move, standin: State) -> None:
    with pytest.raises(UnavailableError):
        shop.order(OURS, "1")
    assert standin.token_refusal("shop", "x") == 40014
