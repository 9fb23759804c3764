"""Who is erased leaves no mark of a device or address, and no refusal turns into a reward by it."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta

import pytest

from siyu.api.export import ExportResponse
from siyu.domain.doubts import Reason
from siyu.domain.programmes import Checks
from siyu.domain.vetting import Evidence, Verdict
from siyu.services import identities
from siyu.services.erase_member import erase_member, finish_erasure
from siyu.services.export_member import export_member
from siyu.services.merge_members import merge_members
from siyu.services.sign_up import SignedUp
from siyu.storage import people
from tests.faults import DEATHS, KilledError, at_call, line
from tests.services.newcomers import ADDRESS, ANNS, BOBS, ann, binding, bob, credit_of, publish
from tests.services.shop import paid, receipt, refunded, scan, settle
from tests.support import NOW, dump, empty_table, kinds

LATE = NOW + timedelta(days=1)


def mark(kind: str, value: str) -> str:
    return identities.address_mark(kind, value)


def erase(member: SignedUp) -> None:
    person = people.load(member.member_id)
    assert person is not None
    erase_member(member.member_id, LATE)
    finish_erasure(person.member.member_id, LATE)


def holding(*marks: str) -> set[str]:
    """The kinds of items that hold one of some marks; counts of limits end by themselves."""
    return {
        item["kind"]["S"]
        for item in dump().values()
        if any(one in json.dumps(item) for one in marks) and "ttl" not in item
    }


def devices(member: SignedUp) -> list[str | None]:
    person = people.load(member.member_id)
    assert person is not None
    return [account.member.first_touch.device for account in person.accounts]


def test_an_erased_friend_leaves_no_mark_and_stays_brought_by_somebody() -> None:
    referrer = ann()
    friend = bob(referrer.referral_code)
    marks = (mark("device", BOBS), mark("address", ADDRESS))
    assert holding(*marks) == {"PROFILE", "REFERRER"}
    before = binding(friend)
    erase_member(friend.member_id, NOW)
    assert holding(*marks) == {"REFERRER"}
    finish_erasure(friend.member_id, NOW)
    assert holding(*marks) == set()
    after = binding(friend)
    assert before is not None
    assert after is not None
    assert (after.referrer_id, after.bound_at) == (before.referrer_id, before.bound_at)
    assert devices(referrer) == [mark("device", ANNS)]


def test_an_address_without_a_device_is_forgotten_too() -> None:
    friend = bob(ann().referral_code, device=None)
    assert holding(mark("address", ADDRESS)) == {"REFERRER"}
    erase(friend)
    assert holding(mark("address", ADDRESS)) == set()


def test_an_erased_referrer_leaves_no_mark_and_takes_none_of_the_friends() -> None:
    referrer = ann()
    friend = bob(referrer.referral_code)
    erase(referrer)
    assert holding(mark("device", ANNS)) == set()
    kept = binding(friend)
    assert kept is not None
    assert (kept.device, kept.address) == (mark("device", BOBS), mark("address", ADDRESS))
    assert devices(friend) == [mark("device", BOBS)]


def test_all_accounts_of_a_person_are_cleared_also_one_whose_referral_was_refused() -> None:
    referrer = ann()
    first, second = bob(referrer.referral_code, ANNS), scan(receipt(3), "bob-2", device=BOBS)
    assert first.referral == Reason.SAME_DEVICE.value
    merge_members(first.member_id, second.member_id, "unionid", "proof", NOW)
    erase(first)
    assert devices(second) == [None, None]
    kept = binding(first)
    assert kept is not None
    assert (kept.device, kept.address, kept.refused) == (None, None, "same_device")


def test_the_first_touch_keeps_the_rest() -> None:
    friend = bob(None)
    erase(friend)
    person = people.load(friend.member_id)
    assert person is not None
    touch = person.member.first_touch
    assert (touch.kind, touch.store, touch.code) == ("receipt", "A1B", receipt(2)[1:14])


@pytest.mark.parametrize("accident", DEATHS)
def test_killed_at_any_call_and_done_again_leaves_no_mark(accident: str) -> None:
    number, over = 0, False
    while not over:
        number += 1
        empty_table()
        friend = bob(ann().referral_code)
        with line(at_call(number, accident)) as calls, suppress(KilledError):
            erase(friend)
        over = len(calls.calls) < number
        erase(friend)
        assert holding(mark("device", BOBS), mark("address", ADDRESS)) == set()
        assert kinds()["REFERRER"] == 1
    assert number > 5


@pytest.mark.parametrize("device", [ANNS, BOBS])
def test_the_export_says_that_somebody_sent_them_and_not_who_or_from_where(device: str) -> None:
    referrer = ann()
    friend = bob(referrer.referral_code, device)
    said = ExportResponse.from_domain(export_member(friend.member_id), NOW)
    assert [account.referred for account in said.accounts] == [True]
    text = said.model_dump_json()
    for private in (referrer.member_id, mark("device", device), mark("address", ADDRESS)):
        assert private not in text
    own = ExportResponse.from_domain(export_member(referrer.member_id), NOW)
    assert [account.referred for account in own.accounts] == [False]


# What was refused stays so


def bought(*, share_a_device: bool) -> tuple[SignedUp, SignedUp]:
    """Ann and Bob, who bought; if they share a device, it is that of an account which turned out
    to be hers when he was bound already."""
    referrer = ann()
    paid("0", 900, buyer_id="b", receipt_token=receipt(2))
    friend = bob(referrer.referral_code)
    other = scan(receipt(3), "ann-2", device=BOBS if share_a_device else "device-3")
    merge_members(referrer.member_id, other.member_id, "unionid", "proof", NOW)
    paid("1", 10_000, buyer_id="b")
    settle()
    return referrer, friend


@pytest.mark.parametrize("erased", [(0,), (1,), (0, 1)])
def test_a_shared_device_is_not_forgotten_in_a_credit_by_an_erasure(
    erased: tuple[int, ...],
) -> None:
    people_of = bought(share_a_device=True)
    before = credit_of("shop#1")
    assert before.decision.reasons == (Reason.SAME_DEVICE,)
    for number in erased:
        erase(people_of[number])
    settle()
    refunded("1", "r", 1_000)
    settle()
    after = credit_of("shop#1")
    assert (after.decision, after.earned_minor, "ENTRY" in kinds()) == (before.decision, 0, False)


def test_an_honest_credit_moves_with_a_late_refund_after_the_erasure() -> None:
    _, friend = bought(share_a_device=False)
    erase(friend)
    refunded("1", "r", 4_000)
    settle()
    after = credit_of("shop#1")
    assert (after.earned_minor, after.reversed_minor, after.verdict) == (500, 200, Verdict.APPROVE)


@pytest.mark.parametrize("erased", [True, False])
@pytest.mark.parametrize("fact", ["paid_by_referrer", "same_device"])
def test_what_only_the_erased_could_tell_stays_known_and_of_others_it_may_turn_out_otherwise(
    fact: str, erased: bool
) -> None:
    known = {fact: True}
    after = Evidence().with_known(Evidence.of_fields(known), erased=erased, forgotten=False)
    assert after.to_fields() == (known if erased else {})


@pytest.mark.parametrize("count", ["friends_per_address", "friends_per_device"])
def test_friends_who_were_counted_once_stay_counted_and_more_are_more(count: str) -> None:
    before = Evidence.of_fields({count: 3})
    for now, kept in ((1, 3), (4, 4)):
        found = Evidence.of_fields({count: now})
        after = found.with_known(before, erased=False, forgotten=True)
        assert after == Evidence.of_fields({count: kept})


def test_where_nobody_is_forgotten_an_address_has_the_friends_it_has() -> None:
    """A merge of the referrer's that is undone takes its friends along."""
    before = Evidence(friends_per_address=3)
    assert Evidence().with_known(before, erased=False, forgotten=False) == Evidence()


def test_friends_who_were_counted_at_one_address_are_counted_when_they_are_gone() -> None:
    publish(coupon=None, checks=Checks(friends_per_address=2))
    referrer = ann()
    friends = []
    for number in range(3):
        token, at = receipt(10 + number), NOW + timedelta(minutes=number)
        paid(f"0{number}", 900, buyer_id=f"b{number}", receipt_token=token)
        code = referrer.referral_code
        friends.append(scan(token, f"bob{number}", code, now=at, address=ADDRESS))
    paid("1", 10_000, buyer_id="b2")
    settle()
    assert credit_of("shop#1").decision.reasons == (Reason.ADDRESS,)
    for friend in friends:
        erase(friend)
        settle()
        refunded("1", f"r-{friend.member_id}", 100)
        settle()
        credit = credit_of("shop#1")
        assert (credit.verdict, credit.decision.reasons) == (Verdict.REVIEW, (Reason.ADDRESS,))
