"""Phone numbers: from WeChat only, and always written the same way."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.errors import PhoneRefusedError, UnavailableError
from siyu.wechat.phone import e164, phone_of
from tests.wechat.conftest import APP_ID, Move
from tests.wechat.partner import partner

GOOD = {"access_token": "one", "expires_in": 7200}
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def info(**changes: Any) -> dict[str, Any]:
    fields = {"purePhoneNumber": "13800138000", "countryCode": "86", "watermark": {"appid": APP_ID}}
    return {"errcode": 0, "phone_info": {**fields, **changes}}


def test_a_code_gives_the_verified_number_once() -> None:
    assert phone_of("phone.13800138000.1") == "+8613800138000"
    with pytest.raises(PhoneRefusedError):
        phone_of("phone.13800138000.1")
    assert phone_of("phone.13800138000.2") == "+8613800138000"


@pytest.mark.parametrize("code", ["errcode.40029", "unknown", "", "phone.12800138000.1"])
def test_a_refused_code_or_number_is_refused(code: str) -> None:
    with pytest.raises(PhoneRefusedError):
        phone_of(code)


@pytest.mark.parametrize("code", ["errcode.-1", "errcode.45011"])
def test_a_busy_wechat_means_try_again(code: str) -> None:
    with pytest.raises(UnavailableError):
        phone_of(code)


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"countryCode": 86}, "+8613800138000"),
        ({"countryCode": "852", "purePhoneNumber": "9123 4567"}, "+85291234567"),
    ],
)
def test_both_published_forms_of_the_country_code_are_read(
    changes: dict[str, Any], number: str, tencent_at: Move
) -> None:
    with partner(GOOD, info(**changes)) as said:
        tencent_at(said.origin)
        assert phone_of("code") == number


@pytest.mark.parametrize(
    "reply",
    [
        info(watermark={"appid": "wxother"}),
        info(watermark=None),
        info(purePhoneNumber=None),
        {"errcode": 0, "phone_info": []},
        {"errcode": 0},
    ],
)
def test_a_number_that_was_not_given_to_us_is_refused(
    reply: dict[str, Any], tencent_at: Move
) -> None:
    with partner(GOOD, reply) as said:
        tencent_at(said.origin)
        with pytest.raises(PhoneRefusedError):
            phone_of("code")


@pytest.mark.parametrize(
    ("country_code", "number", "expected"),
    [
        ("86", "13800138000", "+8613800138000"),
        ("+86", " 138-0013 8000 ", "+8613800138000"),
        ("８６", "１３８００１３８０００", "+8613800138000"),
        ("1", "(415) 555-2671", "+14155552671"),
        ("49", "15112345678", "+4915112345678"),
        ("290", "123", "+290123"),
    ],
)
def test_a_number_is_written_in_one_way(country_code: str, number: str, expected: str) -> None:
    assert e164(country_code, number) == expected


@pytest.mark.parametrize(
    ("country_code", "number"),
    [
        ("86", "12800138000"),
        ("86", "1380013800"),
        ("86", "138001380000"),
        ("86", "+8613800138000"),
        ("86", "١٣٨٠٠١٣٨٠٠٠"),
        ("86", "1380013800a"),
        ("", "13800138000"),
        ("0", "13800138000"),
        ("1234", "5551234"),
        ("1", "2345"),
        ("44", "1234567890123"),
    ],
)
def test_what_is_no_number_is_refused(country_code: str, number: str) -> None:
    with pytest.raises(PhoneRefusedError):
        e164(country_code, number)


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.lists(st.sampled_from([" ", "-", "(", ")", "\u3000", "\t"]), min_size=12, max_size=12),
    st.booleans(),
)
def test_separators_and_full_width_digits_do_not_make_another_number(
    number: str, separators: list[str], full_width: bool
) -> None:
    shown = "".join(a + b for a, b in zip(separators, number, strict=False))
    assert e164("86", shown.translate(FULL_WIDTH) if full_width else shown) == f"+86{number}"


@given(st.text(max_size=5), st.text(max_size=20))
def test_a_number_is_plain_ascii_or_refused(country_code: str, number: str) -> None:
    try:
        written = e164(country_code, number)
    except PhoneRefusedError:
        return
    assert re.fullmatch(r"\+[1-9][0-9]{5,13}", written)
