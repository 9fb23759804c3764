"""A decision is a function of the evidence and the rules; what is counted is never counted anew."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.doubts import Reason
from siyu.domain.programmes import Checks
from siyu.domain.remembered import FAN_IN
from siyu.domain.touches import LONGEST, WINDOWS, Touch, counts, on_device
from siyu.domain.vetting import BLOCKS, Decision, Evidence, Ruling, Verdict, decide, standing

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)
OFF = Checks(None, None, None, None, None, None, None, None)
LIMITS = {
    Reason.FRIENDS_A_DAY: "friends_a_day",
    Reason.FRIENDS_A_MONTH: "friends_a_month",
    Reason.FRIENDS_A_MINUTE: "friends_a_minute",
    Reason.ADDRESS: "friends_per_address",
    Reason.DEVICE: "friends_per_device",
    Reason.NETWORK: "friends_per_network",
    Reason.DELIVERY: "friends_per_delivery",
    Reason.SHARE: "share_bp",
}

numbers = st.integers(0, 30)
limits = st.one_of(st.none(), st.integers(1, 20))
checks_of_all_kinds = st.builds(
    Checks, *(limits for _ in range(6)), st.one_of(st.none(), st.integers(0, 10_000))
)
evidence_of_all_kinds = st.builds(
    Evidence,
    refused=st.sampled_from([None, "returning_customer", "staff", "same_device"]),
    **{reason.value: st.booleans() for reason in BLOCKS},
    **{reason.value: numbers for reason in LIMITS},
)
touches = st.lists(
    st.builds(
        Touch,
        st.uuids().map(str),
        st.integers(0, 60 * 86_400).map(lambda seconds: NOON + timedelta(seconds=seconds)),
        st.sampled_from([None, "home", "shop"]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda touch: touch.friend_id,
)


@pytest.mark.parametrize("reason", BLOCKS)
def test_any_sure_reason_refuses(reason: Reason) -> None:
    found: dict[str, Any] = {reason.value: True}
    assert decide(OFF, Evidence(**found)) == Decision(Verdict.BLOCK, (reason.value,))


def test_what_was_refused_at_the_door_stays_so_and_is_said_once() -> None:
    turned_away = Evidence(refused=Reason.RETURNING.value)
    assert decide(OFF, turned_away) == Decision(Verdict.BLOCK, ("returning_customer",))
    twice = Evidence(refused=Reason.STAFF.value, staff=True, ring=True)
    assert decide(OFF, twice) == Decision(Verdict.BLOCK, ("staff", "ring"))


@pytest.mark.parametrize(("reason", "limit"), LIMITS.items())
def test_a_number_is_doubted_beyond_its_limit_and_only_there(reason: Reason, limit: str) -> None:
    most: dict[str, Any] = {limit: 7}
    for number, wanted in ((7, Decision()), (8, Decision(Verdict.REVIEW, (reason.value,)))):
        found: dict[str, Any] = {reason.value: number}
        assert decide(replace(OFF, **most), Evidence(**found)) == wanted
    beyond: dict[str, Any] = {reason.value: 10**6}
    assert decide(OFF, Evidence(**beyond)) == Decision()


def test_every_reason_there_is_can_be_given() -> None:
    assert {*BLOCKS, *LIMITS, Reason.RETURNING, Reason.SAME_PHONE} == set(Reason)


def test_a_number_that_two_accounts_share_is_a_doubt_under_any_rules() -> None:
    doubted = Decision(Verdict.REVIEW, ("same_phone",))
    assert decide(OFF, Evidence(same_phone=True)) == doubted


@given(checks_of_all_kinds, evidence_of_all_kinds)
def test_a_decision_can_be_made_again_from_what_was_kept(
    checks: Checks, evidence: Evidence
) -> None:
    """Kept is what says something, as JSON."""
    kept = json.loads(json.dumps(evidence.to_fields()))
    assert Evidence.of_fields(kept) == evidence
    assert decide(checks, Evidence.of_fields(kept)) == decide(checks, evidence)


@given(checks_of_all_kinds, evidence_of_all_kinds)
def test_a_decision_names_all_its_reasons_and_no_other(checks: Checks, evidence: Evidence) -> None:
    decision = decide(checks, evidence)
    sure = {reason.value for reason in BLOCKS if getattr(evidence, reason.value)}
    sure |= {evidence.refused} if evidence.refused else set()
    doubts = set()
    for reason, name in LIMITS.items():
        most = getattr(checks, name)
        if most is not None and getattr(evidence, reason.value) > most:
            doubts.add(reason.value)
    expected = Verdict.BLOCK if sure else Verdict.REVIEW if doubts else Verdict.APPROVE
    assert decision.verdict is expected
    assert set(decision.reasons) == (sure or doubts)
    assert len(decision.reasons) == len(set(decision.reasons))


@given(touches, st.randoms(use_true_random=False))
def test_counts_do_not_depend_on_the_order_in_which_friends_are_read(
    friends: list[Touch], random: Any
) -> None:
    shuffled = list(friends)
    random.shuffle(shuffled)
    for touch in friends:
        assert counts(touch, shuffled) == counts(touch, friends)


@given(touches, touches)
def test_who_comes_later_changes_nobodys_counts(friends: list[Touch], others: list[Touch]) -> None:
    last = max((one.at, one.friend_id) for one in friends)
    later = [one for one in others if (one.at, one.friend_id) > last]
    for touch in friends:
        assert counts(touch, [*friends, *later]) == counts(touch, friends)


@given(touches)
def test_what_is_counted_is_who_came_in_the_time_before(friends: list[Touch]) -> None:
    """Against a count by hand, with whoever came in the same second by name."""
    ranked = sorted(friends, key=lambda one: (one.at, one.friend_id))
    for at, touch in enumerate(ranked):
        found = counts(touch, friends)
        ages = [touch.at - one.at for one in ranked[: at + 1]]
        for reason, length in WINDOWS.items():
            assert found[reason.value] == len([age for age in ages if age < length])
        near = [one for one, age in zip(ranked, ages, strict=False) if age < FAN_IN]
        alike = [one for one in near if touch.address and one.address == touch.address]
        assert found[Reason.ADDRESS.value] == max(1, len(alike))
        assert on_device(touch, friends) == len(near)


def test_a_window_is_open_at_its_far_end() -> None:
    first, second = Touch("A", NOON), Touch("B", NOON + LONGEST)
    assert counts(second, [first])["friends_a_month"] == 1
    assert counts(replace(second, at=second.at - timedelta(seconds=1)), [first]) == {
        "friends_a_minute": 1,
        "friends_a_day": 1,
        "friends_a_month": 2,
        "friends_per_address": 1,
    }


decisions = st.builds(decide, checks_of_all_kinds, evidence_of_all_kinds)
reasons = st.sets(st.sampled_from([reason.value for reason in Reason])).map(tuple)


@given(decisions, reasons)
def test_a_block_holds_whatever_the_rules_say(decision: Decision, seen: tuple[str, ...]) -> None:
    assert standing(decision, None) is decision.verdict
    ruling = Ruling(Verdict.BLOCK, seen, "ann", NOON)
    assert standing(decision, ruling) is Verdict.BLOCK


@given(decisions, reasons)
def test_an_approval_holds_for_what_was_seen(decision: Decision, seen: tuple[str, ...]) -> None:
    known = Ruling(Verdict.APPROVE, (*seen, *decision.reasons), "ann", NOON)
    assert standing(decision, known) is Verdict.APPROVE
    ruling = Ruling(Verdict.APPROVE, seen, "ann", NOON)
    unseen = set(decision.reasons) - set(seen)
    expected = decision.verdict if unseen else Verdict.APPROVE
    assert standing(decision, ruling) is expected
