"""Staff and the suspended earn nothing from then on, and get back what was not so after all."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from siyu.domain.ledger import Balance
from siyu.errors import NotFoundError
from siyu.services import referrer_standing
from siyu.services.known_member import known
from siyu.services.merge_members import merge_members
from siyu.services.referrer_standing import Settled, set_standing
from siyu.services.show_referrer import show_referrer
from siyu.services.sign_up import SignedUp
from tests.books import check_books
from tests.faults import ACCIDENTS, KilledError, at_call, line
from tests.services.doubts import BLOCK, balance, credit, decide, friends, noted
from tests.services.shop import paid, receipt, scan, settle
from tests.support import NOW, at_once, dump, empty_table

HOUR = timedelta(hours=1)
BEFORE, SINCE = NOW - HOUR, NOW + HOUR


def buys(buyer: str, **orders: datetime) -> None:
    """Orders of a friend, by when they were paid; each is worth 500."""
    for order_id, at in orders.items():
        paid(order_id, 10_000, buyer_id=buyer, occurred_at=at.isoformat())
    settle()


def suspend(member: SignedUp, now: datetime = NOW, *, to: bool = True) -> Settled:
    return set_standing(member.member_id, now, suspended=to)


def staff(member: SignedUp, now: datetime = NOW, *, to: bool = True) -> Settled:
    return set_standing(member.member_id, now, staff=to)


def test_what_was_bought_since_earns_nothing_and_comes_back_when_it_is_lifted() -> None:
    ann, _ = friends("bob")
    assert suspend(ann).standing.suspended_at == NOW
    buys("bob", before=BEFORE, since=SINCE)
    assert balance(ann) == Balance(500, earned_minor=500)
    assert credit("shop#since").decision.reasons == ("referrer_suspended",)
    lifted = suspend(ann, NOW + 2 * HOUR, to=False)
    assert (lifted.standing.suspended_at, lifted.posted, lifted.more) == (None, 1, False)
    assert balance(ann) == Balance(1_000, earned_minor=1_000)
    check_books()


def test_what_was_credited_before_anybody_said_so_is_settled_at_once() -> None:
    """The order is younger than the suspension, which is told later."""
    ann, _ = friends("bob")
    buys("bob", before=BEFORE, since=SINCE, later=NOW + 20 * HOUR)
    assert suspend(ann).posted == 2
    assert balance(ann) == Balance(500, earned_minor=1_500, reversed_minor=1_000)
    assert credit("shop#before").due
    check_books()


def test_what_is_so_already_stays_as_it_is() -> None:
    ann, _ = friends("bob")
    for change in (suspend, staff):
        change(ann)
        before = dump()
        again = change(ann, NOW + HOUR)
        assert (again.posted, again.more) == (0, False)
        assert dump() == before
    assert (noted(ann).staff_since, noted(ann).suspended_at) == (NOW, NOW)
    staff(ann, to=False)
    assert (noted(ann).staff_since, noted(ann).suspended_at) == (None, NOW)
    set_standing(ann.member_id, NOW, suspended=False)
    empty = dump()
    suspend(ann, to=False)
    set_standing(ann.member_id, NOW)
    assert dump() == empty


def test_staff_neither_refer_nor_are_referred() -> None:
    """Ann brought Bob, who brought Cat."""
    ann, bob = friends("bob")
    paid("0cat", 900, buyer_id="cat", receipt_token=receipt(9))
    scan(receipt(9), "cat", bob.referral_code)
    buys("bob", bobs=SINCE)
    buys("cat", cats=SINCE, early=BEFORE)
    assert (balance(ann).pending_minor, balance(bob).pending_minor) == (500, 1_000)
    assert staff(bob).posted == 2
    assert (balance(ann).pending_minor, balance(bob).pending_minor) == (0, 500)
    assert credit("shop#bobs").decision.reasons == ("staff",)
    assert staff(bob, NOW + HOUR, to=False).posted == 2
    assert (balance(ann).pending_minor, balance(bob).pending_minor) == (500, 1_000)
    check_books()


def test_who_is_staff_is_not_cleared_by_the_other_one() -> None:
    ann, bob = friends("bob")
    staff(ann)
    staff(bob)
    buys("bob", since=SINCE)
    assert staff(bob, to=False).posted == 0
    assert credit("shop#since").blocked
    assert staff(ann, to=False).posted == 1


def test_a_ruling_outlasts_what_is_noted() -> None:
    ann, _ = friends("bob")
    suspend(ann)
    buys("bob", since=SINCE)
    decide(BLOCK, "shop#since")
    assert suspend(ann, to=False).posted == 0
    assert credit("shop#since").blocked


def test_a_celebritys_credits_are_settled_a_part_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann, _ = friends("bob")
    suspend(ann)
    buys("bob", **{f"n{number}": SINCE for number in range(7)})
    monkeypatch.setattr(referrer_standing, "SETTLED_AT_ONCE", 3)
    monkeypatch.setattr(referrer_standing, "READ_AT_ONCE", 2)
    told = [suspend(ann, NOW + HOUR, to=False) for _ in range(4)]
    assert [(one.posted, one.more) for one in told] == [
        *((3, True), (3, True)),
        *((1, False), (0, False)),
    ]
    assert balance(ann) == Balance(3_500, earned_minor=3_500)


def test_what_the_suspended_buy_themselves_is_nothing_to_settle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann, bob = friends("bob")
    buys("bob", one=SINCE, two=SINCE)
    monkeypatch.setattr(referrer_standing, "SETTLED_AT_ONCE", 1)
    suspended = suspend(bob)
    assert (suspended.posted, suspended.more) == (0, False)
    assert balance(ann) == Balance(1_000, earned_minor=1_000)


def test_it_is_noted_at_all_accounts_of_a_person() -> None:
    """The code of none of them brings anybody."""
    ann, _ = friends("bob")
    other = scan(receipt(9), "ann-2", now=NOW + HOUR)
    suspend(other)
    merge_members(ann.member_id, other.member_id, "said", "dan", NOW)
    assert suspend(ann, NOW + HOUR).standing.suspended_at == NOW
    standings = [one.standing for one in known(other.member_id).accounts]
    assert [one.suspended_at for one in standings] == [NOW, NOW]
    suspend(other, to=False)
    assert noted(ann).suspended_at is None


def test_many_at_once_note_one_time() -> None:
    ann, _ = friends("bob")
    buys("bob", since=SINCE)
    told = at_once(6, lambda at: suspend(ann, NOW + at * timedelta(seconds=1)))
    times = {one.standing.suspended_at for one in told if isinstance(one, Settled)}
    assert times == {noted(ann).suspended_at}
    assert balance(ann) == Balance(earned_minor=500, reversed_minor=500)
    check_books()


@pytest.mark.slow
@pytest.mark.parametrize("accident", ACCIDENTS)
def test_an_accident_at_any_call_and_another_try_end_the_same(accident: str) -> None:
    number, done = 0, False
    while not done:
        number += 1
        empty_table()
        ann, _ = friends("bob")
        buys("bob", one=SINCE, two=SINCE)
        with line(at_call(number, accident)) as broken, suppress(KilledError):
            suspend(ann)
        done = len(broken.calls) < number
        suspend(ann)
        assert noted(ann).suspended_at == NOW
        assert balance(ann) == Balance(earned_minor=1_000, reversed_minor=1_000)
    assert number > 10
    check_books()


def test_nobody_can_be_noted_who_never_joined() -> None:
    for change in (suspend, staff):
        with pytest.raises(NotFoundError):
            change(SignedUp("NOBODY", False, "", None, "", "", ""))
    with pytest.raises(NotFoundError):
        show_referrer("NOBODY")


def test_a_referrer_is_shown_with_all_that_came_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob, cat = friends("bob", "cat")
    buys("bob", one=NOW, two=NOW)
    buys("cat", three=NOW)
    whole = show_referrer(ann.member_id)
    bought = {bob.member_id: (3, 20_900), cat.member_id: (2, 10_900)}
    assert [
        (one.binding.referee_id, (one.orders, one.net_minor)) for one in whole.friends
    ] == sorted(bought.items(), reverse=True)
    assert (whole.more_friends, whole.more_credits) == (False, False)
    ((about, total),) = whole.sums.items()
    assert about == ("pending", "approve")
    assert (total.credits, total.earned_minor, total.reversed_minor) == (3, 1_500, 0)
    assert show_referrer(bob.member_id).brought_by[0].referrer_id == ann.member_id
    monkeypatch.setattr("siyu.services.show_referrer.FRIENDS", 1)
    monkeypatch.setattr("siyu.services.show_referrer.CREDITS", 2)
    part = show_referrer(ann.member_id)
    assert (len(part.friends), part.more_friends, part.more_credits) == (1, True, True)
    assert part.balance == balance(ann)


def test_the_latest_friends_are_shown_first_whichever_account_brought_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann, other = scan(receipt(1), "ann"), scan(receipt(2), "ann-2", now=NOW + HOUR)
    came = [
        scan(receipt(number), f"n{number}", by.referral_code, NOW + number * HOUR).member_id
        for number, by in enumerate((ann, other, ann, other), 3)
    ]
    merge_members(ann.member_id, other.member_id, "said", "dan", NOW)
    monkeypatch.setattr("siyu.services.show_referrer.FRIENDS", 3)
    shown = show_referrer(ann.member_id)
    assert [one.binding.referee_id for one in shown.friends] == came[:0:-1]
    assert {(one.orders, one.net_minor) for one in shown.friends} == {(0, 0)}
    assert shown.more_friends
