"""Who is behind a login code."""

from __future__ import annotations

import pytest

from siyu.errors import LoginRefusedError, UnavailableError
from siyu.wechat.login import Login, data_signature, login_of
from tests.wechat.conftest import Move
from tests.wechat.partner import partner


@pytest.mark.parametrize(
    ("code", "login"),
    [
        ("ann.1", Login("ann", "union-ann")),
        ("ann~bob.1", Login("ann", "union-bob")),
        ("ann~.1", Login("ann", None)),
    ],
)
def test_a_code_tells_the_openid_and_the_unionid_if_there_is_one(code: str, login: Login) -> None:
    assert login_of(code) == login


def test_a_code_works_once() -> None:
    login_of("ann.1")
    with pytest.raises(LoginRefusedError, match="40163"):
        login_of("ann.1")


@pytest.mark.parametrize("code", ["errcode.40029", "errcode.40226", "unknown", "", "a\0b.1", "é.1"])
def test_a_code_that_wechat_refuses_lets_nobody_in(code: str) -> None:
    with pytest.raises(LoginRefusedError):
        login_of(code)


@pytest.mark.parametrize("code", ["errcode.-1", "errcode.45011"])
def test_a_busy_wechat_means_try_again(code: str) -> None:
    with pytest.raises(UnavailableError):
        login_of(code)


@pytest.mark.parametrize("reply", [{}, {"openid": ""}, {"openid": 7}, {"openid": ["ann"]}])
def test_an_answer_without_an_openid_lets_nobody_in(
    reply: dict[str, object], tencent_at: Move
) -> None:
    with partner(reply) as said:
        tencent_at(said.origin)
        with pytest.raises(LoginRefusedError):
            login_of("ann.1")


@pytest.mark.parametrize("unionid", ["", None, 7])
def test_an_unionid_that_is_no_text_is_none(unionid: object, tencent_at: Move) -> None:
    with partner({"openid": "ann", "unionid": unionid}) as said:
        tencent_at(said.origin)
        assert login_of("ann.1") == Login("ann", None)


def test_the_signature_of_user_data_is_wechats_published_one() -> None:
    raw_data = (
        '{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou",'
        '"province":"Guangdong","country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/'
        "1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ"
        '/0"}'
    )
    assert (
        data_signature(raw_data, "HyVFkGl5F5OQWJZZaNzBBg==")
        == "75e81ceda165f4ffa64f4068af58c64b8f54b88c"
    )
