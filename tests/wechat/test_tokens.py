"""Access tokens: kept, renewed in time, renewed once when refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from infra.local.standins.state import State
from siyu.errors import UnavailableError
from siyu.wechat.client import ErrcodeError
from siyu.wechat.tokens import Api, call
from tests.wechat.conftest import SECRET, Move
from tests.wechat.partner import partner

TOKEN = "/cgi-bin/stable_token"
GOOD = {"access_token": "one", "expires_in": 7200}
FOLLOWER = ("/cgi-bin/user/info", {"openid": "ann"})


def test_a_token_is_asked_for_once_and_sent_with_every_call(tencent_at: Move) -> None:
    with partner(GOOD, {}) as said:
        tencent_at(said.origin)
        for _ in range(3):
            call(Api.OFFICIAL_ACCOUNT, "/a", {"openid": "ann"})
    assert said.paths() == [TOKEN, "/a", "/a", "/a"]
    assert said.requests[-1][1] == {"access_token": "one", "openid": "ann"}


def test_each_account_has_its_own_token(tencent_at: Move) -> None:
    with partner(GOOD) as said:
        tencent_at(said.origin)
        for api in Api:
            call(api, "/a")
    assert said.paths() == [TOKEN, "/a", TOKEN, "/a", "/cgi-bin/gettoken", "/a"]
    assert b'"appid":"wxapp"' in said.requests[0][2]
    assert b'"force_refresh":false' in said.requests[0][2]
    assert b'"appid":"wxofficial"' in said.requests[2][2]
    assert said.requests[4][1] == {"corpid": "wwcorp", "corpsecret": SECRET}


def test_a_token_is_renewed_five_minutes_before_it_ends(tencent_at: Move) -> None:
    with partner({"access_token": "one", "expires_in": 300}) as said:
        tencent_at(said.origin)
        call(Api.WECOM, "/a")
        call(Api.WECOM, "/a")
    assert said.paths() == ["/cgi-bin/gettoken", "/a"] * 2


def test_a_token_that_expired_early_is_fetched_anew(standin: State) -> None:
    assert call(Api.OFFICIAL_ACCOUNT, *FOLLOWER)["unionid"] == "union-ann"
    standin.expire_tokens()
    assert call(Api.OFFICIAL_ACCOUNT, *FOLLOWER)["unionid"] == "union-ann"


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_token_that_is_refused_twice_is_given_up_loudly(
    code: int, tencent_at: Move, output: Callable[[], str]
) -> None:
    with partner(GOOD, {"errcode": code}, GOOD, {"errcode": code}) as said:
        tencent_at(said.origin)
        with pytest.raises(UnavailableError):
            call(Api.MINI_PROGRAM, "/a")
    assert said.paths() == [TOKEN, "/a", TOKEN, "/a"]
    assert "account_refused" in output()
    assert str(code) in output()


@pytest.mark.parametrize("replies", [[{"errcode": 40003}], [{"errcode": 42001}, GOOD]])
def test_a_refusal_of_the_call_itself_is_the_callers(
    replies: list[dict[str, object]], tencent_at: Move
) -> None:
    with partner(GOOD, *replies, {"errcode": 40003}) as said:
        tencent_at(said.origin)
        with pytest.raises(ErrcodeError, match="40003"):
            call(Api.WECOM, "/a")


@pytest.mark.parametrize("api", list(Api))
def test_an_account_with_a_wrong_secret_is_logged_without_it(
    api: Api, secrets_are: Callable[..., None], tencent_at: Move, output: Callable[[], str]
) -> None:
    with partner({"errcode": 40125, "errmsg": SECRET}) as said:
        tencent_at(said.origin)
        with pytest.raises(UnavailableError):
            call(api, "/a")
    assert api.name in output()
    assert "40125" in output()
    assert SECRET not in output()


@pytest.mark.parametrize("reply", [{}, {"access_token": ""}, {"access_token": "one"}])
def test_an_answer_without_a_token_means_try_again(
    reply: dict[str, object], tencent_at: Move
) -> None:
    with partner(reply) as said:
        tencent_at(said.origin)
        with pytest.raises(UnavailableError):
            call(Api.WECOM, "/a")


def test_a_brand_without_the_account_cannot_call(secrets_are: Callable[..., None]) -> None:
    secrets_are(official_account=None)
    with pytest.raises(UnavailableError, match="no such account"):
        call(Api.OFFICIAL_ACCOUNT, *FOLLOWER)
