"""One place is one place however it is written, and friends are counted there over 30 days."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from siyu.domain.deliveries import Sent, other_friends
from siyu.domain.order_facts import MOST_PLACES, Paid
from siyu.domain.places import normalised, normalised_phone

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
letters = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)
gaps = st.text(
    st.characters(categories=("P", "S", "Z", "C"), exclude_characters="*﹡＊"), max_size=3
)
marks = st.lists(st.sampled_from("abcdef"), max_size=3).map(lambda some: tuple(sorted({*some})))


@given(st.text(max_size=40))
def test_what_is_normalised_is_plain_and_stays_as_it_is(text: str) -> None:
    place = normalised(text)
    if place is not None:
        assert normalised(place) == place
        assert {unicodedata.category(one)[0] for one in place} <= {"L", "M", "N"}


@given(st.lists(letters, min_size=5, max_size=9), st.data())
def test_spaces_and_signs_between_the_words_make_no_other_place(
    words: list[str], data: st.DataObject
) -> None:
    written = "".join(f"{word}{data.draw(gaps)}" for word in words)
    assert normalised(written) == normalised("-".join(words))


@pytest.mark.parametrize(
    "written",
    [
        "上海市 徐汇区 淮海中路 1000 号 5-201 室",
        "上海市徐汇区淮海中路１０００号５－２０１室",
        "上海市,徐汇区,淮海中路1000号5（201）室",
        " 上海市\t徐汇区\n淮海中路 #1000号 5/201 室。",
    ],
)
def test_an_address_is_the_same_however_it_is_typed(written: str) -> None:
    assert normalised(written) == "上海市徐汇区淮海中路1000号5201室"


def test_letters_are_small_and_plain() -> None:
    assert normalised("ＦLAT ⑤, Straße Nº 7") == normalised("flat 5 STRASSE no 7")


@pytest.mark.parametrize(
    "text", ["", "   ", "-----", "1 号楼", "上海市徐汇区****", "上海市徐汇区＊＊室"]
)
def test_next_to_nothing_and_what_is_hidden_name_no_place(text: str) -> None:
    assert normalised(text) is None


@pytest.mark.parametrize(
    "written", ["13800138000", "+86 138 0013 8000", "008613800138000", "(86)138-0013-8000"]
)
def test_a_number_is_the_same_with_and_without_its_country(written: str) -> None:
    assert normalised_phone(written) == "13800138000"


def test_other_numbers_keep_all_their_digits() -> None:
    assert normalised_phone("+1 613 555 1111") == "16135551111"
    assert normalised_phone("138****8000") is None


# The window


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (NOON, True),
        (NOON + SECOND, False),
        (NOON - 30 * DAY + SECOND, True),
        (NOON - 30 * DAY, False),
    ],
)
def test_an_order_counts_with_those_of_the_30_days_after_it(at: datetime, counts: bool) -> None:
    assert other_friends([Sent("CAT", at)], {"BOB"}, NOON) == int(counts)


def test_friends_count_once_and_whose_order_it_is_not_at_all() -> None:
    sent = [Sent(one, NOON - DAY) for one in ("CAT", "CAT", "DAN", "BOB", "BOB-2")]
    assert other_friends(sent, {"BOB", "BOB-2"}, NOON) == 2


@given(st.integers(0, 40 * 24 * 60))
@example(30 * 24 * 60 - 1)
def test_who_was_erased_counts_wherever_they_counted_before(minutes: int) -> None:
    """Of them only the day is left."""
    at = NOON - timedelta(minutes=minutes)
    day = at.replace(hour=0, minute=0)
    lived = other_friends([Sent("CAT", at)], {"BOB"}, NOON)
    assert other_friends([Sent("x", day, gone=True)], {"BOB"}, NOON) >= lived


# The order


@given(st.lists(marks, min_size=1, max_size=4))
def test_tellings_in_any_order_name_the_same_places(told: list[tuple[str, ...]]) -> None:
    facts = [Paid(1, NOON, delivered_to=one) for one in told]
    folded = {reduce(Paid.told_again, some).delivered_to for some in permutations(facts)}
    assert folded == {tuple(sorted({mark for one in told for mark in one}))}


def test_no_order_names_more_places_than_an_erasure_takes_out_at_once() -> None:
    facts = [Paid(1, NOON, delivered_to=(f"{number:02}",)) for number in range(MOST_PLACES + 5)]
    first = tuple(f"{number:02}" for number in range(MOST_PLACES))
    for some in (facts, facts[::-1]):
        assert reduce(Paid.told_again, some).delivered_to == first
