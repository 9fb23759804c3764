"""An order relabels its member by the lines that the last night published."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.cut_points import CutPoints
from siyu.domain.figures import Figures
from siyu.domain.label_book import BY_NIGHT, BY_ORDER, LabelBook
from siyu.domain.published import Published, label_of, measure_of
from siyu.domain.schemes import Scheme
from siyu.domain.segments import Measure, place
from tests.domain.populations import NIGHT, TODAY, buyers, cuts_of, patient, schemes

YESTERDAY = NIGHT - timedelta(days=1)
figures = st.builds(
    Figures,
    st.dictionaries(
        st.integers(TODAY - 400, TODAY + 3),
        st.tuples(st.integers(0, 3), st.integers(-5_000, 50_000)),
        max_size=6,
    ),
)


@st.composite
def lines(draw: st.DrawFn) -> tuple[Scheme, CutPoints]:
    scheme = replace(draw(schemes()), min_population=1)
    return scheme, cuts_of(draw(st.lists(buyers, max_size=10)), scheme)


def board(*pairs: tuple[Scheme, CutPoints]) -> Published:
    return Published(NIGHT, YESTERDAY, NIGHT, pairs)


@patient
@given(figures, lines(), st.integers(0, 500))
def test_the_label_is_that_of_the_last_day_there_is_anything_of(
    own: Figures, at: tuple[Scheme, CutPoints], age: int
) -> None:
    book = board(at).relabel(LabelBook(), own, TODAY - age, "A1B")
    as_of = max(NIGHT.toordinal(), own.span[1])
    day = NIGHT + timedelta(days=as_of - TODAY)
    assert book.code("drawn") == label_of(own, TODAY - age, at, day).code
    assert book.entries["drawn"].cause == BY_ORDER


@patient
@given(figures, lines(), st.integers(0, 500))
def test_who_did_nothing_since_the_night_keeps_its_label(
    own: Figures, at: tuple[Scheme, CutPoints], age: int
) -> None:
    past = Figures({day: one for day, one in own.buckets.items() if day <= TODAY})
    code = label_of(past, TODAY - age, at, NIGHT).code
    book = LabelBook().relabelled("drawn", code, TODAY, TODAY - 1, BY_NIGHT)
    assert board(at).relabel(book, past, TODAY - age, "A1B") is book


@patient
@given(figures, lines())
def test_a_scheme_of_other_stores_gives_no_label(
    own: Figures, at: tuple[Scheme, CutPoints]
) -> None:
    scheme = replace(at[0], stores=("B00",))
    published = board((scheme, at[1]))
    assert published.relabel(LabelBook(), own, TODAY, "A1B") == LabelBook()
    assert published.relabel(LabelBook(), own, TODAY, "B00").code("drawn") is not None


@patient
@given(figures, lines(), lines())
def test_each_scheme_gives_its_own_label(
    own: Figures, one: tuple[Scheme, CutPoints], other: tuple[Scheme, CutPoints]
) -> None:
    other = (replace(other[0], name="other"), other[1])
    both = board(one, other).relabel(LabelBook(), own, TODAY, "")
    assert both.code("drawn") == board(one).relabel(LabelBook(), own, TODAY, "").code("drawn")
    assert both.code("other") == board(other).relabel(LabelBook(), own, TODAY, "").code("other")


def test_a_label_stands_since_the_night_that_has_begun() -> None:
    """While a night is on, an order may come before it looks at the member, or after."""
    begun = NIGHT + timedelta(days=1)
    scheme = Scheme("default")
    cuts = CutPoints("default", 1, NIGHT, 0)
    bought = Figures({TODAY: (1, 500)})
    book = Published(NIGHT, YESTERDAY, begun, ((scheme, cuts),)).relabel(
        LabelBook(), bought, TODAY, ""
    )
    assert book.entries["default"].since == begun.toordinal()


@patient
@given(figures, schemes(), st.integers(-400, 3))
def test_a_measure_counts_the_window_that_ends_with_the_day(
    own: Figures, scheme: Scheme, ago: int
) -> None:
    day = TODAY + ago
    width = scheme.window_days or 10**6
    known = {at: one for at, one in own.buckets.items() if at <= day}
    inside = [one for at, one in known.items() if day - width < at]
    bought = [at for at, (orders, _) in known.items() if orders]
    assert measure_of(own, 7, scheme, NIGHT + timedelta(days=ago)) == Measure(
        max(bought, default=None),
        sum(orders for orders, _ in inside),
        sum(net for _, net in inside),
        sum(orders for orders, _ in known.values()),
        7,
    )


def test_a_member_without_purchases_is_placed_by_the_day_of_joining() -> None:
    scheme, cuts = Scheme("default"), CutPoints("default", 1, NIGHT, 0)
    measure = measure_of(Figures(), TODAY - 30, scheme, NIGHT)
    assert place(measure, scheme, cuts, NIGHT).stage == "new"
    book = board((scheme, cuts)).relabel(LabelBook(), Figures(), TODAY - 31, "")
    assert book.code("default") == label_of(Figures(), TODAY - 31, (scheme, cuts), NIGHT).code
