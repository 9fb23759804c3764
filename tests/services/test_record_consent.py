"""Decisions are kept, all of them, and the latest one stands."""

from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.domain.consents import Consent, Purpose, standing
from siyu.errors import NotFoundError
from siyu.services.erase_member import erase_member, finish_erasure
from siyu.services.known_member import known
from siyu.services.merge_members import merge_members
from siyu.services.record_consent import record_consent
from tests.faults import DEATHS, KilledError, at_call, line
from tests.services.shop import receipt, scan
from tests.support import NOW, at_once, dump, empty_table, kinds

YES = Consent(Purpose.MARKETING, True, "2026-11", "a" * 64, "mini_program", NOW, "mark")
NO = replace(YES, granted=False, at=NOW + timedelta(days=1))


def test_a_withdrawal_follows_a_consent_and_both_stay() -> None:
    ann = scan(receipt(1), "ann").member_id
    assert record_consent(ann, YES) == (YES,)
    assert record_consent(ann, NO) == (YES, NO)
    assert known(ann).consents == (YES, NO)
    assert not standing(known(ann).consents)[Purpose.MARKETING].granted


def test_two_decisions_at_one_instant_are_both_kept_in_either_order() -> None:
    no = replace(YES, granted=False)
    for decisions in ((YES, no), (no, YES)):
        empty_table()
        ann = scan(receipt(1), "ann").member_id
        for decision in decisions:
            record_consent(ann, decision)
        assert set(known(ann).consents) == {YES, no}
        assert not standing(known(ann).consents)[Purpose.MARKETING].granted


def test_the_same_decision_again_changes_nothing() -> None:
    ann = scan(receipt(1), "ann").member_id
    record_consent(ann, YES)
    before = dump()
    assert record_consent(ann, YES) == (YES,)
    assert dump() == before


def test_a_persons_decisions_are_those_of_all_their_accounts() -> None:
    ann, bob = scan(receipt(1), "ann").member_id, scan(receipt(2), "bob").member_id
    record_consent(bob, YES)
    merge_members(ann, bob, "unionid", "proof", NOW)
    assert set(record_consent(ann, NO)) == {YES, NO} == set(known(bob).consents)


def test_nobody_decides_for_an_erased_member() -> None:
    ann = scan(receipt(1), "ann").member_id
    erase_member(ann, NOW)
    with pytest.raises(NotFoundError):
        record_consent(ann, YES)
    assert "CONSENT" not in kinds()


def test_decisions_about_all_purposes_at_once_are_all_kept() -> None:
    ann = scan(receipt(1), "ann").member_id
    wanted = [replace(YES, purpose=purpose) for purpose in Purpose]
    at_once(len(wanted), lambda number: record_consent(ann, wanted[number]))
    assert set(known(ann).consents) == set(wanted)


def test_a_consent_and_an_erasure_at_once_leave_no_address() -> None:
    for _ in range(5):
        empty_table()
        ann = scan(receipt(1), "ann").member_id

        def work(number: int, ann: str = ann) -> None:
            if number == 0:
                erase_member(ann, NOW)
                finish_erasure(ann, NOW)
            else:
                record_consent(ann, replace(YES, at=NOW + timedelta(seconds=number)))

        at_once(6, work)
        consents = [item for item in dump().values() if item["kind"]["S"] == "CONSENT"]
        assert not any("address_mark" in item for item in consents)


@pytest.mark.parametrize("accident", DEATHS)
def test_killed_at_any_call_and_done_again_ends_the_same(accident: str) -> None:
    for number in (1, 2):
        empty_table()
        ann = scan(receipt(1), "ann").member_id
        with line(at_call(number, accident)), pytest.raises(KilledError):
            record_consent(ann, YES)
        assert record_consent(ann, YES) == (YES,)
