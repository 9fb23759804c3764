"""WeChat and WeCom are a stand-in in this process; no engine is needed."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest

import siyu.secrets
from infra.local.standins.server import Server
from infra.local.standins.state import Account, State
from siyu.runtime import logger
from siyu.settings import Settings, settings
from siyu.wechat import tokens

APP_ID = "wxapp"
SECRET = "a-secret-that-no-log-shows"
WECOM = siyu.secrets.Account("wwcorp", SECRET, "token", "A" * 43)
OFFICIAL_ACCOUNT = siyu.secrets.Account("wxofficial", SECRET, "token", "A" * 43)

Move = Callable[[str], None]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    names = {"mini_program": APP_ID, "official_account": "wxofficial", "wecom": "wwcorp"}
    with Server(State({name: Account(one, SECRET) for name, one in names.items()})) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def standin(server: Server) -> State:
    return server.state


@pytest.fixture
def secrets_are(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets the brand's secrets for one test."""

    def put(**changes: Any) -> None:
        fields = {"wecom": WECOM, "official_account": OFFICIAL_ACCOUNT, **changes}
        kept = siyu.secrets.Secrets(b"", SECRET, {}, **fields)
        monkeypatch.setattr(siyu.secrets, "_cached", (time.monotonic(), kept))

    return put


@pytest.fixture
def tencent_at(monkeypatch: pytest.MonkeyPatch) -> Move:
    """Moves WeChat and WeCom to another origin for one test."""

    def move(origin: str) -> None:
        monkeypatch.setenv("WECHAT_API_URL", origin)
        monkeypatch.setenv("WECOM_API_URL", origin)
        settings.cache_clear()
        tokens._cached.clear()

    return move


@pytest.fixture(autouse=True)
def brand(
    monkeypatch: pytest.MonkeyPatch,
    server: Server,
    secrets_are: Callable[..., None],
    tencent_at: Move,
) -> Iterator[None]:
    """The stand-in of the other tests, empty, as this brand's WeChat and WeCom."""
    for name in Settings.__dataclass_fields__:
        monkeypatch.setenv(name.upper(), "unused")
    monkeypatch.setenv("WECHAT_APP_ID", APP_ID)
    secrets_are()
    tencent_at(server.origin)
    server.state.forget()
    yield
    monkeypatch.undo()
    settings.cache_clear()
    tokens._cached.clear()


@pytest.fixture
def output(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """All that a Lambda would show in its log, with every logger open as wide as it goes."""
    caplog.set_level(logging.DEBUG)
    handler, lines = logger.registered_handler, io.StringIO()
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(lines)
    yield lambda: lines.getvalue() + caplog.text
    if before is not None:
        handler.setStream(before)
