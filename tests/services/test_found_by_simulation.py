"""Histories that `tests/simulation` found, each reduced to what it takes."""

from __future__ import annotations

from datetime import timedelta

from siyu.domain.vetting import Verdict
from siyu.services.credit_again import credit_again
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.referrer_standing import set_standing
from siyu.storage import credit_items
from tests.services.shop import door, paid, scan, settle
from tests.support import NOW, SOURCE


def test_who_a_referrer_turns_out_to_be_counts_for_what_friends_have_bought() -> None:
    code = door()
    referrer, other = scan(code, "ann"), scan(code, "bob", now=NOW + timedelta(seconds=1))
    set_standing(other.member_id, NOW - timedelta(days=1), staff=True)
    scan(code, "cat", referrer.referral_code)
    paid("1", 10_000, buyer={"openid": "cat"})
    settle()
    assert _credit() == (Verdict.APPROVE, 500)
    later = NOW + timedelta(hours=1)
    merge_members(referrer.member_id, other.member_id, "console", "operator", later)
    credit_again({referrer.member_id, other.member_id}, NOW)
    assert _credit() == (Verdict.BLOCK, 0)
    undo_merge(other.member_id, "operator", "a mistake", NOW)
    credit_again({referrer.member_id, other.member_id}, NOW)
    assert _credit() == (Verdict.APPROVE, 500)


def _credit() -> tuple[Verdict, int]:
    credit = credit_items.find(f"{SOURCE}#1")
    assert credit is not None
    return credit.verdict, credit.kept_minor
