"""What no event gets through to: refusals of the layers below, which would be faults of ours."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime

import pytest

from siyu.domain.calendar import business_date, to_utc
from siyu.domain.codes import Code, CodeKind, mint, receipt_code
from siyu.domain.money import share_floor
from siyu.domain.orders import Order
from siyu.domain.programmes import PROGRAMME
from siyu.domain.referrals import Binding
from siyu.domain.succession import open_credit
from siyu.errors import ContentionError, UnprocessableEventError
from siyu.settings import Settings
from siyu.storage import keys, labels
from siyu.storage.items import OrderItem, SegmentItem
from siyu.storage.labels import Relabelling
from siyu.storage.reading import read
from siyu.storage.transaction import StaleReadError, Transaction, retrying
from tests.faults import line
from tests.functions.calls import ANN, BOB, join
from tests.services.shop import KEY, paid, receipt
from tests.support import NOW, dump, kinds


def test_an_instant_without_a_time_zone_is_none() -> None:
    for convert in (business_date, to_utc):
        with pytest.raises(ValueError, match="time zone"):
            convert(datetime(2026, 11, 22))  # noqa: DTZ001 - what is refused


def test_the_business_day_begins_at_midnight_in_shanghai() -> None:
    assert business_date(datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 21)
    assert business_date(datetime(2026, 11, 21, 16, tzinfo=UTC)) == date(2026, 11, 22)


def test_a_token_of_another_length_is_never_signed() -> None:
    too_long = Code(CodeKind.RECEIPT, 1, "TOO-LONG-BY-FAR")
    for code in (too_long, receipt_code("A1B", NOW.date(), 1, key_version=8)):
        with pytest.raises(ValueError, match="13 characters"):
            mint(code, KEY)


def test_a_share_of_less_than_nothing_is_none() -> None:
    for amount, rate in ((-1, 500), (1, -500)):
        with pytest.raises(ValueError, match="non-negative"):
            share_floor(amount, rate)


def test_only_a_paid_order_opens_a_credit() -> None:
    with pytest.raises(ValueError, match="paid"):
        open_credit("shop#1", Order("shop", "1"), Binding(BOB, ANN, NOW), PROGRAMME, NOW.date())


def test_settings_name_what_is_missing_and_what_is_empty() -> None:
    environment = {**os.environ, "BRAND": ""}
    del environment["TABLE_NAME"]
    with pytest.raises(RuntimeError, match=r"missing: TABLE_NAME, BRAND$"):
        Settings.from_environment(environment)


def test_another_kind_of_item_under_a_key_is_never_taken_for_the_wanted_one() -> None:
    paid("1", 5_000)
    key = keys.order("shop#1")
    with pytest.raises(TypeError, match="OrderItem"):
        read([key]).get(SegmentItem, key)
    assert read([key]).get(OrderItem, key) is not None


def test_a_world_that_never_stands_still_is_given_up() -> None:
    tries = []

    def attempt() -> None:
        tries.append(1)
        raise StaleReadError(frozenset({"order"}))

    with pytest.raises(ContentionError):
        retrying(attempt)
    assert len(tries) > 1


def test_a_write_the_table_refuses_outright_is_not_tried_again() -> None:
    write = Transaction()
    write.put("too large", SegmentItem("SEG#x", "x", body={"x": "y" * 410_000}))
    with line() as quiet, pytest.raises(UnprocessableEventError, match="too_large"):
        write.commit()
    assert quiet.calls == ["TransactWriteItems"]
    assert kinds() == {}


def test_a_label_the_table_refuses_stops_the_night() -> None:
    join(ANN, receipt(1), "openid-ann")
    before = dump()
    with pytest.raises(RuntimeError, match="writing labels failed"):
        labels.write([Relabelling(ANN, 1, "-", "x" * 410_000)])
    assert dump() == before
