"""One account that does not come to rest keeps no other from its turn, and the night says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from siyu.errors import ContentionError
from siyu.services.each import each
from siyu.services.expire_credit import expire_due
from siyu.services.release_credits import release_due
from siyu.services.review_credits import refuse_undecided
from siyu.services.spend_credit import lapse_holds
from siyu.storage import ledger, transaction
from siyu.storage.transaction import StaleReadError, Transaction
from tests.books import check_books
from tests.services.doubts import DOUBT_ALL
from tests.services.purse import await_release, balance, earn, hold, member
from tests.services.rules import ago, bind, buy, credits_by_order, rule, trigger
from tests.services.rules import member as joined
from tests.services.shop import TODAY
from tests.support import NOW

MANY = 9
LATER = NOW + timedelta(days=2)


@pytest.fixture
def restless(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Members of whose accounts somebody else is always faster to write."""
    members: set[str] = set()
    alone, several = ledger.book_all, ledger.book_together

    def meet(theirs: Iterable[str]) -> None:
        if members & set(theirs):
            raise StaleReadError(frozenset({"balance"}))

    def book_all(write: Transaction, about: str, entries: Any, *more: Any) -> None:
        meet(entries)
        alone(write, about, entries, *more)

    def book_together(write: Transaction, about: Any, now: datetime) -> None:
        posted = list(about)
        meet(member_id for member_id, _, _ in posted)
        several(write, posted, now)

    monkeypatch.setattr(ledger, "book_all", book_all)
    monkeypatch.setattr(ledger, "book_together", book_together)
    monkeypatch.setattr(transaction, "back_off", lambda _: None)
    return members


def all_but_one(night: Callable[[], int], done: Callable[[str], bool], people: list[str]) -> None:
    """A night does what there is to do for everybody but the fifth, who is restless."""
    with pytest.raises(ContentionError, match="1 of the night's tasks"):
        night()
    assert [done(one) for one in people] == [number != 4 for number in range(len(people))]
    check_books()


def test_release_comes_to_all_others(restless: set[str]) -> None:
    people = [member(number) for number in range(MANY)]
    for number, one in enumerate(people):
        await_release(one, f"o{number}", 500, TODAY)
    restless.add(people[4])
    all_but_one(
        lambda: release_due(TODAY, NOW), lambda one: balance(one).pending_minor == 0, people
    )
    restless.clear()
    assert release_due(TODAY, NOW) == 1
    assert all(balance(one).released_minor == 500 for one in people)


def test_expiry_comes_to_all_others(restless: set[str]) -> None:
    people = [member(number) for number in range(MANY)]
    for number, one in enumerate(people):
        earn(one, f"o{number}", 500, TODAY)
    restless.add(people[4])
    all_but_one(
        lambda: expire_due(TODAY, NOW), lambda one: balance(one).released_minor == 0, people
    )
    restless.clear()
    assert expire_due(TODAY, NOW) == 1


def test_all_others_get_back_what_tills_held(restless: set[str]) -> None:
    people = [member(number, 500) for number in range(MANY)]
    for number, one in enumerate(people):
        hold(one, 300, f"h{number}")
    restless.add(people[4])
    day = TODAY + timedelta(days=2)
    all_but_one(lambda: lapse_holds(day, LATER), lambda one: balance(one).held_minor == 0, people)
    restless.clear()
    assert lapse_holds(day, LATER) == 1


def test_refusal_comes_to_all_others(restless: set[str]) -> None:
    rule(checks=DOUBT_ALL)
    people = []
    for number in range(MANY):
        referrer = joined(f"r{number}", 2 * number, ago(60))
        friend = joined(f"f{number}", 2 * number + 1, ago(60))
        bind(referrer, friend, ago(60))
        buy(f"o{number}", 10_000, 40, f"f{number}")
        trigger(friend, f"o{number}")
        people.append(referrer.member_id)
    assert all(one.in_review for one in credits_by_order().values())
    restless.add(people[4])
    day, then = TODAY + timedelta(days=31), NOW + timedelta(days=31)
    all_but_one(
        lambda: refuse_undecided(day, then), lambda one: balance(one).pending_minor == 0, people
    )
    restless.clear()
    assert refuse_undecided(day, then) == 1


def test_another_error_ends_the_night_at_once() -> None:
    done: list[int] = []

    def broken() -> int:
        raise LookupError

    def task() -> int:
        done.append(1)
        return 1

    with pytest.raises(LookupError):
        each([task, broken, task])
    assert done == [1]
    assert each([lambda: 1, lambda: 0, lambda: 2]) == 3
