"""Who sent a newcomer is asked once, at the door; a referral that is refused stops no signup."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from siyu.domain.doubts import Reason
from siyu.domain.vetting import Verdict
from siyu.services import credit_referral, identities
from siyu.services.codes import referral_token
from siyu.services.erase_member import erase_member, finish_erasure
from siyu.services.known_member import known
from siyu.services.merge_members import merge_members
from siyu.services.sign_up import SignedUp
from tests.faults import line
from tests.services.newcomers import (
    ADDRESS,
    ANNS,
    BOBS,
    ann,
    binding,
    bob,
    credit_of,
    note,
    publish,
)
from tests.services.shop import door, paid, receipt, scan, settle
from tests.support import NOW, at_once, dump, kinds


def was_here(_: SignedUp) -> None:
    before = scan(receipt(2), "bob")
    erase_member(before.member_id, NOW)


# Why a referral is refused: what has to be so, and the device that Bob comes by.
REFUSED: dict[Reason, tuple[Callable[[SignedUp], object], str | None]] = {
    Reason.SAME_DEVICE: (lambda _: None, ANNS),
    Reason.STAFF: (lambda member: note(member, staff_since=NOW), BOBS),
    Reason.SUSPENDED: (lambda member: note(member, suspended_at=NOW), None),
    Reason.RETURNING: (was_here, BOBS),
}


def refused(reason: Reason) -> tuple[SignedUp, SignedUp]:
    """Ann, and Bob whom she sent in vain; the shop knows him as buyer "b"."""
    referrer = ann()
    prepare, device = REFUSED[reason]
    prepare(referrer)
    token = receipt(3)
    paid("0", 900, buyer_id="b", receipt_token=token)
    friend = scan(token, "bob", referrer.referral_code, address=ADDRESS, device=device)
    settle()
    return referrer, friend


@pytest.mark.parametrize("reason", REFUSED)
def test_a_refused_referral_is_kept_with_its_reason_and_the_signup_works(reason: Reason) -> None:
    publish()
    referrer, friend = refused(reason)
    assert (friend.joined, friend.claim, friend.referral) == (True, "claimed", reason.value)
    returning = reason is Reason.RETURNING
    assert friend.benefit == ("returning_customer" if returning else "given")
    assert (friend.coupon is None) is returning
    assert friend.referral_coupon is None
    kept = binding(friend)
    assert kept is not None
    assert (kept.referrer_id, kept.refused) == (referrer.member_id, reason.value)


@pytest.mark.parametrize("reason", REFUSED)
def test_a_refused_referral_is_for_life_and_earns_nothing(reason: Reason) -> None:
    _, friend = refused(reason)
    cat = scan(receipt(4), "cat")
    assert scan(receipt(5), "bob", cat.referral_code).referral == "already_a_member"
    paid("1", 10_000, buyer_id="b")
    settle()
    credit = credit_of("shop#1")
    assert (credit.referee_id, credit.decision.verdict) == (friend.member_id, Verdict.BLOCK)
    assert credit.decision.reasons[0] == reason.value
    assert (credit.earned_minor, "ENTRY" in kinds()) == (0, False)


def test_staff_and_suspension_count_from_their_instant() -> None:
    referrer = ann()
    later = NOW + timedelta(seconds=1)
    note(referrer, staff_since=later, suspended_at=later)
    assert bob(referrer.referral_code).referral == "bound"
    assert scan(door(), "cat", referrer.referral_code, now=later).referral == "staff"


def test_what_is_noted_about_a_referrer_is_no_reason_once_it_is_taken_back() -> None:
    referrer = ann()
    note(referrer, frauds=frozenset({"shop#9"}))
    assert bob(referrer.referral_code).referral == "bound"


def test_without_a_device_nobody_shares_one() -> None:
    referrer = scan(receipt(1), "ann")
    assert bob(referrer.referral_code, device=None).referral == "bound"


@pytest.mark.parametrize("token", ["nonsense", receipt(9), referral_token("0" * 13), ""])
def test_a_code_that_leads_to_nobody_binds_to_nobody(token: str) -> None:
    friend = bob(token)
    assert (friend.joined, friend.referral) == (True, "code_not_valid" if token else "none")
    assert binding(friend) is None


def test_the_code_of_somebody_erased_is_not_valid() -> None:
    referrer = ann()
    erase_member(referrer.member_id, NOW)
    friend = bob(referrer.referral_code)
    assert (friend.joined, friend.referral, binding(friend)) == (True, "code_not_valid", None)


def test_a_referrer_who_is_erased_meanwhile_stops_no_signup() -> None:
    publish()
    referrer = ann()
    done: list[str] = []

    def meanwhile(_: int, operation: str) -> None:
        if operation == "TransactWriteItems" and not done:
            done.append(operation)
            erase_member(referrer.member_id, NOW)
            finish_erasure(referrer.member_id, NOW)

    with line(meanwhile):
        friend = bob(referrer.referral_code)
    assert (friend.joined, friend.referral, binding(friend)) == (True, "code_not_valid", None)
    assert (friend.referral_coupon, kinds()["COUPON"]) == (None, 1)


def test_whoever_is_first_of_many_at_once_is_the_referrer_for_life() -> None:
    token = door()
    referrers = [scan(receipt(number), f"ann{number}") for number in range(20)]
    outcomes = at_once(20, lambda n: scan(token, "bob", referrers[n].referral_code))
    found = [outcome for outcome in outcomes if isinstance(outcome, SignedUp)]
    assert len(found) == 20
    assert len({outcome.member_id for outcome in found}) == 1
    (winner,) = [number for number, outcome in enumerate(found) if outcome.joined]
    statuses = [outcome.referral for outcome in found]
    assert statuses == ["bound" if n == winner else "already_a_member" for n in range(20)]
    assert kinds()["REFERRER"] == 1
    kept = binding(found[0])
    assert kept is not None
    assert (kept.referrer_id, kept.refused) == (referrers[winner].member_id, None)


def test_where_somebody_comes_from_is_kept_as_a_keyed_mark() -> None:
    referrer = ann(address="192.0.2.78")
    friend = bob(referrer.referral_code)
    device = identities.address_mark("device", BOBS)
    expected = (device, identities.address_mark("address", ADDRESS))
    kept = binding(friend)
    assert kept is not None
    assert (kept.device, kept.address) == expected
    marks = [known(one.member_id).member.first_touch.device for one in (referrer, friend)]
    assert marks == [identities.address_mark("device", ANNS), device]
    everything = json.dumps([[*key, item] for key, item in dump().items()])
    for raw in (ADDRESS, "192.0.2.78", ANNS, BOBS):
        assert raw not in everything


def test_the_device_stays_with_an_account_that_is_merged() -> None:
    one, other = ann(), bob(None)
    merge_members(one.member_id, other.member_id, "unionid", "proof", NOW)
    devices = {account.member.first_touch.device for account in known(one.member_id).accounts}
    assert devices == {identities.address_mark("device", device) for device in (ANNS, BOBS)}


def test_ones_own_code_earns_nothing_on_another_device() -> None:
    first = ann()
    paid("0", 900, buyer_id="b", receipt_token=receipt(2))
    second = scan(receipt(2), "ann-2", first.referral_code, device=BOBS)
    assert second.referral == "bound"
    merge_members(first.member_id, second.member_id, "unionid", "proof", NOW)
    paid("1", 10_000, buyer_id="b")
    settle()
    credit = credit_of("shop#1")
    assert (credit.earned_minor, credit.decision.reasons[0]) == (0, Reason.SELF_REFERRAL)
    assert scan(receipt(3), "ann", first.referral_code).referral == "already_a_member"
    assert scan(receipt(3), "ann").referral == "none"


def test_a_bound_referral_still_earns() -> None:
    referrer = ann()
    paid("0", 900, buyer_id="b", receipt_token=receipt(2))
    friend = bob(referrer.referral_code)
    settle()
    paid("1", 10_000, buyer_id="b")
    shared = credit_referral.following({friend.member_id})
    assert credit_referral.credit_referral("shop#1", shared, NOW) == 1
