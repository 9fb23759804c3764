"""The ledger follows the orders: no entry twice, balance = sum of entries, nothing below zero."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from siyu.domain.ledger import Balance
from siyu.services.credit_referral import credit_referral, following
from siyu.services.release_credits import release_due
from siyu.services.show_member import show_member
from siyu.services.sign_up import SignedUp
from tests.faults import ACCIDENTS, KilledError, at_call, line
from tests.services.shop import paid, receipt, refunded, scan, settle
from tests.support import NOW, at_once, dump, empty_table

DUE = date(2026, 12, 7)


def friends() -> tuple[SignedUp, SignedUp]:
    """Ann, and Bob whom she referred; the shop knows Bob as buyer "b"."""
    ann = scan(receipt(1), "ann")
    paid("0", 900, buyer_id="b", receipt_token=receipt(2))
    bob = scan(receipt(2), "bob", ann.referral_code)
    settle()
    return ann, bob


def balance(member: SignedUp) -> Balance:
    return show_member(member.member_id).balance


def entries() -> list[dict[str, Any]]:
    return [item for item in dump().values() if item["kind"]["S"] == "ENTRY"]


def sum_of_entries(member: SignedUp, state: str) -> int:
    account = f"member:{member.member_id}:{state}"
    return sum(
        int(item["amount_minor"]["N"])
        * ((item["credit"]["S"] == account) - (item["debit"]["S"] == account))
        for item in entries()
    )


def test_credit_follows_purchase_and_refund_to_the_unit() -> None:
    ann, _ = friends()
    paid("1", 19_999, buyer_id="b")
    settle()
    assert balance(ann) == Balance(pending_minor=999, earned_minor=999)
    refunded("1", "r", 9_999)
    settle()
    assert balance(ann) == Balance(pending_minor=499, earned_minor=999, reversed_minor=500)
    refunded("1", "r2", 99_999)
    settle()
    assert balance(ann) == Balance(earned_minor=999, reversed_minor=999)


def test_what_was_refunded_before_it_was_credited_shows_both_sides() -> None:
    """The totals do not depend on when the ledger looked."""
    ann, _ = friends()
    refunded("1", "r", 9_999)
    paid("1", 19_999, buyer_id="b")
    settle()
    assert balance(ann) == Balance(pending_minor=499, earned_minor=999, reversed_minor=500)


def test_what_happens_between_the_reads_gives_nothing_back() -> None:
    """Two reads are no snapshot; the order must not be the older one."""
    ann, bob = friends()
    paid("1", 20_000, buyer_id="b")
    settle()
    shared = following({bob.member_id})
    pauses: list[int] = []

    def meanwhile(number: int, operation: str) -> None:
        if operation == "BatchGetItem" and number == 2 and not pauses:
            pauses.append(number)
            refunded("1", "r", 20_000)
            settle()

    with line(meanwhile):
        assert credit_referral("shop#1", shared, NOW) == 0
    assert pauses == [2]
    assert balance(ann) == Balance(earned_minor=1_000, reversed_minor=1_000)


def test_a_refund_without_a_sale_takes_no_credit() -> None:
    ann, _ = friends()
    paid("1", 10_000, buyer_id="b")
    refunded(None, "x", 8_000, buyer_id="b")
    settle()
    assert balance(ann).pending_minor == 500


def test_orders_before_the_referral_and_strangers_earn_nothing() -> None:
    ann = scan(receipt(1), "ann")
    earlier = (NOW - timedelta(days=2)).isoformat()
    paid("1", 50_000, buyer_id="b", receipt_token=receipt(2), occurred_at=earlier)
    scan(receipt(2), "bob", ann.referral_code)
    paid("2", 50_000, buyer_id="c", receipt_token=receipt(3))
    scan(receipt(3), "cat")
    settle()
    assert balance(ann) == Balance()
    assert entries() == []


def test_many_triggers_at_once_post_once() -> None:
    ann, bob = friends()
    paid("1", 10_000, buyer_id="b")
    shared = following({bob.member_id})
    posted = at_once(20, lambda _: credit_referral("shop#1", shared, NOW))
    assert sorted(posted, key=str) == [0] * 19 + [1]
    assert balance(ann).pending_minor == 500


def test_many_orders_crediting_one_referrer_at_once_are_all_credited() -> None:
    ann, bob = friends()
    for number in range(40):
        paid(f"n{number}", 10_000, buyer_id="b")
    shared = following({bob.member_id})
    at_once(40, lambda number: credit_referral(f"shop#n{number}", shared, NOW))
    assert balance(ann).pending_minor == 40 * 500 == sum_of_entries(ann, "pending")


def test_release_waits_for_the_hold_and_happens_once() -> None:
    ann, _ = friends()
    paid("1", 10_000, buyer_id="b")
    settle()
    assert release_due(DUE - timedelta(days=1), NOW) == 0
    outcomes = at_once(5, lambda _: release_due(DUE, NOW))
    assert sum(outcome for outcome in outcomes if isinstance(outcome, int)) == 1
    assert balance(ann) == Balance(released_minor=500, earned_minor=500)
    assert release_due(DUE + timedelta(days=400), NOW) == 0


def test_a_refund_after_release_is_taken_from_what_was_released() -> None:
    ann, _ = friends()
    paid("1", 10_000, buyer_id="b")
    settle()
    release_due(DUE, NOW)
    refunded("1", "r", 4_000)
    settle()
    assert balance(ann) == Balance(released_minor=300, earned_minor=500, reversed_minor=200)
    assert sum_of_entries(ann, "released") == 300


def test_a_credit_that_moved_after_the_index_was_read_is_released_as_it_stands() -> None:
    """A refund arrives between reading what is due and releasing it."""
    ann, _ = friends()
    paid("1", 10_000, buyer_id="b")
    paid("2", 20_000, buyer_id="b")
    settle()
    moved = False

    def refund_in_between(_: int, operation: str) -> None:
        nonlocal moved
        if operation == "TransactWriteItems" and not moved:
            moved = True
            for number, amount in (("1", 4_000), ("2", 4_000)):
                refunded(number, "r", amount)
            settle()

    with line(refund_in_between):
        assert release_due(DUE, NOW) == 2
    assert balance(ann) == Balance(released_minor=1_100, earned_minor=1_500, reversed_minor=400)
    assert sum_of_entries(ann, "released") == 1_100
    assert sum_of_entries(ann, "pending") == 0
    assert release_due(DUE, NOW) == 0


def test_a_fully_refunded_credit_leaves_the_list_of_what_is_due() -> None:
    ann, _ = friends()
    paid("1", 10_000, buyer_id="b")
    refunded("1", "r", 10_000)
    settle()
    assert release_due(DUE, NOW) == 1
    assert release_due(DUE, NOW) == 0
    assert balance(ann) == Balance(earned_minor=500, reversed_minor=500)


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_an_accident_at_any_call_of_the_ledger_and_another_try_end_the_same(accident: str) -> None:
    number = 0
    done = False
    while not done:
        number += 1
        empty_table()
        ann, bob = friends()
        paid("1", 10_000, buyer_id="b")
        refunded("1", "r", 4_000)
        shared = following({bob.member_id})
        with line(at_call(number, accident)) as broken:
            try:
                credit_referral("shop#1", shared, NOW)
                release_due(DUE, NOW)
            except KilledError:
                pass
        done = len(broken.calls) < number
        credit_referral("shop#1", shared, NOW)
        release_due(DUE, NOW)
        assert balance(ann) == Balance(released_minor=300, earned_minor=500, reversed_minor=200)
        assert sorted(item["entry_kind"]["S"] for item in entries()) == [
            "earn",
            "release",
            "reverse",
        ]
    assert number > 10


def test_times_of_posting_are_those_of_the_trigger() -> None:
    friends()
    paid("1", 10_000, buyer_id="b")
    settle()
    posted = datetime.strptime(entries()[0]["posted_at"]["S"], "%Y-%m-%dT%H:%M:%S.%f%z")
    assert posted.astimezone(UTC) == NOW
