"""The stand-in of WeChat and WeCom: its answers and its memory."""

from __future__ import annotations

from typing import Any

import pytest

from infra.local.standins import wechat, wecom
from infra.local.standins.state import Account, State

Answer = dict[str, Any]


@pytest.fixture
def state() -> State:
    ids = {"mini_program": "wxlocal", "official_account": "wxoa", "wecom": "wwlocal"}
    return State({name: Account(one, "s") for name, one in ids.items()})


def login(state: State, code: str, **changes: str) -> Answer:
    query = {"appid": "wxlocal", "secret": "s", "grant_type": "authorization_code"}
    return wechat.jscode2session(state, {**query, "js_code": code, **changes})


def corp(state: State) -> dict[str, str]:
    token = wecom.gettoken(state, {"corpid": "wwlocal", "corpsecret": "s"})["access_token"]
    return {"access_token": token}


def welcome(state: State, code: str) -> int:
    body = {"welcome_code": code, "text": {"content": "hello"}}
    code_of: int = wecom.send_welcome_msg(state, corp(state), body)["errcode"]
    return code_of


def test_a_login_code_works_once(state: State) -> None:
    answer = login(state, "shopper.1")
    assert answer["openid"] == "shopper"
    assert answer["session_key"]
    assert "errcode" not in answer
    assert login(state, "shopper.1")["errcode"] == 40163
    assert login(state, "shopper.2")["openid"] == "shopper"
    state.forget()
    assert login(state, "shopper.1")["openid"] == "shopper"


@pytest.mark.parametrize(
    ("code", "unionid"),
    [("ann.1", "union-ann"), ("ann~bob.1", "union-bob"), ("ann~.1", None)],
)
def test_a_login_code_says_which_unionid_it_has(
    state: State, code: str, unionid: str | None
) -> None:
    answer = login(state, code)
    assert (answer["openid"], answer.get("unionid")) == ("ann", unionid)


@pytest.mark.parametrize(
    ("code", "errcode"),
    [
        ("errcode.-1", -1),
        ("errcode.45011", 45011),
        ("errcode.40226", 40226),
        ("errcode.40029", 40029),
        ("errcode.0", 40029),
        ("errcode.x", 40029),
        ("no-nonce", 40029),
        ("", 40029),
    ],
)
def test_special_and_malformed_codes(state: State, code: str, errcode: int) -> None:
    assert login(state, code)["errcode"] == errcode


def test_a_wrong_app_is_refused(state: State) -> None:
    assert login(state, "a.1", appid="other")["errcode"] == 40013
    assert login(state, "a.1", appid="wxoa")["errcode"] == 40013
    assert login(state, "a.1", secret="other")["errcode"] == 40125
    assert login(state, "a.1", grant_type="client")["errcode"] == 40002


def test_a_token_is_given_for_the_right_secret_only(state: State) -> None:
    body = {"grant_type": "client_credential", "appid": "wxoa", "secret": "s"}
    token = wechat.stable_token(state, {}, body)["access_token"]
    assert wechat.stable_token(state, {}, body)["access_token"] == token
    for name, value, errcode in [
        ("appid", "wwlocal", 40013),
        ("secret", "other", 40125),
        ("grant_type", "other", 40002),
    ]:
        assert wechat.stable_token(state, {}, {**body, name: value})["errcode"] == errcode
    assert wecom.gettoken(state, {"corpid": "wxoa", "corpsecret": "s"})["errcode"] == 40013
    assert wecom.gettoken(state, {"corpid": "wwlocal"})["errcode"] == 40001


def test_a_token_opens_its_own_account_until_it_expires(state: State) -> None:
    contact = {**corp(state), "external_userid": "wm-ann"}
    follower = {"access_token": state.token("official_account"), "openid": "ann"}
    assert wecom.get_contact(state, contact)["errcode"] == 0
    assert wechat.user_info(state, follower)["openid"] == "ann"
    assert wechat.user_info(state, {**follower, **corp(state)})["errcode"] == 40014
    state.expire_tokens()
    assert wecom.get_contact(state, contact)["errcode"] == 42001
    assert wechat.user_info(state, follower)["errcode"] == 42001
    assert wecom.get_contact(state, {**contact, **corp(state)})["errcode"] == 0


@pytest.mark.parametrize(
    "ask",
    [
        wecom.external_userid_to_pending_id,
        wecom.unionid_to_external_userid,
        wecom.add_contact_way,
        wecom.send_welcome_msg,
        wechat.getuserphonenumber,
    ],
)
def test_nothing_is_answered_without_a_token(state: State, ask: Any) -> None:
    assert ask(state, {}, {"code": "phone.1.1"})["errcode"] == 40014


def test_a_phone_code_works_once(state: State) -> None:
    query = {"access_token": state.token("mini_program")}
    body = {"code": "phone.13800138000.1"}
    info = wechat.getuserphonenumber(state, query, body)["phone_info"]
    assert (info["purePhoneNumber"], info["countryCode"]) == ("13800138000", "86")
    assert info["watermark"]["appid"] == "wxlocal"
    assert wechat.getuserphonenumber(state, query, body)["errcode"] == 40029
    assert wechat.getuserphonenumber(state, query, {"code": "errcode.-1"})["errcode"] == -1


def test_only_one_kind_of_contact_shows_its_unionid(state: State) -> None:
    shown = wecom.get_contact(state, {**corp(state), "external_userid": "wm-ann"})
    hidden = wecom.get_contact(state, {**corp(state), "external_userid": "wx-ann"})
    assert shown["external_contact"]["unionid"] == "union-ann"
    assert "unionid" not in hidden["external_contact"]
    unknown = wecom.get_contact(state, {**corp(state), "external_userid": "ann"})
    assert unknown["errcode"] == 40096


def test_both_ways_of_converting_ids_meet_at_the_pending_id(state: State) -> None:
    person = {"unionid": "union-ann", "openid": "ann", "subject_type": 0}
    early = wecom.unionid_to_external_userid(state, corp(state), person)
    assert early == {"errcode": 0, "errmsg": "ok", "pending_id": "pending-ann"}
    contacts = {"external_userid": ["wx-ann", "nobody"]}
    found = wecom.external_userid_to_pending_id(state, corp(state), contacts)
    assert found["result"] == [{"external_userid": "wx-ann", "pending_id": "pending-ann"}]
    late = wecom.unionid_to_external_userid(state, corp(state), person)
    assert late == {"errcode": 0, "errmsg": "ok", "external_userid": "wx-ann"}


def test_a_contact_ways_state_has_a_limit(state: State) -> None:
    body = {"type": 1, "scene": 2, "user": ["guide"], "state": "S" * 30}
    way = wecom.add_contact_way(state, corp(state), body)
    assert way["config_id"] in way["qr_code"]
    assert "qr_code" not in wecom.add_contact_way(state, corp(state), {**body, "scene": 1})
    for changes in ({"state": "S" * 31}, {"user": ["a", "b"]}, {"user": "a"}, {"type": 2}):
        answer = wecom.add_contact_way(state, corp(state), {**body, **changes})
        assert answer["errcode"] == 40058


def test_a_welcome_is_sent_once_and_after_the_other_app(state: State) -> None:
    assert [welcome(state, "one") for _ in range(2)] == [0, 41051]
    assert [welcome(state, "busy2") for _ in range(4)] == [41096, 41096, 0, 41051]
    assert [sent["welcome_code"] for sent in state.sent()] == ["one", "busy2"]
    assert welcome(state, "") == 40058
