"""What tests of credits in doubt say a lot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from siyu.domain.credits import Credit
from siyu.domain.ledger import (
    RELEASED,
    Balance,
    Entry,
    EntryKind,
    member_account,
    store_account,
)
from siyu.domain.members import Standing
from siyu.domain.programmes import Checks, Programme
from siyu.domain.vetting import Verdict
from siyu.services.known_member import known
from siyu.services.review_credits import decide_credit
from siyu.services.show_member import show_member
from siyu.services.sign_up import SignedUp
from siyu.storage import credit_items, ledger, programmes
from siyu.storage.transaction import Transaction
from tests.services.shop import paid, receipt, scan, settle
from tests.support import NOW

APPROVE, REVIEW, BLOCK = Verdict.APPROVE, Verdict.REVIEW, Verdict.BLOCK
KEY = "shop#1"
SHARE = ("share_of_order",)
# Credit gives 5 % of every order: more than so much is a doubt.
DOUBT_ALL = Checks(share_bp=100)


def rules(version: str = "2026-2", **more: Any) -> Programme:
    """Publish a version that has been in force for long."""
    programme = Programme(version, NOW - timedelta(days=400), **more)
    programmes.append(programmes.load(), programme)
    return programme


def friends(*names: str) -> list[SignedUp]:
    """Ann, and whom she brought; the shop knows them by their names."""
    ann = scan(receipt(1), "ann")
    brought = []
    for serial, name in enumerate(names, 2):
        paid(f"0{name}", 900, buyer_id=name, receipt_token=receipt(serial))
        brought.append(scan(receipt(serial), name, ann.referral_code))
    settle()
    return [ann, *brought]


def doubted(amount: int = 10_000) -> SignedUp:
    """Ann, whose friend Bob bought for an amount that the rules doubt."""
    rules(checks=DOUBT_ALL)
    ann, _ = friends("bob")
    paid("1", amount, buyer_id="bob")
    settle()
    assert credit().in_review
    return ann


def decide(verdict: Verdict, key: str = KEY, **more: Any) -> None:
    """Cat decides."""
    decide_credit(key, verdict, more.pop("by", "cat"), more.pop("now", NOW), **more)


def credit(key: str = KEY) -> Credit:
    found = credit_items.find(key)
    assert found is not None
    return found


def balance(member: SignedUp) -> Balance:
    return show_member(member.member_id).balance


def noted(member: SignedUp) -> Standing:
    return known(member.member_id).standing


def frauds(member: SignedUp) -> set[str]:
    """The credits of a person that were found to be one."""
    return set(noted(member).frauds)


def spend(member: SignedUp, amount: int) -> None:
    """A till takes credit."""
    member_id = member.member_id
    released = member_account(member_id, RELEASED)
    entry = Entry("spent", EntryKind.CAPTURE, released, store_account("A1B"), amount)
    write = Transaction()
    ledger.book(write, member_id, KEY, [entry], NOW)
    write.commit()
