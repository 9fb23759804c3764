"""Who is erased leaves no mark of a device or address, and no refusal turns into a reward by it."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

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
    assert holding(*marks) == {"PROFILE", "REFERRER", "NEIGHBOUR", "IDENTITY"}
    before = binding(friend)
    erase_member(friend.member_id, NOW)
    assert holding(*marks) == {"PROFILE", "REFERRER", "NEIGHBOUR"}
    finish_erasure(friend.member_id, NOW)
    assert holding(*marks) == set()
    after = binding(friend)
    assert before is not None
    assert after is not None
    assert (after.referrer_id, after.bound_at) == (before.referrer_id, before.bound_at)
    assert devices(referrer) == [mark("device", ANNS)]


def test_what_counts_on_for_a_week_names_a_place_a_time_and_a_referrer_and_nobody_else() -> None:
    referrer = ann()
    friend = bob(referrer.referral_code)
    erase(friend)
    left = [item for item in dump().values() if item["kind"]["S"] == "DEPARTED"]
    places = {f"N#{mark('device', BOBS)}", f"N#{mark('address', ADDRESS)}"}
    assert {item["PK"]["S"] for item in left} == places
    for item in left:
        assert item["friends"]["SS"] == [f"{NOW.isoformat()}#{referrer.member_id}"]
        ends = datetime.fromtimestamp(int(item["ttl"]["N"]), UTC)
        assert ends == LATE + timedelta(days=8)
    assert friend.member_id not in json.dumps(left)


def test_of_who_is_erased_after_their_week_nothing_counts_on() -> None:
    friend = bob(ann().referral_code)
    erase_member(friend.member_id, NOW + timedelta(days=7))
    finish_erasure(friend.member_id, NOW + timedelta(days=7))
    assert "DEPARTED" not in kinds()


def test_an_address_without_a_device_is_forgotten_too() -> None:
    friend = bob(ann().referral_code, device=None)
    assert holding(mark("address", ADDRESS)) == {"REFERRER", "NEIGHBOUR"}
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


@pytest.mark.slow
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


@pytest.mark.parametrize("fact", ["paid_by_referrer", "same_device"])
def test_what_was_sure_of_an_erased_referrer_stays_so(fact: str) -> None:
    """Numbers are found anew."""
    before = Evidence.of_fields({fact: True, "friends_per_device": 3})
    assert Evidence().with_known(before).to_fields() == {fact: True}
    assert before.with_known(Evidence()) == before


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
