"""The stand-in refuses what WeChat Pay refuses: else our mistakes would show in production only."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import urllib3

from infra.local.standins.pay import Server
from siyu.channels import wechat_pay_bill
from siyu.channels.wechat_pay_bill import merchant
from tests.channels.wechat_pay_account import pem
from tests.channels.wechat_pay_api import serving, source

TARGET = "/v3/bill/tradebill?bill_date=2026-11-22"
FIELDS = ("mchid", "serial", "key")
UNSIGNED = 'WECHATPAY2-SHA256-RSA2048 mchid="1900000001"'


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


def authorization(server: Server, target: str = TARGET, **changes: str) -> str:
    who = merchant(source(server))
    mchid, serial, key = (changes.get(name, getattr(who, name)) for name in FIELDS)
    return wechat_pay_bill._authorization(replace(who, mchid=mchid, serial=serial, key=key), target)


def ask(server: Server, header: str, target: str = TARGET) -> tuple[int, str]:
    answer = urllib3.request("GET", server.origin + target, headers={"Authorization": header})
    return answer.status, json.loads(answer.data).get("code", "")


def test_a_request_is_good_once(server: Server) -> None:
    header = authorization(server)
    assert ask(server, header) == (200, "")
    assert ask(server, header) == (401, "SIGN_ERROR")


def test_a_request_is_good_for_what_was_signed(server: Server) -> None:
    assert ask(server, authorization(server, f"{TARGET}&x=1")) == (401, "SIGN_ERROR")


@pytest.mark.parametrize(
    "changes", [{"mchid": "1"}, {"serial": "1"}, {"key": pem("platform_key")}], ids=str
)
def test_a_request_of_somebody_else_is_refused(server: Server, changes: dict[str, str]) -> None:
    assert ask(server, authorization(server, **changes)) == (401, "SIGN_ERROR")


@pytest.mark.parametrize("seconds", [-600, 600])
def test_a_request_of_another_time_is_refused(
    server: Server, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: now + seconds)
        header = authorization(server)
    assert ask(server, header) == (401, "SIGN_ERROR")


@pytest.mark.parametrize("header", ["", "Bearer x", UNSIGNED])
def test_a_request_that_is_not_signed_is_refused(server: Server, header: str) -> None:
    assert ask(server, header) == (401, "SIGN_ERROR")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/v3/bill/tradebill?bill_date=20261122x", (400, "PARAM_ERROR")),
        (f"{TARGET}&bill_type=REFUND", (400, "PARAM_ERROR")),
        ("/v3/bill/tradebill?bill_date=2026-11-21", (400, "NO_STATEMENT_EXIST")),
        ("/v3/billdownload/file?token=x", (400, "PARAM_ERROR")),
        ("/v3/refund/domestic/refunds/x", (404, "RESOURCE_NOT_EXISTS")),
        ("/v3/elsewhere", (404, "RESOURCE_NOT_EXISTS")),
    ],
)
def test_what_does_not_exist_has_a_code(
    server: Server, target: str, expected: tuple[int, str]
) -> None:
    assert ask(server, authorization(server, target), target) == expected
