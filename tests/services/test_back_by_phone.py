"""Who was erased is recognised by their number too: nobody brought them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.domain.doubts import Reason
from siyu.services.credit_again import credit_noticed
from siyu.services.erase_member import erase_member, finish_erasure
from siyu.services.link_phone import link_phone
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.sign_up import SignedUp
from siyu.storage import people
from tests.books import check_books
from tests.functions.calls import call
from tests.functions.make_events import changed
from tests.services.rules import ago, credits_by_order, kept, rule
from tests.services.shop import door, paid, scan, settle
from tests.support import NOW, dump

NUMBER, OTHER = "+8613900139000", "+8613900139001"
BACK = {"1": (Reason.RETURNING.value,)}


def reasons() -> dict[str, tuple[str, ...]]:
    return {name: one.decision.reasons for name, one in credits_by_order().items()}


def erased(days_ago: float = 1, joined_days_ago: float = 5, *numbers: str) -> None:
    """Somebody with a number was a member and is erased."""
    old = scan(door(), "old", now=ago(joined_days_ago))
    for number in numbers or (NUMBER,):
        link_phone(old.member_id, number, ago(joined_days_ago))
    erase_member(old.member_id, ago(days_ago))
    finish_erasure(old.member_id, ago(days_ago))


def brought() -> SignedUp:
    """Whom Ann brings, by another WeChat; and their order."""
    rule()
    ann = scan(door(), "ann", now=ago(3))
    friend = scan(door(), "new-wechat", ann.referral_code)
    assert friend.referral == "bound"
    paid("1", 10_000, buyer={"openid": "new-wechat"})
    settle()
    assert (reasons(), kept()) == ({"1": ()}, {"1": 500})
    return friend


def test_the_number_of_an_erased_member_takes_back_what_the_referral_earned() -> None:
    erased()
    friend = brought()
    assert link_phone(friend.member_id, NUMBER, NOW).status == "linked"
    credit_noticed(friend.member_id, NOW)
    assert (reasons(), kept()) == (BACK, {})
    check_books()


def test_it_stays_so_by_another_number_and_after_an_erasure() -> None:
    erased()
    friend = brought()
    link_phone(friend.member_id, NUMBER, NOW)
    link_phone(friend.member_id, OTHER, NOW)
    settle()
    assert reasons() == BACK
    erase_member(friend.member_id, NOW)
    finish_erasure(friend.member_id, NOW)
    paid("2", 10_000, buyer={"openid": "new-wechat"})
    settle()
    assert (reasons(), kept()) == (BACK, {})


def test_a_number_that_was_replaced_before_the_erasure_is_nobodys() -> None:
    erased(1, 5, NUMBER, OTHER)
    friend = brought()
    link_phone(friend.member_id, NUMBER, NOW)
    credit_noticed(friend.member_id, NOW)
    assert (reasons(), kept()) == ({"1": ()}, {"1": 500})


def test_a_friend_who_came_before_the_erased_account_was_no_member_then() -> None:
    friend = brought()
    late = NOW + timedelta(days=1)
    second = scan(door(), "second", now=late)
    link_phone(second.member_id, NUMBER, late)
    erase_member(second.member_id, late)
    finish_erasure(second.member_id, late)
    link_phone(friend.member_id, NUMBER, late)
    credit_noticed(friend.member_id, late)
    assert (reasons(), kept()) == ({"1": ()}, {"1": 500})


@pytest.mark.parametrize("by_phone", [False, True])
def test_an_account_that_turns_out_to_be_theirs_tells_of_all_of_them(by_phone: bool) -> None:
    """The one that came back was brought by nobody; the other one was."""
    erased()
    friend = brought()
    back = scan(door(), "third" if by_phone else "old")
    if by_phone:
        link_phone(back.member_id, NUMBER, NOW)
    merge = merge_members(friend.member_id, back.member_id, "unionid", "proof", NOW)
    assert merge is not None
    settle()
    assert (reasons(), kept()) == (BACK, {})
    undo_merge(merge.absorbed_id, "ops", "not the same", NOW)
    settle()
    assert (reasons(), kept()) == ({"1": ()}, {"1": 500})


def test_who_is_erased_twice_was_a_member_since_the_first_time() -> None:
    erased(4, 9)
    erased(1, 3)
    rule()
    ann = scan(door(), "ann", now=ago(10))
    friend = scan(door(), "new-wechat", ann.referral_code, ago(6))
    paid("1", 10_000, buyer={"openid": "new-wechat"})
    link_phone(friend.member_id, NUMBER, NOW)
    person = people.load(friend.member_id)
    assert person is not None
    assert person.member.was_member_since == ago(9)
    settle()
    assert (reasons(), kept()) == (BACK, {})


def test_the_stream_follows() -> None:
    erased()
    friend = brought()
    link_phone(friend.member_id, NUMBER, NOW)
    image = dump()[(f"M#{friend.member_id}", "PROFILE")]
    call("referral_credit", changed(("MODIFY", image)))
    assert (reasons(), kept()) == (BACK, {})
