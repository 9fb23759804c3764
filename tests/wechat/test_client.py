"""Asking WeChat: what is tried again, what is given up, and what an error gives away (nothing)."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import pytest

from siyu.errors import UnavailableError
from siyu.wechat.client import ErrcodeError, ask
from tests.wechat.conftest import SECRET
from tests.wechat.partner import partner


def test_a_busy_partner_is_asked_once_more() -> None:
    with partner({"errcode": -1}, {"errcode": 0, "openid": "ann"}) as said:
        assert ask(f"{said.origin}/a", {})["openid"] == "ann"
    assert said.paths() == ["/a", "/a"]


def test_a_partner_that_stays_busy_is_left_alone() -> None:
    with partner({"errcode": -1}) as said, pytest.raises(UnavailableError):
        ask(f"{said.origin}/a", {})
    assert len(said.requests) == 2


@pytest.mark.parametrize("code", [45009, 45011, 45033])
def test_a_partner_that_limits_us_is_not_asked_again(code: int) -> None:
    with partner({"errcode": code}) as said, pytest.raises(UnavailableError):
        ask(f"{said.origin}/a", {})
    assert len(said.requests) == 1


def test_any_other_code_is_a_refusal_with_that_code() -> None:
    reply = {"errcode": 40029, "errmsg": "of no interest"}
    with partner(reply) as said, pytest.raises(ErrcodeError) as refusal:
        ask(f"{said.origin}/a", {})
    assert refusal.value.code == 40029
    assert "of no interest" not in str(refusal.value)


@pytest.mark.parametrize(
    "reply",
    [b"<html>502</html>", b"[]", b"", b"\xff", b"[" * 100_000, b'{"errcode": "0"}', b"null"],
)
def test_an_answer_that_cannot_be_read_means_try_again(reply: bytes) -> None:
    with partner(reply) as said, pytest.raises(UnavailableError):
        ask(f"{said.origin}/a", {})


def test_an_answer_of_a_proxy_between_us_is_not_the_partners() -> None:
    with partner({"openid": "ann"}, status=503) as said, pytest.raises(UnavailableError):
        ask(f"{said.origin}/a", {})


def test_nobody_can_send_us_elsewhere() -> None:
    with partner({"openid": "eve"}) as elsewhere:
        to = {"Location": f"{elsewhere.origin}/b"}
        with partner({}, status=302, headers=to) as said, pytest.raises(UnavailableError):
            ask(f"{said.origin}/a", {"secret": SECRET})
    assert elsewhere.requests == []


def test_text_is_posted_as_it_is_and_not_as_escapes() -> None:
    with partner({}) as said:
        ask(f"{said.origin}/a", {"access_token": "a b"}, {"text": "欢迎"})
    assert said.requests == [("/a", {"access_token": "a b"}, '{"text":"欢迎"}'.encode())]


@pytest.mark.parametrize("query", [{"secret": SECRET}, {"secret": SECRET, "code": "\ud800"}])
def test_no_secret_is_in_an_error_or_a_log(
    query: dict[str, str], output: Callable[[], str]
) -> None:
    with pytest.raises(UnavailableError) as error:
        ask("http://127.0.0.1:9/a", query)
    assert "did not answer" in str(error.value)
    assert SECRET not in "".join(traceback.format_exception(error.value)) + output()
