"""Cells: amounts without floats, times of spreadsheets and of other zones."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.demo.figures import LOCAL_TIME
from infra.demo.rows import BadRowError, moment_of
from infra.segment import cells
from infra.segment.cells import Buyers, Moments, Remembered, instant_of, minor_of
from infra.segment.money import Money

FIRST = datetime(2001, 1, 2, tzinfo=LOCAL_TIME)
zones = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.integers(0, 87 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))


@given(st.integers(1, 10**9), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_an_amount_reads_back_as_it_was_written(minor: int, currency: str) -> None:
    money = Money(currency)
    assert minor_of(money.plain(minor), "amount", currency) == minor
    assert minor_of(str(minor), "amount_minor", currency) == minor
    assert Decimal(money.plain(-minor)) == -Decimal(minor).scaleb(-money.places)
    assert money.grouped(-minor).replace(",", "") == money.plain(-minor)


@pytest.mark.parametrize(
    "text", ["", "0", "0.00", "-1", "1e3", "1,000.00", "¥5", "٣", "12.505", "10000000.01", "nan"]
)
def test_an_amount_that_says_something_else_is_refused(text: str) -> None:
    with pytest.raises(BadRowError, match="amount"):
        minor_of(text, "amount", "CNY")


@pytest.mark.parametrize("text", ["", "0", "-1", "1.0", "٣", "²", "1000000001", "9" * 5000])
def test_minor_units_are_a_whole_number(text: str) -> None:
    with pytest.raises(BadRowError, match="amount_minor"):
        minor_of(text, "amount_minor", "CNY")


def test_a_currency_without_minor_units_has_no_decimals() -> None:
    assert minor_of("1200", "amount", "JPY") == 1200
    assert Money("JPY").grouped(-1200) == "-1,200"
    assert Money("CNY").whole(-50) == "-1"
    assert Money("CNY").whole(-49) == "0"


@given(times, zones, st.sampled_from(["T", " "]))
def test_a_time_with_a_zone_is_the_instant_it_names(
    moment: datetime, zone: timezone, mark: str
) -> None:
    text = moment.replace(tzinfo=zone).isoformat(mark, "seconds")
    assert Moments()([text]) == [instant_of(moment_of(text))]


@given(st.lists(times, min_size=1, max_size=9))
def test_times_that_were_seen_before_are_the_same_again(moments: list[datetime]) -> None:
    texts = [f"{moment:%Y-%m-%d %H:%M}" for moment in moments] * 2
    assert Moments()(texts) == [instant_of(moment_of(text)) for text in texts]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026/3/1 9:05", "2026-03-01 09:05"),
        ("2026/3/1 9:05:07", "2026-03-01 09:05:07"),
        ("2026-3-1", "2026-03-01 00:00"),
        ("2026-03-01T09:05:07.25Z", "2026-03-01 17:05:07.25"),
    ],
)
def test_spreadsheets_write_times_in_their_own_way(text: str, same: str) -> None:
    assert Moments()([text]) == Moments()([same])


@pytest.mark.parametrize(
    "text", ["", "1/3/2026", "2026-02-30", "2026-03-01T09:00 09:00", "2026-03-01 25:00", "1999-1-1"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadRowError):
        Moments()([text])


def test_two_clocks_in_one_time_are_refused_in_any_company() -> None:
    with pytest.raises(BadRowError):
        Moments()(["2026-03-01 09:00", "2026-03-01T09:00 09:00"])


def test_buyers_are_numbered_and_nobody_is_minus_one() -> None:
    buyers = Buyers()
    assert [buyers[name] for name in ("", "ann", "bob", "ann")] == [-1, 0, 1, 0]
    for name in ("~x", "a\tb", "x" * 65):
        with pytest.raises(BadRowError):
            buyers[name]


def test_what_is_remembered_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MOST_REMEMBERED", 2)
    known = Remembered(len)
    assert [known["x" * n] for n in range(5)] == list(range(5))
    assert len(known) == 2
