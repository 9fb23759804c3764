"""The WeChat stand-in's answers."""

from __future__ import annotations

import pytest

from infra.local.standins.wechat import Sessions


def ask(sessions: Sessions, code: str, **changes: str) -> dict[str, str | int]:
    query = {"appid": "wxlocal", "secret": "s", "grant_type": "authorization_code"}
    return sessions.exchange({**query, "js_code": code, **changes})


@pytest.fixture
def sessions() -> Sessions:
    return Sessions("wxlocal", "s")


def test_a_login_code_works_once(sessions: Sessions) -> None:
    answer = ask(sessions, "shopper.1")
    assert answer["openid"] == "shopper"
    assert answer["unionid"] == "union-shopper"
    assert answer["session_key"]
    assert ask(sessions, "shopper.1")["errcode"] == 40163
    assert ask(sessions, "shopper.2")["openid"] == "shopper"


@pytest.mark.parametrize(
    ("code", "errcode"),
    [
        ("errcode.-1", -1),
        ("errcode.45011", 45011),
        ("errcode.40226", 40226),
        ("errcode.x", 40029),
        ("no-nonce", 40029),
        ("", 40029),
    ],
)
def test_special_and_malformed_codes(sessions: Sessions, code: str, errcode: int) -> None:
    assert ask(sessions, code)["errcode"] == errcode


def test_a_wrong_app_is_refused(sessions: Sessions) -> None:
    assert ask(sessions, "a.1", appid="other")["errcode"] == 40013
    assert ask(sessions, "a.1", secret="other")["errcode"] == 40125
    assert ask(sessions, "a.1", grant_type="client")["errcode"] == 40002
