"""Followers of the official account."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from siyu.errors import UnavailableError
from siyu.wechat.official_account import unionid_of
from tests.wechat.conftest import Move
from tests.wechat.partner import partner


def test_a_follower_has_an_unionid_where_the_platform_is_bound() -> None:
    assert unionid_of("oa-ann~ann") == "union-ann"
    assert unionid_of("oa-ann~") is None


def test_somebody_who_does_not_follow_is_nobody_and_only_the_code_is_logged(
    output: Callable[[], str],
) -> None:
    assert unionid_of("no body") is None
    assert "official_account_refused" in output()
    assert "40003" in output()
    assert "no body" not in output()


def test_a_limit_is_no_answer(tencent_at: Move) -> None:
    with partner({"access_token": "one", "expires_in": 7200}, {"errcode": 45009}) as said:
        tencent_at(said.origin)
        with pytest.raises(UnavailableError):
            unionid_of("oa-ann")


def test_a_brand_without_an_official_account_asks_nobody(
    secrets_are: Callable[..., None], tencent_at: Move
) -> None:
    secrets_are(official_account=None)
    tencent_at("http://127.0.0.1:9")
    assert unionid_of("oa-ann") is None
