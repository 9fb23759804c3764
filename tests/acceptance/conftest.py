"""Scenarios run on the real engine and the stand-in; each test begins with nothing."""

from __future__ import annotations

import pytest

from siyu.wechat import tokens
from tests import support
from tests.acceptance.matrix import all_of_bobs
from tests.functions.callbacks import received
from tests.functions.conftest import output, wechat_at

__all__ = ["output", "wechat_at"]


@pytest.fixture(autouse=True)
def nothing() -> None:
    support.empty_table()
    support.forget_login_codes()
    received()
    tokens._cached.clear()


@pytest.fixture
def bobs() -> str:
    """Bob's coupon; the table holds all that a member can have."""
    return all_of_bobs()
