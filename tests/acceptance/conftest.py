"""Scenarios run on the real engine and the stand-in; each test begins with nothing."""

from __future__ import annotations

import pytest

from siyu.wechat import tokens
from tests import support
from tests.functions.callbacks import received


@pytest.fixture(autouse=True)
def nothing() -> None:
    support.empty_table()
    support.forget_login_codes()
    received()
    tokens._cached.clear()
