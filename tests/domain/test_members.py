"""What is noted about accounts, and about the person whose they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.members import Standing, together

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
moments = st.integers(-9, 9).map(lambda hours: NOW + timedelta(hours=hours))
times = st.none() | moments
standings = st.builds(
    Standing, times, times, st.frozensets(st.sampled_from(["shop#1", "shop#2", "shop#3"]))
)


@given(st.lists(standings), moments)
def test_a_person_is_what_any_account_is(accounts: list[Standing], at: datetime) -> None:
    person = together(accounts)
    assert person.suspended == any(one.suspended for one in accounts)
    assert person.was_staff(at) == any(one.was_staff(at) for one in accounts)
    assert person.was_suspended(at) == any(one.was_suspended(at) for one in accounts)
    assert person.frauds == {fraud for one in accounts for fraud in one.frauds}


def test_a_note_holds_from_its_instant_on() -> None:
    noted = Standing(NOW, NOW)
    before = NOW - timedelta(microseconds=1)
    assert [noted.was_staff(at) for at in (before, NOW)] == [False, True]
    assert [noted.was_suspended(at) for at in (before, NOW)] == [False, True]
    assert not Standing().was_staff(NOW)
