"""A token holds only if we signed exactly it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.domain import base32
from siyu.domain.codes import (
    TOKEN_CHARS,
    Code,
    CodeKind,
    member_code,
    mint,
    read,
    receipt_code,
    store_code,
    verify,
)
from siyu.domain.keys import blind_index, derive, store_code_key

KEY = store_code_key(b"m" * 64, "brand", "A1B", 1)
codes = st.builds(receipt_code, st.just("A1B"), st.integers(0, 2**50 - 1), st.integers(0, 7))


def holds(token: str) -> bool:
    code = read(token)
    return code is not None and verify(token, code, KEY)


@given(codes)
def test_what_we_sign_holds_and_says_what_it_is(code: Code) -> None:
    token = mint(code, KEY)
    assert len(token) == TOKEN_CHARS
    assert read(token) == code
    assert holds(token)


@settings(max_examples=2_000)
@given(codes, st.integers(0, TOKEN_CHARS - 1), st.sampled_from(base32.ALPHABET))
def test_a_changed_character_never_holds(code: Code, place: int, char: str) -> None:
    token = mint(code, KEY)
    changed = token[:place] + char + token[place + 1 :]
    assert holds(changed) == (changed == token)


@settings(max_examples=1_000)
@given(st.text(max_size=40))
def test_no_text_at_all_breaks_the_reader(text: str) -> None:
    assert not holds(text)


def test_the_reader_forgives_what_people_misread() -> None:
    token = mint(receipt_code("A10", 1), KEY)
    code = read(token.lower().replace("0", "o").replace("1", "l"))
    assert code == receipt_code("A10", 1)
    assert verify(token.lower().replace("0", "o").replace("1", "i"), code, KEY)


def test_a_key_of_another_store_or_version_opens_nothing() -> None:
    token = mint(receipt_code("A1B", 7), KEY)
    code = read(token)
    assert code is not None
    for other in (("A1C", 1), ("A1B", 2)):
        assert not verify(token, code, store_code_key(b"m" * 64, "brand", *other))


def test_the_kinds_do_not_pass_for_each_other() -> None:
    receipt, store = receipt_code("A1B", 3), store_code("A1B", 3)
    assert mint(receipt, KEY)[-16:] != mint(store, KEY)[-16:]
    assert read(mint(member_code("0" * 13), KEY)).kind is CodeKind.MEMBER  # type: ignore[union-attr]


def test_a_number_beyond_fifty_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        receipt_code("A1B", 2**50)


def test_derived_keys_differ_by_purpose() -> None:
    assert derive(b"k", "a") != derive(b"k", "b")
    assert derive(b"k", "a", 80)[:32] == derive(b"k", "a")
    assert blind_index(b"k", "x", "openid", "1") != blind_index(b"k", "x", "phone", "1")
