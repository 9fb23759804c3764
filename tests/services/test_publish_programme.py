"""A version is published once, keeps its rules for good, and stands in nobody's way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.domain.coupons import Benefit
from siyu.domain.programmes import PROGRAMME, Checks, Programme
from siyu.errors import ProgrammeRefusedError
from siyu.services import publish_programme
from siyu.services.publish_programme import Draft, next_day, plan, publish
from siyu.storage import programmes
from tests.faults import line
from tests.support import NOW, at_once, dump

LATER = NOW + timedelta(days=1)


def draft(version: str, begins: datetime | None = LATER, rate_bp: int = 300) -> Draft:
    return Draft(Programme(version, LATER, rate_bp=rate_bp), begins)


def versions() -> list[str]:
    return [one.version for one in programmes.load().published]


def refusal(wanted: Draft, now: datetime = NOW) -> str:
    with pytest.raises(ProgrammeRefusedError) as told:
        publish(wanted, "ann", now)
    return told.value.reason


amounts = st.integers(0, 10**9)
maybe = st.one_of(st.none(), amounts)
programmes_of_any_kind = st.builds(
    Programme,
    st.just("v"),
    st.integers(1, 10**10).map(lambda seconds: LATER + timedelta(seconds=seconds)),
    enabled=st.booleans(),
    rate_bp=st.integers(0, 10_000),
    fixed_minor=maybe,
    max_credit_minor=maybe,
    min_order_minor=amounts,
    return_window_days=st.integers(0, 3_650),
    referral_days=maybe,
    credit_days=maybe,
    new_customers_only=st.booleans(),
    first_purchase_only=st.booleans(),
    excluded_skus=st.lists(st.text(max_size=9), max_size=3).map(tuple),
    per_day_minor=maybe,
    per_month_minor=maybe,
    per_year_minor=maybe,
    budget_minor=maybe,
    coupon=st.one_of(st.none(), st.builds(Benefit, st.just("friend"), *[amounts] * 4)),
    checks=st.builds(Checks, *[maybe] * 6, amounts, amounts),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(programmes_of_any_kind)
def test_what_is_read_is_what_was_published(programme: Programme) -> None:
    before = programmes.load().published
    named = replace(programme, version=f"v{len(before)}")
    assert publish(Draft(named, named.effective_from), "ann", NOW) == named
    assert programmes.load().published == (*before, named)


def test_a_later_version_may_begin_before_an_earlier_one() -> None:
    publish(draft("a", NOW + timedelta(days=9)), "ann", NOW)
    publish(draft("b", NOW + timedelta(days=2)), "ann", NOW)
    assert versions() == ["a", "b"]
    assert programmes.load().in_force(NOW + timedelta(days=3)).version == "b"


def test_what_was_published_last_for_an_instant_decides_from_then_on() -> None:
    publish(draft("spring", None), "ann", NOW)
    publish(draft("fix", None, rate_bp=400), "ann", NOW)
    found = programmes.load()
    assert found.in_force(next_day(NOW)).version == "fix"
    assert found.replaced_by(known("spring")) == known("fix")


def test_a_plan_says_what_publishing_would_come_to_and_writes_nothing() -> None:
    publish(draft("spring", LATER), "ann", NOW)
    publish(draft("summer", LATER + timedelta(days=9)), "ann", NOW)
    before = dump()
    first = plan(draft("a", NOW + timedelta(hours=1)), NOW)
    assert (first.before, first.after, first.replaced) == (PROGRAMME, known("spring"), None)
    fix = plan(draft("fix", LATER), NOW)
    assert (fix.before, fix.after, fix.replaced) == (
        known("spring"),
        known("summer"),
        known("spring"),
    )
    last = plan(draft("z", LATER + timedelta(days=10)), NOW)
    assert (last.before, last.after, last.replaced) == (known("summer"), None, None)
    again = plan(draft("spring", LATER), NOW)
    assert (again.standing, again.before, again.replaced) == (True, known("spring"), None)
    with pytest.raises(ProgrammeRefusedError):
        plan(draft("spring", LATER, rate_bp=1), NOW)
    with pytest.raises(ProgrammeRefusedError):
        plan(draft("soon", NOW), NOW)
    assert dump() == before


def known(version: str) -> Programme:
    return programmes.load().named(version)


def test_two_at_once_are_both_published_and_none_is_lost() -> None:
    outcomes = at_once(5, lambda number: publish(draft(f"v{number}"), "ann", NOW))
    assert {getattr(one, "version", one) for one in outcomes} == {f"v{n}" for n in range(5)}
    assert sorted(versions()) == [f"v{number}" for number in range(5)]


def test_of_two_at_once_with_one_name_one_wins_and_the_other_is_told() -> None:
    outcomes = at_once(6, lambda number: publish(draft("v", rate_bp=number + 1), "ann", NOW))
    won = [one for one in outcomes if isinstance(one, Programme)]
    lost = [one.reason for one in outcomes if isinstance(one, ProgrammeRefusedError)]
    assert (len(won), lost) == (1, ["version_exists"] * 5)
    assert programmes.load().published == tuple(won)


def test_the_same_one_many_times_at_once_is_published_once() -> None:
    outcomes = at_once(6, lambda _: publish(draft("v"), "ann", NOW))
    assert outcomes == [programmes.load().named("v")] * 6
    assert versions() == ["v"]


def test_each_version_stands_in_the_name_of_who_published_it_first() -> None:
    publish(draft("a"), "ann", NOW)
    publish(draft("b"), "bob", NOW)
    publish(draft("a"), "cat", NOW)
    assert programmes.load().by == {"a": "ann", "b": "bob"}


def test_what_was_published_between_reading_and_writing_is_decided_about_again() -> None:
    passed: list[int] = []

    def meanwhile(_: int, operation: str) -> None:
        if operation == "TransactWriteItems" and not passed:
            passed.append(1)
            publish(draft("v", rate_bp=1), "bob", NOW)

    with line(meanwhile):
        assert refusal(draft("v", rate_bp=2)) == "version_exists"
    assert (passed, programmes.load().named("v").rate_bp) == ([1], 1)


def test_the_built_in_rules_are_a_version_like_any_other() -> None:
    assert refusal(Draft(replace(PROGRAMME, rate_bp=1), LATER)) == "version_exists"
    assert publish(Draft(PROGRAMME, None), "ann", NOW) == PROGRAMME
    assert dump() == {}


@pytest.mark.parametrize(
    ("utc", "begins"),
    [
        ("2026-11-22T04:00:00Z", "2026-11-22T16:00:00Z"),
        ("2026-11-22T15:58:59Z", "2026-11-22T16:00:00Z"),
        ("2026-11-22T15:59:01Z", "2026-11-23T16:00:00Z"),
        ("2026-11-22T16:00:00Z", "2026-11-23T16:00:00Z"),
        ("2026-12-31T17:00:00Z", "2027-01-01T16:00:00Z"),
    ],
)
def test_the_next_day_begins_in_shanghai_and_leaves_a_minute(utc: str, begins: str) -> None:
    now = datetime.fromisoformat(utc)
    assert next_day(now) == datetime.fromisoformat(begins)
    assert publish(draft("v", None), "ann", now).effective_from == next_day(now)


def test_there_are_so_many_versions_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish_programme, "MAX_VERSIONS", 3)
    for number in range(3):
        publish(draft(f"v{number}"), "ann", NOW)
    before = dump()
    assert refusal(draft("v3")) == "too_many_versions"
    assert publish(draft("v0"), "ann", NOW).version == "v0"
    assert dump() == before


def test_versions_too_long_for_one_item_are_refused_and_nothing_is_lost() -> None:
    long = tuple(f"{number:03}{'好' * 61}" for number in range(100))

    def wanted(number: int) -> Draft:
        return Draft(replace(draft(f"v{number}").programme, excluded_skus=long), LATER)

    for number in range(10):
        publish(wanted(number), "ann", NOW)
    before = dump()
    assert refusal(wanted(10)) == "too_many_versions"
    assert dump() == before
    assert publish(draft("short"), "ann", NOW) in programmes.load().published


@pytest.mark.slow
def test_all_versions_of_the_usual_length_fit_into_one_item() -> None:
    skus = tuple(f"SKU-{number}-*" for number in range(20))
    for number in range(publish_programme.MAX_VERSIONS):
        wanted = replace(draft(f"2027-{number}").programme, excluded_skus=skus)
        publish(Draft(wanted, LATER), "ann", NOW)
    assert len(versions()) == publish_programme.MAX_VERSIONS
    assert refusal(draft("one-more")) == "too_many_versions"
