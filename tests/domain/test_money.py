"""Amounts become minor units exactly, or not at all; shares never round up."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.money import BASIS_POINTS, THOUSANDTHS, WHOLE, share_floor, to_minor

PLACES = {"CNY": 2, "EUR": 2, "JPY": 0, "KWD": 3}
currencies = st.sampled_from(sorted(PLACES))


@given(currencies, st.integers(0, 10**12 - 1), st.data())
def test_what_a_currency_can_pay_is_read_to_the_last_unit(
    currency: str, whole: int, data: st.DataObject
) -> None:
    places = PLACES[currency]
    minor = data.draw(st.integers(0, 10**places - 1))
    text = f"{whole}.{minor:0{places}d}" if places else str(whole)
    expected = Fraction(text) * 10**places
    assert to_minor(text, currency) == expected
    assert to_minor(Decimal(text), currency) == expected
    assert type(to_minor(text, currency)) is int


@given(currencies, st.integers(0, 10**12 - 1))
def test_whole_units_may_come_as_a_number(currency: str, whole: int) -> None:
    assert to_minor(whole, currency) == whole * 10 ** PLACES[currency]


@given(currencies, st.decimals(0, 10**6, allow_nan=False, places=6).map(abs))
def test_an_amount_is_exact_or_refused(currency: str, amount: Decimal) -> None:
    exact = Fraction(amount) * 10 ** PLACES[currency]
    if exact.denominator == 1:
        assert to_minor(str(amount), currency) == exact
    else:
        with pytest.raises(ValueError, match="finer than the minor unit"):
            to_minor(str(amount), currency)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("19.99", "CNY", 1_999),
        ("0.29", "CNY", 29),
        ("1.005", "KWD", 1_005),
        ("100", "JPY", 100),
        ("100.0", "JPY", 100),
        ("1.990000", "CNY", 199),
        ("007.50", "CNY", 750),
        ("0", "CNY", 0),
        (Decimal("4.35"), "CNY", 435),
        (0, "KWD", 0),
    ],
)
def test_amounts_that_binary_fractions_get_wrong(amount: Any, currency: str, minor: int) -> None:
    assert to_minor(amount, currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("0.001", "CNY"), ("1.999", "CNY"), ("0.1", "JPY"), ("0.0001", "KWD"), ("1.000001", "CNY")],
)
def test_finer_than_the_minor_unit_is_refused_and_not_rounded(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match="finer than the minor unit"):
        to_minor(amount, currency)


NO_AMOUNTS: list[Any] = [
    19.99,
    1.0,
    float("nan"),
    float("inf"),
    True,
    False,
    None,
    [1],
    -1,
    Decimal(-1),
    Decimal("NaN"),
    Decimal("Infinity"),
    Decimal("1E+3"),
    Decimal("1E-7"),
    "",
    " 1",
    "1 ",
    "1\n",
    "+1",
    "-1",
    "1e3",
    "1E3",
    "1,000",
    "1_000",
    "1.",
    ".5",
    "1.2.3",
    "0x10",
    "NaN",
    "Infinity",
    "１９.９９",
    "٣",
    "¥1",
    "1.0000000",
    "1" * 13,
]


@pytest.mark.parametrize("amount", NO_AMOUNTS, ids=repr)
@pytest.mark.parametrize("currency", PLACES)
def test_what_is_no_plain_amount_is_refused(amount: Any, currency: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        to_minor(amount, currency)


def test_no_currency_has_two_scales() -> None:
    assert not WHOLE & THOUSANDTHS
    assert {len(currency) for currency in WHOLE | THOUSANDTHS} == {3}


@given(st.integers(0, 10**9), st.integers(0, BASIS_POINTS))
def test_a_share_is_the_exact_share_rounded_down(amount: int, rate_bp: int) -> None:
    exact = Fraction(amount * rate_bp, BASIS_POINTS)
    assert 0 <= exact - share_floor(amount, rate_bp) < 1
    assert share_floor(amount, rate_bp) <= amount


@pytest.mark.parametrize(("amount", "rate_bp"), [(-1, 500), (100, -1)])
def test_there_is_no_share_of_less_than_nothing(amount: int, rate_bp: int) -> None:
    with pytest.raises(ValueError, match="non-negative"):
        share_floor(amount, rate_bp)
