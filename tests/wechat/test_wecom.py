"""WeCom's API: contacts, ids, contact ways and welcomes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from infra.local.standins.state import State
from siyu.errors import UnavailableError
from siyu.wechat import wecom
from siyu.wechat.client import ErrcodeError
from tests.wechat.conftest import Move
from tests.wechat.partner import partner

GOOD = {"access_token": "one", "expires_in": 7200}
LOOKUPS: list[tuple[Callable[[], Any], Any]] = [
    (lambda: wecom.unionid_of("wm-ann"), None),
    (lambda: wecom.pending_id_of("wm-ann"), None),
    (lambda: wecom.contact_of("union-ann", "ann"), (None, None)),
]


def test_a_contact_has_an_unionid_where_the_platform_is_bound() -> None:
    assert wecom.unionid_of("wm-ann") == "union-ann"
    assert wecom.unionid_of("wx-ann") is None


def test_a_shopper_who_is_no_contact_yet_is_recognised_by_the_pending_id_later() -> None:
    assert wecom.contact_of("union-ann", "ann") == (None, "pending-ann")
    assert wecom.pending_id_of("wx-ann") == "pending-ann"


def test_a_shopper_who_is_a_contact_already_is_known_at_once() -> None:
    wecom.unionid_of("wx-ann")
    assert wecom.contact_of("union-ann", "ann") == ("wx-ann", None)
    assert wecom.contact_of("union-bob", "bob") == (None, "pending-bob")


def test_an_unknown_contact_is_nobody_and_only_the_code_is_logged(
    output: Callable[[], str],
) -> None:
    assert wecom.unionid_of("nobody") is None
    assert "wecom_refused" in output()
    assert "40096" in output()
    assert "nobody" not in output()


def test_the_pending_id_of_another_contact_is_not_taken(tencent_at: Move) -> None:
    rows = [{"external_userid": "wx-bob", "pending_id": "pending-bob"}]
    with partner(GOOD, {"errcode": 0, "result": rows}) as said:
        tencent_at(said.origin)
        assert wecom.pending_id_of("wx-ann") is None


@pytest.mark.parametrize("reply", [{}, {"result": 7, "external_contact": 7, "pending_id": 7}])
@pytest.mark.parametrize(("look_up", "nothing"), LOOKUPS)
def test_an_answer_without_what_was_asked_knows_nothing(
    reply: dict[str, Any], look_up: Callable[[], Any], nothing: Any, tencent_at: Move
) -> None:
    with partner(GOOD, reply) as said:
        tencent_at(said.origin)
        assert look_up() == nothing


@pytest.mark.parametrize(("look_up", "nothing"), LOOKUPS)
def test_a_brand_without_wecom_knows_nothing_and_asks_nobody(
    look_up: Callable[[], Any], nothing: Any, secrets_are: Callable[..., None], tencent_at: Move
) -> None:
    secrets_are(wecom=None)
    tencent_at("http://127.0.0.1:9")
    assert look_up() == nothing


@pytest.mark.parametrize("code", [-1, 45009, 45033])
@pytest.mark.parametrize(("look_up", "nothing"), LOOKUPS)
def test_a_limit_is_no_answer(
    code: int, look_up: Callable[[], Any], nothing: Any, tencent_at: Move
) -> None:
    with partner(GOOD, {"errcode": code}) as said:
        tencent_at(said.origin)
        with pytest.raises(UnavailableError):
            look_up()


@pytest.mark.parametrize(
    "ask",
    [
        *(look_up for look_up, _ in LOOKUPS),
        lambda: wecom.send_welcome("code", "hello", seconds=1),
        lambda: wecom.add_contact_way("guide", "state"),
    ],
)
def test_an_address_that_wecom_does_not_trust_is_loud(
    ask: Callable[[], Any], tencent_at: Move, output: Callable[[], str]
) -> None:
    with partner(GOOD, {"errcode": 60020, "errmsg": "not allow ip 203.0.113.7"}) as said:
        tencent_at(said.origin)
        with pytest.raises(UnavailableError):
            ask()
    assert '"level":"ERROR"' in output().replace(" ", "")
    assert "60020" in output()
    assert "203.0.113.7" not in output()


def test_a_welcome_is_sent_once_and_a_second_try_is_quiet(
    standin: State, output: Callable[[], str]
) -> None:
    assert wecom.send_welcome("code", "欢迎", seconds=1) is True
    assert wecom.send_welcome("code", "欢迎", seconds=1) is False
    assert standin.sent() == [{"welcome_code": "code", "text": "欢迎"}]
    assert "wecom_refused" not in output()


def test_a_welcome_waits_for_another_app_that_is_sending(standin: State) -> None:
    assert wecom.send_welcome("busy2", "hello", seconds=5) is True
    assert len(standin.sent()) == 1


def test_a_welcome_is_given_up_when_its_time_is_over(
    standin: State, output: Callable[[], str]
) -> None:
    began = time.monotonic()
    assert wecom.send_welcome("busy99", "hello", seconds=1) is False
    assert time.monotonic() - began < 1.5
    assert standin.sent() == []
    assert "41096" in output()


def test_a_welcome_that_is_refused_is_logged_and_not_tried_again(
    tencent_at: Move, output: Callable[[], str]
) -> None:
    with partner(GOOD, {"errcode": 41050}) as said:
        tencent_at(said.origin)
        assert wecom.send_welcome("code", "hello", seconds=9) is False
    assert len(said.requests) == 2
    assert "41050" in output()


def test_a_contact_way_is_a_qr_code_of_one_member_of_staff() -> None:
    way = wecom.add_contact_way("guide", "S" * 30)
    assert way.config_id
    assert way.qr_code.startswith("https://")
    assert wecom.add_contact_way("other", "S" * 30) != way


def test_a_contact_way_that_wecom_refuses_says_so() -> None:
    with pytest.raises(ErrcodeError, match="40058"):
        wecom.add_contact_way("guide", "S" * 31)


def test_a_contact_way_without_a_qr_code_means_try_again(tencent_at: Move) -> None:
    with partner(GOOD, {"errcode": 0, "config_id": "one"}) as said:
        tencent_at(said.origin)
        with pytest.raises(UnavailableError):
            wecom.add_contact_way("guide", "state")
