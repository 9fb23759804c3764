"""What is sealed opens for its owner only, and never shows what is inside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.services.sealing import seal, seal_bytes, unseal, unseal_bytes

NUMBER = "+8613800138000"


@given(st.text(max_size=64), st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=13, max_size=13))
def test_what_was_sealed_comes_back(text: str, member_id: str) -> None:
    assert unseal(seal(text, member_id), member_id) == text


@given(st.binary(max_size=64))
def test_bytes_come_back_as_they_were(content: bytes) -> None:
    assert unseal_bytes(seal_bytes(content, "owner"), "owner") == content


def test_the_same_number_never_looks_the_same_twice() -> None:
    first, second = seal(NUMBER, "A"), seal(NUMBER, "A")
    assert first != second
    assert NUMBER.encode() not in first
    # Neither nonces nor the wrapped key repeat: no run of eight bytes does.
    parts = {first[start : start + 8] for start in range(1, len(first) - 8)}
    assert not any(second[start : start + 8] in parts for start in range(1, len(second) - 8))


def test_a_number_copied_to_another_member_does_not_open() -> None:
    with pytest.raises(ValueError, match="not sealed for this owner"):
        unseal(seal(NUMBER, "A"), "B")


def test_every_changed_byte_and_every_cut_is_noticed() -> None:
    sealed = seal(NUMBER, "A")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(ValueError, match="sealed"):
            unseal(bytes(changed), "A")
        with pytest.raises(ValueError, match="sealed"):
            unseal(sealed[:place], "A")
