"""The trade bill of WeChat Pay: what notifications say, asked for over HTTP."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from infra.local.standins import pay_bill
from infra.local.standins.pay import Platform, Server
from siyu.channels import wechat_pay_bill
from siyu.channels.adapters import wechat_pay
from siyu.channels.contract import Delivery, Event
from siyu.errors import UnavailableError
from siyu.secrets import Source
from tests.channels import wechat_pay as notices
from tests.channels.wechat_pay_account import FIELDS, KEY_ID, SOURCE, private_key
from tests.channels.wechat_pay_api import PAYMENT, REFUND, serving, source
from tests.support import NOW

DAY = date(2026, 11, 22)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


def listed(server: Server, *days: date, **fields: Any) -> list[Event]:
    return list(wechat_pay.listed(source(server, **fields), days or [DAY]))


def told(body: str) -> Event:
    """What a notification says."""
    delivery = Delivery(SOURCE, "d", "", NOW, body)
    (event,) = wechat_pay.read(delivery, Source(SOURCE, "wechat_pay", FIELDS))
    return event


def test_a_bill_says_what_the_notifications_say(server: Server) -> None:
    """But for the time of a refund: a bill has the one at which it was asked for."""
    payment, refund = listed(server)
    assert payment == told(notices.paid())
    said = told(notices.refunded())
    assert refund == {
        "type": said["type"],
        "data": {**said["data"], "occurred_at": "2026-11-22T11:58:30+08:00"},
    }


def test_a_shop_that_knows_its_own_number_only_is_linked_by_that(server: Server) -> None:
    assert listed(server, link="out_trade_no")[0]["data"]["payment_id"] == notices.ORDER_ID


def test_a_refund_that_was_unfinished_is_asked_about(server: Server) -> None:
    """The bill never says that it was done; the answer has its time as the notification has it."""
    state = server.state
    state.transactions = [replace(REFUND, billed="PROCESSING", out_refund_no="a/b?c")]
    said = told(notices.refunded(out_refund_no="a/b?c"))
    assert listed(server) == [said]
    state.transactions = [replace(REFUND, billed="PROCESSING", status="ABNORMAL")]
    assert listed(server) == []


def test_a_refund_that_says_too_little_goes_on_to_be_reported(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.state.transactions = [replace(REFUND, billed="PROCESSING")]
    monkeypatch.setattr(pay_bill.Refund, "stands", lambda _: {"status": "SUCCESS"})
    assert [event["type"] for event in listed(server)] == ["wechat_pay.REFUND"]


def test_a_refund_that_failed_gave_nothing_back(server: Server) -> None:
    server.state.transactions = [replace(REFUND, billed="CHANGE")]
    assert listed(server) == []


def test_a_revoked_payment_is_a_cancelled_order(server: Server) -> None:
    server.state.transactions = [replace(PAYMENT, state="REVOKED")]
    (event,) = listed(server)
    assert event["type"] == "order.cancelled"
    assert event["data"]["order_id"] == notices.ORDER_ID


def test_what_a_bill_says_and_we_do_not_know_goes_on_to_be_reported(server: Server) -> None:
    server.state.transactions = [replace(PAYMENT, state="HALFPAID"), REFUND]
    assert [event["type"] for event in listed(server)] == ["wechat_pay.HALFPAID", "order.refunded"]


def test_a_payment_by_nobody_known_has_no_buyer(server: Server) -> None:
    server.state.transactions = [replace(PAYMENT, openid="")]
    (event,) = listed(server)
    assert "buyer" not in event["data"]


def test_days_are_those_of_china_and_are_asked_for_one_by_one(server: Server) -> None:
    late = datetime.fromisoformat("2026-11-22T16:00:00+00:00")
    server.state.transactions.append(replace(PAYMENT, at=late, out_trade_no="next"))
    next_day = date(2026, 11, 23)
    assert [one["data"]["order_id"] for one in listed(server, next_day)] == ["next"]
    assert len(listed(server, DAY, next_day, date(2026, 11, 24))) == 3


def test_a_day_without_a_bill_is_an_empty_one(server: Server) -> None:
    server.state.creating = {DAY}
    assert listed(server, DAY, date(2026, 11, 21)) == []
    assert server.state.asked == ["/v3/bill/tradebill"] * 2


def test_an_answer_signed_wrong_on_purpose_is_asked_for_again(server: Server) -> None:
    server.state.probes = 1
    assert len(listed(server)) == 2
    server.state.probes = 2
    with pytest.raises(UnavailableError, match="not authentic: a probe"):
        listed(server)


def test_an_answer_of_somebody_else_is_not_believed(server: Server) -> None:
    server.state.platform = Platform(KEY_ID, private_key("merchant_key"))
    with pytest.raises(UnavailableError, match="not authentic"):
        listed(server)
    assert server.state.asked == ["/v3/bill/tradebill"]


def test_a_file_that_is_not_the_one_promised_is_not_read(server: Server) -> None:
    server.state.damage = lambda file: file.replace(b"128.00", b"928.00")
    with pytest.raises(UnavailableError, match="not the one it promised"):
        listed(server)


@pytest.mark.parametrize("field", ["mchid", "merchant_serial", "merchant_key"])
def test_a_source_that_cannot_ask_keeps_no_list(server: Server, field: str) -> None:
    with pytest.raises(LookupError, match=field):
        listed(server, **{field: ""})
    assert server.state.asked == []


POINT = ec.generate_private_key(ec.SECP256R1())
NO_RSA = POINT.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
BROKEN = {
    "merchant_key": ("hush", NO_RSA),
    "platform_keys": ({KEY_ID: "hush"},),
}


@pytest.mark.parametrize(
    ("field", "value"), [(name, value) for name, values in BROKEN.items() for value in values]
)
def test_a_broken_key_is_named_and_not_shown(server: Server, field: str, value: Any) -> None:
    """One source's mistake must not end the run that asks the others too."""
    with pytest.raises(UnavailableError, match=field) as caught:
        listed(server, **{field: value})
    assert str(value) not in str(caught.value)


def test_an_amount_that_is_none_goes_on_to_be_reported(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pay_bill, "yuan", lambda _: "12.345")
    payment, refund = listed(server)
    assert (payment["data"]["paid_minor"], refund["data"]["refunded_minor"]) == ("12.345",) * 2


def test_a_refused_request_names_the_code_and_no_secret(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(UnavailableError) as caught:
        listed(server, merchant_serial="0" * 40)
    assert str(caught.value) == "WeChat Pay answered SIGN_ERROR"
    listed(server)
    written = caplog.text + repr(wechat_pay_bill.merchant(source(server)))
    assert "PRIVATE" not in written
    assert not re.search(r"signature=|openid-ann", written)


def test_nobody_at_the_other_end_is_a_partner_that_is_down(server: Server) -> None:
    with pytest.raises(UnavailableError) as caught:
        listed(server, api_url="http://127.0.0.1:9")
    assert str(caught.value) == "WeChat Pay did not answer"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_the_file_is_fetched_from_the_configured_host_alone(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Server, "origin", "http://192.0.2.1")
    here = f"http://127.0.0.1:{server.server_port}"
    assert len(listed(server, api_url=here)) == 2
