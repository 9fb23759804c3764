"""Packed figures come back as they went in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.figures import Figures

buckets = st.dictionaries(
    st.integers(700_000, 760_000),
    st.tuples(st.integers(-3, 400), st.integers(-(10**12), 10**12)),
    max_size=60,
)


@given(buckets)
def test_pack_and_unpack(drawn: dict[int, tuple[int, int]]) -> None:
    packed = Figures(drawn).pack()
    assert Figures.unpack(packed) == Figures(drawn)
    assert Figures.unpack(packed).pack() == packed


def test_an_ordinary_bucket_takes_few_bytes() -> None:
    drawn = {739_000 + 9 * n: (1, 12_345) for n in range(100)}
    assert len(Figures(drawn).pack()) < 600


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown format"):
        Figures.unpack(b"\x09")


def test_last_day_ignores_days_without_a_sale() -> None:
    assert (
        Figures({739_000: (1, 50), 739_100: (0, -50)}).last_day
        == Figures({739_000: (1, 1)}).last_day
    )
    assert Figures({739_100: (0, -50)}).last_day is None
