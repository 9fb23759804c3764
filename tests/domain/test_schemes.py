"""A version counts from its night on, and what was published before it stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.schemes import DEFAULT, Cutting, Scheme, Schemes
from tests.domain.populations import drawn_on

DAY = date(2026, 11, 1)
NIGHTS = [DAY + timedelta(days=day) for day in range(20)]

versions = st.lists(
    st.builds(
        Scheme,
        st.sampled_from(["default", "north", "test"]),
        effective_from=st.sampled_from(NIGHTS),
        super_user_percent=st.integers(1, 100),
        enabled=st.booleans(),
    ),
    max_size=8,
)


@given(versions, st.sampled_from(NIGHTS))
def test_of_each_scheme_the_last_version_that_has_begun_counts(
    published: list[Scheme], night: date
) -> None:
    begun = [DEFAULT, *(one for one in published if one.effective_from <= night)]
    latest = {name: [one for one in begun if one.name == name] for name in ("default", "north")}
    in_force = {one.name: one for one in Schemes(tuple(published)).on(night)}
    for name, known in latest.items():
        expected = known[-1] if known and known[-1].enabled else None
        assert in_force.get(name) == expected


@given(versions, st.sampled_from(NIGHTS))
def test_a_version_that_is_published_later_does_not_change_an_earlier_night(
    published: list[Scheme], night: date
) -> None:
    """Effective from a later night: the rules of this one stand."""
    schemes = Schemes(tuple(published))
    later = Scheme("default", effective_from=night + timedelta(days=1), lost_days=1)
    assert Schemes((*schemes.published, later)).on(night) == schemes.on(night)


@given(versions, st.sampled_from(NIGHTS))
def test_schemes_are_told_by_name_and_each_once(published: list[Scheme], night: date) -> None:
    names = [one.name for one in Schemes(tuple(published)).on(night)]
    assert names == sorted(set(names))


def test_a_brand_that_published_nothing_has_our_scheme() -> None:
    assert Schemes().on(DAY) == (DEFAULT,)
    assert Schemes((Scheme("north", effective_from=DAY),)).on(DAY)[0] == DEFAULT


def test_our_scheme_can_be_replaced_and_turned_off() -> None:
    other = replace(DEFAULT, version=1, effective_from=DAY, lost_days=200)
    off = replace(other, version=2, effective_from=NIGHTS[2], enabled=False)
    schemes = Schemes((other, off))
    assert schemes.on(DAY - timedelta(days=1)) == (DEFAULT,)
    assert schemes.on(DAY) == schemes.on(NIGHTS[1]) == (other,)
    assert schemes.on(NIGHTS[2]) == ()


def test_versions_of_one_scheme() -> None:
    north = [Scheme("north", version=number, effective_from=DAY) for number in (1, 2)]
    schemes = Schemes((north[0], Scheme("test", effective_from=DAY), north[1]))
    assert schemes.versions_of("north") == tuple(north)
    assert schemes.versions_of("south") == ()


def test_a_scheme_of_some_stores_covers_those_whom_they_brought() -> None:
    assert DEFAULT.covers("A1B")
    assert DEFAULT.covers("")
    north = Scheme("north", stores=("A1B", "A1C"))
    assert [north.covers(store) for store in ("A1B", "A1C", "B00", "")] == [
        True,
        True,
        False,
        False,
    ]


def test_a_scheme_narrows_when_it_ends_or_leaves_a_store_out() -> None:
    few, more = Scheme("n", stores=("A1B",)), Scheme("n", stores=("A1B", "A1C"))

    def narrowed(*versions: Scheme) -> list[bool]:
        nights = NIGHTS[: len(versions)]
        dated = [replace(one, effective_from=at) for one, at in zip(versions, nights, strict=True)]
        return [Schemes(tuple(dated)).narrowed(night) for night in nights]

    whole, off = Scheme("n"), Scheme("n", enabled=False)
    assert narrowed(few, more, whole) == [False, False, False]
    assert narrowed(whole, few) == narrowed(more, few) == [False, True]
    # For ever, since a night may have been missed; and a scheme that is whole again has everybody.
    assert narrowed(off, few, off, off, few) == [False, False, True, True, False]
    assert narrowed(replace(DEFAULT, enabled=False)) == [True]
    assert not Schemes((replace(DEFAULT, effective_from=NIGHTS[1], enabled=False),)).narrowed(DAY)


@pytest.mark.parametrize(
    ("cutting", "nights"),
    [
        (Cutting.NIGHTLY, NIGHTS),
        (Cutting.WEEKLY, [date(2026, 11, day) for day in (2, 9, 16)]),
        (Cutting.MONTHLY, [DAY]),
        (Cutting.FROZEN, []),
    ],
)
def test_when_lines_are_drawn_anew(cutting: Cutting, nights: list[date]) -> None:
    assert drawn_on(cutting, NIGHTS) == nights


@pytest.mark.parametrize(
    ("cutting", "missed"), [(Cutting.WEEKLY, date(2026, 11, 9)), (Cutting.MONTHLY, DAY)]
)
def test_a_night_that_was_missed_is_made_up_for_by_the_next(cutting: Cutting, missed: date) -> None:
    before = missed - timedelta(days=1)
    assert not cutting.due(missed - timedelta(days=6), before)
    assert cutting.due(before, missed + timedelta(days=2))
    assert not cutting.due(missed + timedelta(days=2), missed + timedelta(days=3))
