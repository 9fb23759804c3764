"""POST /v1/sessions: a member comes back by their WeChat login alone."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.domain.limits import ADDRESS
from siyu.services.erase_member import erase_member
from tests.faults import line
from tests.functions.calls import ANN, BOB, body, call, join, load, refused, with_fields
from tests.services.shop import receipt
from tests.support import NOW, dump, kinds


def sign_in(**fields: Any) -> Any:
    return call("member_session", with_fields(load("member_session/sign_in"), **fields))


def test_a_member_gets_a_session_that_opens_their_page() -> None:
    join(ANN, receipt(1), "openid-ann")
    answer = sign_in()
    assert answer["statusCode"] == 200
    said = body(answer)
    assert said.keys() == {"token", "expires_at"}
    assert said["expires_at"] == "2026-11-22T06:00:00Z"
    event = load("member_profile/me")
    event["headers"]["authorization"] = f"Bearer {said['token']}"
    assert body(call("member_profile", event))["id"] == ANN


def test_who_never_joined_is_sent_to_scan_a_code_and_leaves_nothing() -> None:
    refused(sign_in(), 404, "not_found")
    assert kinds() == {}


def test_an_erased_member_is_a_stranger() -> None:
    join(ANN, receipt(1), "openid-ann")
    erase_member(ANN, NOW)
    refused(sign_in(), 404, "not_found")


def test_two_accounts_of_one_unionid_become_one_person() -> None:
    join(ANN, receipt(1), "openid-ann", unionid="union-x")
    join(BOB, receipt(2), "openid-bob")
    assert sign_in(login_code="openid-bob~x.1")["statusCode"] == 200
    assert kinds()["MERGE"] == 1


def test_a_login_code_works_once() -> None:
    join(ANN, receipt(1), "openid-ann")
    assert sign_in()["statusCode"] == 200
    refused(sign_in(), 401, "login_refused")


@pytest.mark.parametrize("code", ["errcode.40226", "unknown", "a\0b.1", "a\r\nHost: x"])
def test_a_login_that_wechat_refuses_lets_nobody_in(code: str) -> None:
    join(ANN, receipt(1), "openid-ann")
    refused(sign_in(login_code=code), 401, "login_refused")


@pytest.mark.parametrize("code", ["errcode.-1", "errcode.45011"])
def test_a_busy_wechat_means_try_again(code: str) -> None:
    refused(sign_in(login_code=code), 503, "temporarily_unavailable")


def test_a_flood_from_one_address_is_turned_away_before_anybody_is_asked() -> None:
    for _ in range(ADDRESS.count):
        refused(sign_in(login_code="unknown"), 401, "login_refused")
    with line() as calls:
        answer = sign_in()
    assert answer["statusCode"] == 429
    assert int(answer["headers"]["Retry-After"]) > 0
    assert calls.calls == []


def test_fields_that_are_missing_wrong_or_unknown_are_named() -> None:
    answer = sign_in(login_code=7, member_id=ANN)
    refused(answer, 422, "invalid_request")
    assert [error["field"] for error in body(answer)["errors"]] == [
        "body.login_code",
        "body.member_id",
    ]


def test_endless_conflicts_mean_try_again() -> None:
    join(ANN, receipt(1), "openid-ann")
    before = dump()
    with line(lambda _, name: "conflict" if name == "TransactWriteItems" else None):
        refused(sign_in(), 503, "temporarily_unavailable")
    assert dump() == before
