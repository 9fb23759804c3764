"""What was not spent in time expires: the oldest is spent first, nobody loses anything twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

import pytest

from siyu.domain.ledger import Balance
from siyu.errors import CreditRefusedError
from siyu.services.erase_member import erase_member
from siyu.services.expire_credit import expire_due
from siyu.services.merge_members import merge_members
from siyu.services.spend_credit import capture_hold, void_hold
from siyu.storage import keys
from siyu.storage.accounts import account_of
from siyu.storage.credit_items import waiting
from tests.books import check_books, entry_kinds
from tests.faults import ACCIDENTS, KilledError, at_call, line
from tests.services.purse import balance, earn, hold, member, settle_at, the_credit
from tests.services.shop import STORE, TODAY
from tests.support import NOW, at_once, dump, empty_table

FIRST, SECOND, LAST = (TODAY + timedelta(days=days) for days in (30, 60, 90))


def spend(member_id: str, amount: int, name: str = "h1") -> None:
    hold(member_id, amount, name)
    capture_hold(STORE, name, amount, NOW)


def wait_for(day: date = date.max) -> set[str]:
    """The credits that wait for their end."""
    shards = range(keys.DUE_SHARDS)
    return {
        keys.order_parts(one.order_key)[1]
        for shard in shards
        for one in waiting(keys.EXPIRY, day, shard)
    }


def night(day: date) -> int:
    """One night, after which the books add up and a second run finds nothing."""
    ended = expire_due(day, NOW)
    check_books()
    before = dump()
    assert expire_due(day, NOW) == 0
    assert dump() == before
    return ended


def lots() -> str:
    """Ann with three lots of a hundred; the third has no end."""
    ann = member(1)
    for name, ends in (("a", FIRST), ("b", SECOND), ("c", None)):
        earn(ann, name, 100, ends)
    return ann


def test_what_is_not_spent_expires_on_its_day_and_not_before() -> None:
    ann = lots()
    assert night(FIRST - timedelta(days=1)) == 0
    assert night(FIRST) == 1
    assert balance(ann) == Balance(released_minor=200, earned_minor=300, expired_minor=100)
    assert account_of("programme:2026-1") == -200
    assert night(LAST) == 1
    assert balance(ann).released_minor == 100
    assert wait_for() == set()


def test_the_oldest_lot_is_spent_first() -> None:
    ann = lots()
    spend(ann, 70)
    assert night(FIRST) == 1
    assert balance(ann).expired_minor == 30
    spend(ann, 50, "h2")
    night(SECOND)
    assert balance(ann) == Balance(
        released_minor=100, earned_minor=300, spent_minor=120, expired_minor=80
    )


def test_a_lot_that_was_spent_leaves_the_list_and_nothing_of_it_expires() -> None:
    ann = lots()
    spend(ann, 100)
    assert night(FIRST) == 1
    assert balance(ann).expired_minor == 0
    assert wait_for() == {"b"}


def test_what_a_till_holds_waits_until_it_is_settled() -> None:
    ann = lots()
    hold(ann, 60)
    night(FIRST)
    assert balance(ann) == Balance(
        released_minor=200, held_minor=60, earned_minor=300, expired_minor=40
    )
    assert wait_for(FIRST) == {"a"}
    capture_hold(STORE, "h1", 20, NOW)
    night(FIRST)
    assert balance(ann) == Balance(
        released_minor=200, earned_minor=300, spent_minor=20, expired_minor=80
    )
    assert wait_for() == {"b"}


def test_what_an_undone_sale_gives_back_expires_with_the_next_lot() -> None:
    ann = lots()
    spend(ann, 80)
    night(FIRST)
    void_hold(STORE, "h1", NOW)
    assert night(FIRST) == 0
    assert balance(ann).released_minor == 280
    assert night(SECOND) == 2
    assert balance(ann) == Balance(released_minor=100, earned_minor=300, expired_minor=200)


@pytest.mark.parametrize(
    ("spent", "kept", "left"),
    [(0, 40, 0), (0, 0, 0), (30, 50, 0), (30, 20, -10), (30, 0, -30), (100, 40, -60)],
)
def test_a_refund_of_an_expired_lot_takes_nothing_twice(spent: int, kept: int, left: int) -> None:
    """It takes what has expired first; only what was spent beyond what is kept is a debt."""
    ann = member(1)
    earn(ann, "a", 100, FIRST)
    if spent:
        spend(ann, spent)
    night(FIRST)
    settle_at("a", (kept + 100) // 2)
    settle_at("a", kept)
    assert balance(ann).released_minor == left
    assert the_credit("a").expired_minor == max(0, kept - spent)
    check_books()
    night(LAST)
    assert balance(ann).released_minor == left


def test_a_sale_that_goes_down_and_up_again_expires_again() -> None:
    ann = lots()
    night(FIRST)
    settle_at("a", 30)
    settle_at("a", 100)
    assert balance(ann).released_minor == 270
    assert night(FIRST) == 1
    assert balance(ann).released_minor == 200


def test_a_debt_is_not_made_larger() -> None:
    ann = lots()
    spend(ann, 300)
    settle_at("c", 0)
    night(SECOND)
    assert balance(ann).released_minor == -100
    assert entry_kinds()["expire"] == 0


def test_lots_of_a_merged_and_of_an_erased_account_expire() -> None:
    ann, bob = member(1), lots_of_bob()
    merge_members(ann, bob, "unionid", "proof", NOW)
    hold(ann, 50)
    night(FIRST)
    erase_member(ann, NOW)
    night(SECOND)
    assert balance(bob) == Balance(held_minor=50, earned_minor=200, expired_minor=150)


def lots_of_bob() -> str:
    bob = member(2)
    earn(bob, "a", 100, FIRST)
    earn(bob, "b", 100, SECOND)
    return bob


@pytest.mark.parametrize("moment", range(1, 9))
@pytest.mark.parametrize("what", ["hold", "refund", "void"])
def test_what_happens_while_a_lot_ends_is_noticed(what: str, moment: int) -> None:
    ann = lots()
    spend(ann, 40)
    happens: dict[str, Callable[[], object]] = {
        "hold": lambda: hold(ann, 260, "h2"),
        "refund": lambda: settle_at("b", 0),
        "void": lambda: void_hold(STORE, "h1", NOW),
    }

    def meanwhile(number: int, _: str) -> None:
        if number == moment:
            with suppress(CreditRefusedError):
                happens[what]()

    with line(meanwhile) as calls:
        expire_due(SECOND, NOW)
    expire_due(SECOND, NOW)
    check_books()
    # What comes back after its lot has ended waits for the account's next one.
    late = what == "void" and "TransactWriteItems" in calls.calls[: moment - 1]
    held = what == "hold" and balance(ann).held_minor
    assert balance(ann).released_minor == (0 if held else 140 if late else 100)


def test_tills_and_two_nights_at_once_never_spend_what_has_expired() -> None:
    for turn in range(4):
        empty_table()
        ann = lots()

        def work(number: int, ann: str = ann) -> object:
            return expire_due(SECOND, NOW) if number < 2 else hold(ann, 60, f"t{number}")

        at_once(8, work)
        expire_due(SECOND, NOW)
        assert balance(ann).released_minor >= 0, turn
        check_books()


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_an_accident_at_any_call_and_another_try_end_the_same(accident: str) -> None:
    number, done = 0, False
    while not done:
        number += 1
        empty_table()
        ann = lots()
        spend(ann, 30)
        with line(at_call(number, accident)) as broken, suppress(KilledError):
            expire_due(SECOND, NOW)
        done = len(broken.calls) < number
        night(SECOND)
        assert balance(ann) == Balance(
            released_minor=100, earned_minor=300, spent_minor=30, expired_minor=170
        )
    assert number > 10
