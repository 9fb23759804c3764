"""A member alone says what changed since the night before, whoever changed it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.label_book import BY_NIGHT, BY_ORDER, EMPTY, NOWHERE, Entry, LabelBook

codes = st.sampled_from(["a0A", "c0P", "d3L", "j1L", "k8P"])
names = st.from_regex(r"[a-z][a-z0-9_]{0,19}", fullmatch=True)
entries = st.builds(
    Entry,
    codes,
    st.integers(700_000, 760_000),
    st.one_of(st.just(NOWHERE), codes),
    st.sampled_from([BY_ORDER, BY_NIGHT]),
    st.one_of(st.just(""), codes),
)
FIRST = 739_900


@given(st.dictionaries(names, entries, max_size=5))
def test_a_book_comes_back_from_its_text(drawn: dict[str, Entry]) -> None:
    book = LabelBook(drawn)
    assert LabelBook.unpack(book.pack()) == book
    assert LabelBook(dict(reversed(drawn.items()))).pack() == book.pack()


def test_the_text_of_a_book() -> None:
    book = LabelBook().relabelled("north", "c0P", FIRST, FIRST - 1, BY_NIGHT)
    book = book.relabelled("default", "j1L", FIRST, FIRST - 1, BY_ORDER)
    assert book.pack() == f"default=j1L,{FIRST},---,o;north=c0P,{FIRST},---,n"
    assert LabelBook().pack() == EMPTY
    assert LabelBook.unpack(EMPTY) == LabelBook()


@pytest.mark.parametrize("text", ["", "default", "default=j1L", "default=j1L,x,---,o", "a=b,1,c"])
def test_what_is_no_book_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        LabelBook.unpack(text)


@given(st.dictionaries(names, entries, min_size=1), st.integers(FIRST, FIRST + 9))
def test_the_same_label_again_changes_nothing(drawn: dict[str, Entry], night: int) -> None:
    book = LabelBook(drawn)
    for name, entry in drawn.items():
        assert book.relabelled(name, entry.code, night, night - 1, BY_ORDER) is book


@given(st.dictionaries(names, entries), names, codes)
def test_other_schemes_are_left_alone(drawn: dict[str, Entry], name: str, code: str) -> None:
    after = LabelBook(drawn).relabelled(name, code, FIRST, FIRST - 1, BY_NIGHT)
    assert after.code(name) == code
    others = {one: entry for one, entry in after.entries.items() if one != name}
    assert others == {one: entry for one, entry in drawn.items() if one != name}


def test_no_label_is_known_of_a_scheme_that_gave_none() -> None:
    assert LabelBook().code("default") is None


@dataclass
class Told:
    """A member over some nights: what the book says, and what stood at the last two of them."""

    last: int = FIRST - 1
    night: int = FIRST
    book: LabelBook = field(default_factory=LabelBook)
    stood: str = NOWHERE
    stands: str = NOWHERE

    def relabel(self, code: str, cause: str) -> Entry:
        self.book = self.book.relabelled("default", code, self.night, self.last, cause)
        return self.book.entries["default"]

    def begin(self, later: int) -> None:
        self.last, self.night = self.night, self.night + later
        self.stood = self.stands

    def look(self, code: str) -> None:
        """The night sees what the member is and reports what it finds."""
        entry = self.relabel(code, BY_NIGHT)
        self.stands = code
        assert entry.changed_after(self.night, self.last) == (code != self.stood)
        assert entry.stood_at(self.last) == self.stood
        assert entry.stood_at(self.night) == code


@dataclass(frozen=True)
class Day:
    """A night, the orders between its beginning and its look, and those after it; `again` is what
    the night sees when it was cut short and runs once more."""

    later: int
    during: list[str]
    code: str
    orders: list[str]
    again: str | None


some_days = st.lists(
    st.builds(
        Day,
        st.integers(1, 3),
        st.lists(codes, max_size=2),
        codes,
        st.lists(codes, max_size=3),
        st.none() | codes,
    )
)


@given(some_days)
def test_a_night_finds_what_differs_from_the_night_before(told_days: list[Day]) -> None:
    """Whoever changed it, and whether orders came before or after it looked."""
    told = Told()
    for day in told_days:
        told.begin(day.later)
        for code in day.during:
            told.relabel(code, BY_ORDER)
        told.look(day.code)
        for code in day.orders:
            told.relabel(code, BY_ORDER)
        if day.again is not None:
            told.look(day.again)
        told.book = LabelBook.unpack(told.book.pack())
