"""Bills and answers of WeChat Pay that are not what they should be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from infra.local.standins import pay, pay_bill
from infra.local.standins.pay import Server
from siyu.channels import wechat_pay_bill
from siyu.channels.adapters import wechat_pay
from siyu.channels.contract import Event
from siyu.errors import UnavailableError
from tests.channels.wechat_pay_api import PAYMENT, serving, source


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


def listed(server: Server) -> list[Event]:
    return list(wechat_pay.listed(source(server), [date(2026, 11, 22)]))


FORMS = {
    "no totals": r"总交易单数(?s:.*)",
    "no marks": "`",
    "no mark in front": r"(?m)^`",
    "a column less": "`JSAPI,",
    "no amount": "订单金额",
    "nothing": r"(?s:.*)",
}


@pytest.mark.parametrize("missing", FORMS.values(), ids=FORMS.keys())
def test_a_bill_of_another_form_fails_loudly(
    server: Server, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(*given: Any) -> bytes:
        return re.sub(missing, "", pay_bill.bill(*given).decode("utf-8-sig")).encode()

    monkeypatch.setattr(pay, "bill", other)
    with pytest.raises(UnavailableError, match=r"another form|other headings"):
        listed(server)


def test_the_oldest_form_of_a_bill_is_read_too(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def old(*given: Any) -> bytes:
        heads, *rows = pay_bill.bill(*given).decode("utf-8-sig").split("\r\n")
        heads = heads.replace(",订单金额,申请退款金额,", ",a,b,").replace("应结订单金额", "总金额")
        return "\n".join([heads, *rows]).encode()

    monkeypatch.setattr(pay, "bill", old)
    server.state.transactions = [replace(PAYMENT, coupon=0)]
    assert listed(server)[0]["data"]["paid_minor"] == 12_800


NO_FILE = {"download_url": "http://x/v3/billdownload/file?token=x", "hash_type": "SHA1"}
ANSWERS = {
    "no JSON": ((502, b"<html>"), "cannot be read"),
    "no object": ((200, ["x"]), "cannot be read"),
    "not signed": ((200, b"{}"), "not authentic: headers missing"),
    "a code of no kind": ((500, {"code": "openid-ann"}), "answered 500"),
    "too many": ((429, {"code": "FREQUENCY_LIMITED"}), "answered FREQUENCY_LIMITED"),
    "no address": ((200, {}), "gave no bill"),
    "another host": ((200, {**NO_FILE, "download_url": "http://x@y"}), "gave no bill"),
    "another hash": ((200, {**NO_FILE, "hash_type": "MD5"}), "gave no bill"),
    "no file": ((200, NO_FILE), "gave no bill"),
}


@pytest.mark.parametrize(("answer", "error"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_that_is_no_bill_is_a_partner_that_is_down(
    server: Server, answer: Any, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pay, "trade_bill", lambda *_: answer)
    with pytest.raises(UnavailableError, match=error):
        listed(server)


def test_a_file_that_breaks_off_is_not_read(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = pay.Handler._send

    def cut(handler: pay.Handler, answer: Any) -> None:
        if isinstance(answer[1], bytes):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nx")
            handler.close_connection = True
        else:
            written(handler, answer)

    monkeypatch.setattr(pay.Handler, "_send", cut)
    with pytest.raises(UnavailableError, match="broke off"):
        listed(server)


def test_a_bill_may_be_larger_than_what_is_kept_in_memory(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wechat_pay_bill, "MEMORY_BYTES", 1_000)
    server.state.transactions = [replace(PAYMENT, out_trade_no=f"n{n}") for n in range(1_000)]
    assert [one["data"]["order_id"] for one in listed(server)] == [f"n{n}" for n in range(1_000)]
