"""Functions run on the real engine; each test begins with an empty table and fresh login codes."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator

import pytest

from siyu.runtime import logger
from siyu.settings import settings
from tests import support


@pytest.fixture(autouse=True)
def empty_table() -> None:
    support.empty_table()
    support.forget_login_codes()


@pytest.fixture
def wechat_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Moves WeChat to another origin for one test."""

    def move(origin: str) -> None:
        monkeypatch.setenv("WECHAT_API_URL", origin)
        settings.cache_clear()

    yield move
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def output(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Iterator[Callable[[], str]]:
    """All that a Lambda would show in its log, with every logger open as wide as it goes."""
    caplog.set_level(logging.DEBUG)
    handler, lines = logger.registered_handler, io.StringIO()
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(lines)
    yield lambda: lines.getvalue() + caplog.text + "".join(capsys.readouterr())
    if before is not None:
        handler.setStream(before)
