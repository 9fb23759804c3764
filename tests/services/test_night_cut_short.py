"""A night that dies, or meets an accident, at any of its calls, and is run again: what one run
would have come to stands, each credit once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from botocore.exceptions import BotoCoreError
from pynamodb.exceptions import PynamoDBException

from siyu.domain.ledger import Balance
from siyu.services.expire_credit import expire_due
from siyu.services.release_credits import release_due
from siyu.services.spend_credit import capture_hold, lapse_holds
from tests.books import check_books
from tests.faults import ACCIDENTS, KilledError, at_call, line
from tests.services.purse import await_release, balance, earn, hold, member
from tests.services.shop import STORE, TODAY
from tests.support import NOW, empty_table

ORDERS = 3
TOMORROW, LATER = TODAY + timedelta(days=2), NOW + timedelta(days=2)
FAULTS = (KilledError, BotoCoreError, PynamoDBException)


def due() -> list[str]:
    """Two accounts with credit that waits for its day, in several shards of their balances."""
    people = [member(number) for number in range(2)]
    for number in range(2 * ORDERS):
        await_release(people[number % 2], f"o{number}", 500, TODAY)
    return people


def ending() -> list[str]:
    """Two accounts with credit that ends: one spent some of it, of the other a till holds some."""
    people = [member(number) for number in range(2)]
    for number in range(2 * ORDERS):
        earn(people[number % 2], f"o{number}", 500, TODAY)
    hold(people[0], 700, "spent")
    capture_hold(STORE, "spent", 700, NOW)
    hold(people[1], 600, "held")
    return people


def held() -> list[str]:
    """Two accounts, of each of which tills held some that they did not take in."""
    people = [member(number, 1_500) for number in range(2)]
    for number in range(2 * ORDERS):
        hold(people[number % 2], 300, f"h{number}")
    return people


ALL = 500 * ORDERS
NIGHTS: dict[str, tuple[Callable[[], list[str]], Callable[[], int], list[Balance]]] = {
    "release": (
        due,
        lambda: release_due(TODAY, NOW),
        [Balance(released_minor=ALL, earned_minor=ALL)] * 2,
    ),
    "expiry": (
        ending,
        lambda: expire_due(TODAY, NOW),
        [
            Balance(earned_minor=ALL, spent_minor=700, expired_minor=ALL - 700),
            Balance(held_minor=600, earned_minor=ALL, expired_minor=ALL - 600),
        ],
    ),
    "lapse": (
        held,
        lambda: lapse_holds(TOMORROW, LATER),
        [Balance(released_minor=ALL, earned_minor=ALL)] * 2,
    ),
}


def cut_short(name: str, number: int, accident: str) -> int:
    """A night with an accident at one call, and then the whole night; how many calls the first one
    came to."""
    empty_table()
    prepare, night, wanted = NIGHTS[name]
    people = prepare()
    with line(at_call(number, accident)) as broken, suppress(*FAULTS, ExceptionGroup):
        night()
    night()
    assert [balance(one) for one in people] == wanted
    check_books()
    assert night() == 0
    return len(broken.calls)


@pytest.mark.parametrize("name", NIGHTS)
def test_a_night_that_died_is_done_by_the_next(name: str) -> None:
    """After some of its calls took effect; each of them is tried by `make test-slow`."""
    number = 2
    while cut_short(name, number, "killed after") >= number:
        number += 5
    assert number > 9


@pytest.mark.slow
@pytest.mark.parametrize("accident", ACCIDENTS)
@pytest.mark.parametrize("name", NIGHTS)
def test_a_night_with_an_accident_at_any_call_is_done_by_the_next(name: str, accident: str) -> None:
    number = 1
    while cut_short(name, number, accident) >= number:
        number += 1
    assert number > 9
