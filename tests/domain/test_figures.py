"""Packed figures come back as they went in, and windows are sums over their days."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.figures import Figures
from siyu.domain.orders import Contribution

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


near = st.dictionaries(
    st.integers(739_900, 740_000),
    st.tuples(st.integers(0, 3), st.integers(-5_000, 50_000)),
    max_size=20,
)


@given(near, st.integers(739_890, 740_010), st.sampled_from([None, 1, 30, 90, 365]))
def test_a_window_is_the_days_that_end_with_its_day(
    drawn: dict[int, tuple[int, int]], day: int, window: int | None
) -> None:
    days = range(1 if window is None else day - window + 1, day + 1)
    inside = [one for at, one in drawn.items() if at in days]
    expected = (sum(orders for orders, _ in inside), sum(net for _, net in inside))
    assert Figures(drawn).within(day, window) == expected
    assert window is None or len(days) == window


@given(near, st.integers(739_890, 740_010))
def test_the_last_purchase_by_a_day(drawn: dict[int, tuple[int, int]], day: int) -> None:
    known = [at for at, (orders, _) in drawn.items() if orders > 0 and at <= day]
    assert Figures(drawn).last_day_by(day) == (max(known) if known else None)


@given(near)
def test_what_is_known_of_all_days(drawn: dict[int, tuple[int, int]]) -> None:
    figures = Figures(drawn)
    assert figures.within(740_010, None) == (figures.orders, figures.net_minor)
    last = figures.last_day_by(740_010)
    assert figures.last_day == (date.fromordinal(last) if last else None)
    assert figures.span == ((min(drawn), max(drawn)) if drawn else (0, 0))


contributions = st.builds(
    Contribution,
    st.dates(date(2026, 1, 1), date(2026, 1, 9)),
    st.integers(0, 1),
    st.integers(-500, 500),
)


@given(st.lists(contributions, max_size=12), st.data())
def test_orders_that_come_and_go_leave_the_figures_of_those_that_stay(
    told: list[Contribution], data: st.DataObject
) -> None:
    gone = data.draw(
        st.lists(st.sampled_from(range(len(told))), unique=True) if told else st.just([])
    )
    changed = Figures()
    for one in data.draw(st.permutations(told)):
        changed = changed.exchange(None, one)
    for place in gone:
        changed = changed.exchange(told[place], None)
    expected = Figures()
    for place, one in enumerate(told):
        if place not in gone:
            expected = expected.plus(Figures().exchange(None, one))
    assert changed == expected
    assert changed.pack() == expected.pack()
