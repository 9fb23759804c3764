"""A token holds only if we signed exactly it, and only as long as it is good."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.domain import base32
from siyu.domain.codes import (
    EPOCH,
    KEY_VERSIONS,
    PAYLOAD_CHARS,
    TOKEN_CHARS,
    Code,
    CodeKind,
    issued_code,
    member_code,
    mint,
    read,
    receipt_code,
    verify,
)
from siyu.domain.keys import (
    blind_index,
    derive,
    issued_code_key,
    referral_code_key,
    store_code_key,
)

MASTER, BRAND = b"m" * 64, "brand"
TODAY = date(2026, 11, 22)
LAST_DAY = EPOCH + timedelta(days=2**15 - 1)
MISREAD = str.maketrans({"0": "o", "1": "l"})

stores = st.text(base32.ALPHABET, min_size=3, max_size=3)
days = st.dates(EPOCH + timedelta(days=1), LAST_DAY)
serials = st.integers(0, 2**35 - 1)
versions = st.sampled_from(KEY_VERSIONS)
member_ids = st.text(base32.ALPHABET, min_size=PAYLOAD_CHARS, max_size=PAYLOAD_CHARS)
receipts = st.builds(receipt_code, stores, days, serials, versions)
issued = st.builds(issued_code, stores, st.none() | days, serials, versions)
codes = st.one_of(receipts, issued, st.builds(member_code, member_ids, versions))


def key_of(code: Code) -> bytes:
    """The key under which the server looks at a token that claims to be `code`."""
    if code.kind is CodeKind.MEMBER:
        return referral_code_key(MASTER, BRAND, code.key_version)
    derived = store_code_key if code.kind is CodeKind.RECEIPT else issued_code_key
    return derived(MASTER, BRAND, code.store, code.key_version)


def signed(code: Code) -> str:
    return mint(code, key_of(code))


def accepted(token: str) -> Code | None:
    """What the server takes `token` for; None when it refuses it."""
    code = read(token)
    return code if code is not None and verify(token, code, key_of(code)) else None


@given(codes)
def test_what_we_sign_holds_and_says_what_it_is(code: Code) -> None:
    token = signed(code)
    assert len(token) == TOKEN_CHARS
    assert accepted(token) == code


@given(stores, days, serials)
def test_a_token_says_its_store_its_day_and_one_name_within_the_brand(
    store: str, day: date, serial: int
) -> None:
    code = receipt_code(store, day, serial)
    assert (code.store, code.day) == (store, day)
    assert base32.decode(code.key[-7:]) == serial
    assert code.key == receipt_code(store, day, serial, key_version=2).key
    assert code.key != receipt_code(store, day, serial ^ 1).key


@st.composite
def forged(draw: st.DrawFn) -> tuple[str, str]:
    """A signed token and what somebody without the key made of it."""
    code = draw(codes)
    token = signed(code)
    place = st.integers(0, TOKEN_CHARS - 1)
    letters = list(token)
    match draw(st.sampled_from(["change", "swap", "cut", "grow", "claim", "graft", "guess"])):
        case "change":
            for index in draw(st.sets(place, min_size=1, max_size=5)):
                letters[index] = draw(st.sampled_from(base32.ALPHABET + "U-*é٣"))
        case "swap":
            one, other = draw(place), draw(place)
            letters[one], letters[other] = letters[other], letters[one]
        case "cut":
            del letters[draw(place) :]
        case "grow":
            letters.insert(draw(place), draw(st.sampled_from(base32.ALPHABET)))
        case "claim":
            letters[:4] = draw(st.sampled_from(base32.ALPHABET)) + draw(stores)
        case "graft":
            letters[-16:] = signed(draw(codes))[-16:]
        case _:
            letters[-16:] = base32.encode(draw(st.integers(0, 2**80 - 1)), 16)
    return token, "".join(letters)


@pytest.mark.slow
# Building a token draws much; that is the point here, not a mistake of the test.
@settings(
    max_examples=10_000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(forged())
def test_ten_thousand_forgeries_find_no_token_that_holds(pair: tuple[str, str]) -> None:
    token, forgery = pair
    assert accepted(forgery) is None or forgery == token


def test_every_change_of_one_character_is_refused() -> None:
    token = signed(receipt_code("A1B", TODAY, 123))
    others = [
        token[:place] + char + token[place + 1 :]
        for place in range(TOKEN_CHARS)
        for char in base32.ALPHABET
        if char != token[place]
    ]
    assert len(others) == 30 * 31
    assert not [other for other in others if accepted(other)]


@settings(max_examples=1_000)
@given(st.text(max_size=40) | st.text(min_size=TOKEN_CHARS, max_size=TOKEN_CHARS))
def test_no_text_at_all_breaks_the_reader(text: str) -> None:
    assert accepted(text) is None


@given(codes)
def test_the_reader_forgives_what_people_misread(code: Code) -> None:
    token = signed(code)
    assert accepted(token.lower().translate(MISREAD)) == code
    assert accepted(token.replace("0", "O").replace("1", "I")) == code


def test_a_key_of_another_store_version_or_brand_opens_nothing() -> None:
    code = receipt_code("A1B", TODAY, 7)
    token = signed(code)
    assert verify(token, code, store_code_key(MASTER, BRAND, "A1B", 1))
    for brand, store, version in ((BRAND, "A1C", 1), (BRAND, "A1B", 2), ("other", "A1B", 1)):
        assert not verify(token, code, store_code_key(MASTER, brand, store, version))


def test_the_key_of_a_till_signs_neither_issued_nor_referral_codes() -> None:
    till = store_code_key(MASTER, BRAND, "A1B", 1)
    assert accepted(mint(receipt_code("A1B", TODAY, 3), till))
    assert accepted(mint(issued_code("A1B", None, 3), till)) is None
    assert accepted(mint(member_code("A1B" + "0" * 10), till)) is None


def test_the_kinds_do_not_pass_for_each_other_under_one_key() -> None:
    till = store_code_key(MASTER, BRAND, "A1B", 1)
    receipt, door = receipt_code("A1B", TODAY, 3), issued_code("A1B", TODAY, 3)
    assert receipt.payload == door.payload
    assert not verify(mint(receipt, till), door, till)


@pytest.mark.parametrize(
    ("age", "good"), [(-2, False), (-1, True), (0, True), (60, True), (61, False)]
)
def test_a_receipt_is_good_from_a_day_early_to_sixty_days_after(age: int, good: bool) -> None:
    code = receipt_code("A1B", TODAY - timedelta(days=age), 1)
    assert code.good_on(TODAY) is good


def test_a_receipt_without_a_day_is_never_good() -> None:
    assert not receipt_code("A1B", EPOCH, 1).good_on(EPOCH)


def test_an_issued_code_is_good_to_its_last_day_or_for_ever() -> None:
    code, endless = issued_code("A1B", TODAY, 1), issued_code("A1B", None, 1)
    assert code.good_on(TODAY)
    assert not code.good_on(TODAY + timedelta(days=1))
    assert endless.day is None
    assert endless.good_on(LAST_DAY)


def test_a_referral_code_has_no_day() -> None:
    assert member_code("Z" * PAYLOAD_CHARS).good_on(EPOCH)


@pytest.mark.parametrize(
    ("store", "day", "serial"),
    [
        ("A1B", TODAY, 2**35),
        ("A1B", TODAY, -1),
        ("A1B", EPOCH - timedelta(days=1), 1),
        ("A1B", LAST_DAY + timedelta(days=1), 1),
        ("A1", TODAY, 1),
        ("A1BC", TODAY, 1),
        ("A-B", TODAY, 1),
    ],
)
def test_what_does_not_fit_the_layout_is_not_signed(store: str, day: date, serial: int) -> None:
    with pytest.raises(ValueError, match=r"does not fit|3 characters|not base 32"):
        receipt_code(store, day, serial)


@pytest.mark.parametrize(("member_id", "version"), [("0" * 12, 1), ("0" * 13, 8), ("0" * 13, -1)])
def test_a_short_payload_or_an_unknown_version_is_not_signed(member_id: str, version: int) -> None:
    with pytest.raises(ValueError, match="13 characters"):
        mint(member_code(member_id, version), b"k" * 32)


def test_derived_keys_differ_by_purpose() -> None:
    assert derive(b"k", "a") != derive(b"k", "b")
    assert derive(b"k", "a", 80)[:32] == derive(b"k", "a")
    assert blind_index(b"k", "x", "openid", "1") != blind_index(b"k", "x", "phone", "1")
    same = (MASTER, BRAND, "A1B", 1)
    assert store_code_key(*same) != issued_code_key(*same)
