"""Histories that `tests/simulation` found, each reduced to what it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from siyu.domain.calendar import business_date
from siyu.domain.ledger import PENDING, RELEASED
from siyu.domain.vetting import Verdict
from siyu.services.credit_again import credit_again
from siyu.services.expire_credit import expire_due
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.record_order import record_order
from siyu.services.referrer_standing import set_standing
from siyu.services.release_credits import release_due
from siyu.services.review_credits import decide_credit
from siyu.services.sign_up import SignedUp
from siyu.storage import credit_items, ledger
from siyu.storage.transaction import Transaction
from tests.acceptance.changes import Changes
from tests.books import check_books
from tests.services.rules import ago, credits_by_order, kept, pair, rule
from tests.services.shop import door, event, paid, scan, settle
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


def _tell(source: str, **more: Any) -> None:
    """One of a sale's sources tells of it, paid long enough ago for its credit to be released."""
    about = {"order_id": "1", "paid_minor": 10_000, "occurred_at": ago(18).isoformat(), **more}
    record_order(replace(event("order.paid", **about, buyer={"openid": "bob"}), source=source))


def _alone_and_its_sale() -> tuple[SignedUp, Changes]:
    """A till tells of a purchase and not of its payment, which a shop tells of, too."""
    ann, _ = pair()
    rule(credit_days=10)
    stream = Changes()
    _tell("till")
    stream.follow()
    return ann, stream


def _joins_its_sale(stream: Changes) -> None:
    """The sale has a credit before the till says that this was its payment."""
    for source in ("shop", "till"):
        _tell(source, payment_id="42")
        stream.follow()
    check_books()


def test_what_was_released_stays_so_for_a_sale_that_had_a_credit_already() -> None:
    ann, stream = _alone_and_its_sale()
    assert release_due(business_date(NOW), NOW) == 1
    ends = credits_by_order()["1"].expires_on
    _joins_its_sale(stream)
    credit = credits_by_order()["42"]
    assert (credit.kept_minor, credit.state, credit.expires_on) == (500, RELEASED, ends)
    balance = ledger.balance_of([ann.member_id])[ann.member_id]
    assert (balance.pending_minor, balance.released_minor) == (0, 500)


def test_what_an_order_earned_and_nobody_spent_in_time_ends_nothing_of_its_sale() -> None:
    ann, stream = _alone_and_its_sale()
    assert release_due(business_date(NOW), NOW) == 1
    later = NOW + timedelta(days=11)
    assert expire_due(business_date(later), later) == 1
    _joins_its_sale(stream)
    assert (credits_by_order()["42"].state, credits_by_order()["42"].expired_minor) == (PENDING, 0)
    balance = ledger.balance_of([ann.member_id])[ann.member_id]
    assert (balance.pending_minor, balance.released_minor) == (500, 0)


def test_what_can_be_spent_stays_so_for_a_sale_of_which_all_is_over() -> None:
    ann, stream = _alone_and_its_sale()
    _tell("shop", payment_id="42")
    stream.follow()
    assert release_due(business_date(NOW), NOW) == 2
    sale = credit_items.find("~sale#42")
    assert sale is not None
    write = Transaction()
    credit_items.put(write, replace(sale, expires_on=business_date(NOW), version=sale.version + 1))
    write.commit()
    assert expire_due(business_date(NOW), NOW) == 1
    _joins_its_sale(stream)
    credit = credits_by_order()["42"]
    assert (credit.kept_minor, credit.expired_minor) == (500, 0)
    assert credit.expires_on == business_date(NOW) + timedelta(days=10)
    balance = ledger.balance_of([ann.member_id])[ann.member_id]
    assert (balance.pending_minor, balance.released_minor) == (0, 500)


def test_what_was_found_to_be_fraud_stays_refused_for_a_sale_that_had_a_credit_already() -> None:
    _, stream = _alone_and_its_sale()
    decide_credit("till#1", Verdict.BLOCK, "operator", NOW, "seen with the goods", fraud=True)
    _joins_its_sale(stream)
    assert credits_by_order()["42"].blocked
    assert kept() == {}


def _credit() -> tuple[Verdict, int]:
    credit = credit_items.find(f"{SOURCE}#1")
    assert credit is not None
    return credit.verdict, credit.kept_minor
