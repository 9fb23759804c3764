"""More credits of one account end in a night than one transaction takes."""

from __future__ import annotations

from datetime import timedelta

from siyu.domain.ledger import Balance
from siyu.services.expire_credit import expire_due
from tests.books import check_books
from tests.faults import line
from tests.services.purse import balance, earn, hold, member
from tests.services.shop import TODAY
from tests.support import NOW

FIRST = TODAY + timedelta(days=30)


def many() -> str:
    ann = member(1)
    for number in range(65):
        earn(ann, f"n{number}", 10, FIRST)
    return ann


def test_all_of_them_expire_and_a_second_run_finds_nothing() -> None:
    ann = many()
    assert expire_due(FIRST, NOW) == 65
    assert balance(ann) == Balance(earned_minor=650, expired_minor=650)
    assert expire_due(FIRST, NOW) == 0
    check_books()


def test_an_accounts_lots_are_read_once_however_many_transactions_end_them() -> None:
    many()
    with line() as calls:
        assert expire_due(FIRST, NOW) == 65
    written = [at for at, name in enumerate(calls.calls) if name == "TransactWriteItems"]
    assert len(written) == written[-1] - written[0] + 1 == 3


def test_who_comes_between_two_transactions_is_noticed_and_what_is_done_stays() -> None:
    ann = many()
    written: list[int] = []

    def meanwhile(number: int, name: str) -> None:
        if name == "TransactWriteItems":
            written.append(number)
            if len(written) == 2:
                hold(ann, 100)

    with line(meanwhile):
        assert expire_due(FIRST, NOW) == 55
    assert balance(ann) == Balance(held_minor=100, earned_minor=650, expired_minor=550)
    check_books()
