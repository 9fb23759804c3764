"""What a till may do with a hold, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.holds import (
    CAPTURED,
    UNDONE_WITHIN,
    VOIDED,
    Hold,
    ShownCode,
    Wish,
    capture,
    make,
    void,
)
from siyu.domain.ledger import Balance
from siyu.errors import CreditRefusedError

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
AMOUNTS = st.integers(1, 500)
LATER = st.timedeltas(timedelta(0), UNDONE_WITHIN * 3)
MOMENT = timedelta(microseconds=1)


def held(amount: int = 500) -> Hold:
    wish = Wish("A1B", "h1", ShownCode("ANN", "mark", NOW), amount, 500)
    return make("A1B#h1", wish, {"ANN": Balance(released_minor=500)}, NOW)[0]


@given(AMOUNTS, AMOUNTS, LATER)
def test_what_was_taken_in_is_undone_within_the_longest_return_only(
    amount: int, other: int, later: timedelta
) -> None:
    taken, _ = capture(held(max(amount, other)), min(amount, other))
    assert taken.state == CAPTURED
    if later > UNDONE_WITHIN:
        with pytest.raises(CreditRefusedError) as refused:
            void(taken, NOW + later)
        assert refused.value.reason == "too_late"
        return
    back, posted = void(taken, NOW + later)
    assert back.state == VOIDED
    assert sum(one.amount_minor for one in posted["ANN"]) == min(amount, other)


@given(AMOUNTS, LATER)
def test_a_hold_that_stands_is_given_back_however_late(amount: int, later: timedelta) -> None:
    back, posted = void(held(amount), NOW + later)
    assert (back.state, [one.amount_minor for one in posted["ANN"]]) == (VOIDED, [amount])


@given(LATER, LATER)
def test_what_was_given_back_in_time_is_answered_alike_for_ever(
    later: timedelta, again: timedelta
) -> None:
    taken, _ = capture(held(), 500)
    back, _ = void(taken, NOW + min(later, UNDONE_WITHIN))
    assert void(back, NOW + again) == (back, {})


def test_the_last_moment_counts() -> None:
    taken, _ = capture(held(), 500)
    assert void(taken, NOW + UNDONE_WITHIN)[0].state == VOIDED
    with pytest.raises(CreditRefusedError):
        void(taken, NOW + UNDONE_WITHIN + MOMENT)
