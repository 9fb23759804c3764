"""POST /v1/me/phone: only a number that WeChat has verified, only for oneself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from siyu.services.known_member import known
from siyu.services.link_phone import link_phone
from siyu.wechat import tokens
from tests.functions.calls import ANN, BOB, body, call, join, load, refused, with_fields
from tests.services.shop import receipt
from tests.support import NOW, dump

NUMBER = "+8613800138000"


_logins = count()


def link(**fields: Any) -> Any:
    """A login code works once, so each request has its own."""
    fresh = {"login_code": f"openid-ann.{next(_logins)}", **fields}
    return call("member_phone", with_fields(load("member_phone/link"), **fresh))


def no_number(answer: Any) -> None:
    assert answer["statusCode"] == 422
    assert body(answer)["type"] == "urn:siyu:problem:phone_refused"


@pytest.fixture(autouse=True)
def ann() -> None:
    tokens._cached.clear()
    join(ANN, receipt(1), "openid-ann")
    join(BOB, receipt(2), "openid-bob")


def test_a_stolen_session_links_no_number_and_merges_nobody() -> None:
    """With a number of their own a thief would be the same person for ever after."""
    link_phone(BOB, NUMBER, NOW)
    before = dump()
    refused(link(login_code="openid-bob.stolen"), 401, "login_refused")
    assert dump() == before


def test_a_number_is_linked_once_and_known_then() -> None:
    answer = link()
    assert (answer["statusCode"], body(answer)) == (200, {"status": "linked"})
    assert body(link(code="phone.13800138000.code2")) == {"status": "known"}
    assert known(ANN).accounts[0].phone is not None


@pytest.mark.parametrize(
    ("days", "status", "accounts"), [(90, "merged", {ANN, BOB}), (91, "review", {ANN})]
)
def test_a_number_of_another_account_is_told_in_one_word(
    days: int, status: str, accounts: set[str]
) -> None:
    link_phone(BOB, NUMBER, NOW - timedelta(days=days))
    answer = link()
    assert body(answer) == {"status": status}
    assert BOB not in str(answer)
    assert set(known(ANN).member_ids) == accounts


@pytest.mark.parametrize("code", ["unknown", "phone.1.1", "phone.23800138000.1", "x" * 128])
def test_what_is_no_number_of_wechats_links_nothing(code: str) -> None:
    before = dump()
    no_number(link(code=code))
    assert dump() == before


def test_a_code_works_once() -> None:
    link()
    no_number(link())


@pytest.mark.parametrize("code", ["errcode.-1", "errcode.45011"])
def test_a_busy_wechat_means_try_again(code: str) -> None:
    refused(link(code=code), 503, "temporarily_unavailable")


def test_the_number_itself_is_not_taken_from_the_request() -> None:
    answer = link(phone=NUMBER)
    refused(answer, 422, "invalid_request")
    assert [error["field"] for error in body(answer)["errors"]] == ["body.phone"]


def test_without_a_session_wechat_is_not_asked() -> None:
    event = load("member_phone/link")
    del event["headers"]["authorization"]
    refused(call("member_phone", event), 401, "not_signed_in")
    assert body(link()) == {"status": "linked"}  # the code was not used up


def test_no_number_and_no_code_is_logged(output: Callable[[], str]) -> None:
    link()
    link(code="phone.13900139000.secret-code")
    logged = output()
    for private in ("13800138000", "13900139000", "secret-code"):
        assert private not in logged
