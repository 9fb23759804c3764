"""Credit at the till: promised once, taken in once, given back to where it came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.domain.holds import Hold
from siyu.domain.ledger import Balance
from siyu.errors import CreditRefusedError, NotFoundError
from siyu.services.erase_member import erase_member, finish_erasure
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.release_credits import release_due
from siyu.services.show_wallet import show_wallet
from siyu.services.spend_credit import capture_hold, hold_credit, lapse_holds, void_hold
from siyu.storage.accounts import account_of
from tests.books import check_books
from tests.services.purse import balance, earn, hold, member, settle_at, wish
from tests.services.shop import STORE, TODAY, paid, receipt, refunded, scan, settle
from tests.support import NOW, at_once, dump

TOMORROW = TODAY + timedelta(days=1)


def reason(work: Callable[[], object]) -> str:
    before = dump()
    with pytest.raises(CreditRefusedError) as refused:
        work()
    assert dump() == before, "a refusal writes nothing"
    return refused.value.reason


def capture(amount: int, hold_id: str = "h1") -> Hold:
    return capture_hold(STORE, hold_id, amount, NOW)


def void(hold_id: str = "h1") -> Hold:
    return void_hold(STORE, hold_id, NOW)


def test_credit_is_held_then_taken_in_and_the_rest_goes_back() -> None:
    ann = member(1, 1_000)
    made = hold(ann, 700)
    assert (made.state, made.amount_minor, made.lapses_on) == ("held", 700, TOMORROW)
    assert balance(ann) == Balance(released_minor=300, held_minor=700, earned_minor=1_000)
    done = capture(600)
    assert (done.state, done.captured_minor) == ("captured", 600)
    assert balance(ann) == Balance(released_minor=400, earned_minor=1_000, spent_minor=600)
    assert account_of(f"store:{STORE}") == 600
    check_books()


def test_a_hold_and_a_sale_that_was_undone_are_given_back() -> None:
    ann = member(1, 1_000)
    hold(ann, 700)
    assert void().state == "voided"
    hold(ann, 900, "h2")
    capture(800, "h2")
    assert void("h2").captured_minor == 0
    assert balance(ann) == Balance(released_minor=1_000, earned_minor=1_000)
    assert account_of(f"store:{STORE}") == 0
    check_books()


def test_the_same_request_again_is_answered_alike_and_writes_nothing() -> None:
    ann = member(1, 1_000)
    first = hold(ann, 700)
    settle_at("first-1", 0)
    before = dump()
    assert hold(ann, 700, now=NOW + timedelta(days=9)) == first
    assert dump() == before
    taken = capture(600)
    assert (capture(600), hold(ann, 700)) == (taken, taken)
    back = void()
    assert (void(), hold(ann, 700)) == (back, back)
    check_books()


def test_refusals_say_why_and_write_nothing() -> None:
    ann, bob = member(1, 1_000), member(2, 1_000)
    assert reason(lambda: hold(ann, 1_001)) == "credit_not_enough"
    assert reason(lambda: hold_credit(wish(ann, 500, spend=499), NOW)) == "more_than_purchase"
    hold(ann, 700)
    for other in (wish(bob, 700), wish(ann, 701), wish(ann, 700, spend=99_999)):
        assert reason(lambda other=other: hold_credit(other, NOW)) == "hold_id_used"  # type: ignore[misc]
    assert reason(lambda: capture(701)) == "more_than_held"
    capture(600)
    assert reason(lambda: capture(700)) == "hold_captured"
    void()
    assert reason(lambda: capture(600)) == "hold_voided"


def test_an_id_names_a_hold_of_its_store_only() -> None:
    ann = member(1, 1_000)
    hold(ann, 400)
    elsewhere = replace(wish(ann, 500, mark="another"), store="B2C")
    assert hold_credit(elsewhere, NOW).amount_minor == 500
    for store, name in (("C3D", "h1"), (STORE, "h2"), (STORE, "h\ud800"), (STORE, "x" * 9_000)):
        with pytest.raises(NotFoundError):
            void_hold(store, name, NOW)


def test_two_accounts_pay_together_and_undoing_leaves_nobody_in_debt() -> None:
    ann, bob = member(1, 300), member(2, 500)
    merge_members(ann, bob, "unionid", "proof", NOW)
    made = hold(bob, 600)
    assert made.parts == ((ann, 300), (bob, 300))
    capture(400)
    undo_merge(bob, "staff", "not the same", NOW)
    assert balance(ann) == Balance(earned_minor=300, spent_minor=300)
    assert balance(bob) == Balance(released_minor=400, earned_minor=500, spent_minor=100)
    void()
    assert (balance(ann).released_minor, balance(bob).released_minor) == (300, 500)
    check_books()


@pytest.mark.slow
def test_of_very_many_accounts_those_that_have_most_pay_together() -> None:
    ann, *others = (member(number, 100 + number % 2) for number in range(34))
    for one in others:
        merge_members(ann, one, "said", "operator", NOW)
    there = show_wallet(ann).spendable_minor
    assert there == 17 * 101 + 13 * 100
    assert reason(lambda: hold(ann, there + 1)) == "credit_not_enough"
    assert len(hold(ann, there).parts) == 30
    capture(there - 1)
    void()
    assert balance(ann, *others).released_minor == 17 * 101 + 17 * 100
    check_books()


def test_one_accounts_debt_counts_against_the_others_credit() -> None:
    ann, bob = member(1, 500), member(2, 400)
    hold(bob, 400)
    capture(400)
    settle_at("first-2", 100)
    merge_members(ann, bob, "unionid", "proof", NOW)
    assert reason(lambda: hold(ann, 201, "h2")) == "credit_not_enough"
    assert hold(ann, 200, "h2").parts == ((ann, 200),)
    check_books()


def test_a_refund_after_the_credit_was_spent_is_a_debt_that_later_credit_pays_off() -> None:
    ann = scan(receipt(1), "ann")
    paid("0", 900, buyer_id="b", receipt_token=receipt(2))
    scan(receipt(2), "bob", ann.referral_code)
    paid("1", 20_000, buyer_id="b")
    settle()
    release_due(TODAY + timedelta(days=15), NOW)
    hold(ann.member_id, 900)
    capture(900)
    refunded("1", "r", 10_000)
    settle()
    assert balance(ann.member_id).released_minor == -400
    assert reason(lambda: hold(ann.member_id, 1, "h2")) == "credit_not_enough"
    earn(ann.member_id, "later", 600)
    assert reason(lambda: hold(ann.member_id, 201, "h2")) == "credit_not_enough"
    assert hold(ann.member_id, 200, "h2").amount_minor == 200
    check_books()


def test_a_hold_that_nobody_takes_in_lapses_on_the_next_business_day() -> None:
    ann = member(1, 1_000)
    for name in ("h1", "h2", "h3"):
        hold(ann, 200, name)
    capture(200, "h2")
    void("h3")
    assert lapse_holds(TODAY, NOW) == 0
    assert sum(map(int, at_once(4, lambda _: lapse_holds(TOMORROW, NOW)))) == 1  # type: ignore[arg-type]
    assert lapse_holds(TOMORROW + timedelta(days=99), NOW) == 0
    assert reason(lambda: capture(200)) == "hold_voided"
    assert balance(ann) == Balance(released_minor=800, earned_minor=1_000, spent_minor=200)
    check_books()


def test_a_hold_that_still_stands_is_captured_however_late() -> None:
    ann = member(1, 1_000)
    hold(ann, 700)
    assert capture_hold(STORE, "h1", 700, NOW + timedelta(days=30)).captured_minor == 700
    assert balance(ann).spent_minor == 700


def test_an_erased_member_holds_nothing_more_and_what_stands_is_settled() -> None:
    ann = member(1, 1_000)
    hold(ann, 300)
    hold(ann, 200, "h2")
    erase_member(ann, NOW)
    finish_erasure(ann, NOW)
    with pytest.raises(NotFoundError):
        hold(ann, 100, "h3")
    assert capture(300).captured_minor == 300
    assert void("h2").state == "voided"
    assert balance(ann) == Balance(released_minor=700, earned_minor=1_000, spent_minor=300)
    check_books()
