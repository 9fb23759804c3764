"""An erasure changes no decision: not about who was erased, nor about who came before or after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from siyu.domain.doubts import Reason
from siyu.domain.programmes import Checks
from siyu.domain.remembered import FAN_IN
from siyu.services.credit_again import credit_again
from siyu.services.credit_referral import credit_referral, following
from siyu.services.erase_member import erase_member, finish_erasure
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.sign_up import SignedUp
from siyu.storage import bindings, orders, people
from tests.faults import DEATHS, KilledError, at_call, line
from tests.services.rules import JOINED, OPEN, ago, credits_by_order, kept, rule, trigger
from tests.services.shop import paid, receipt, scan
from tests.support import NOW, dump, empty_table

TABLET, HOME, SOON = "device-of-ann-2", "192.0.2.7", timedelta(minutes=1)


def reasons(order_id: str = "1") -> tuple[str, ...]:
    return credits_by_order()[order_id].decision.reasons


def erase(*members: SignedUp, at: datetime = NOW) -> None:
    for member in members:
        person = people.load(member.member_id)
        assert person is not None
        erase_member(member.member_id, at)
        finish_erasure(person.member.member_id, at)


def told(days_ago: float = 1, **more: Any) -> None:
    """Bob's order, as a shop tells it."""
    at = ago(days_ago).isoformat()
    paid("1", 10_000, **{"buyer": {"openid": "bob"}, "occurred_at": at, **more})


def of_one_device() -> tuple[SignedUp, SignedUp, SignedUp]:
    """Ann, an account of hers that came from a tablet, and Bob who came by her code from it."""
    ann = scan(receipt(1, JOINED.date()), "ann", now=JOINED, unionid="u-ann")
    other = scan(receipt(2, JOINED.date()), "ann-2", now=JOINED + SOON, device=TABLET)
    at, code = JOINED + 2 * SOON, ann.referral_code
    bob = scan(receipt(3, JOINED.date()), "bob", code, at, "u-bob", device=TABLET)
    merge_members(ann.member_id, other.member_id, "said", "op", JOINED)
    return ann, other, bob


# Who was erased


@pytest.mark.parametrize("erased", [(), (0,), (2,), (0, 2), (2, 0)])
def test_a_shared_device_refuses_also_what_is_looked_at_after_an_erasure(
    erased: tuple[int, ...],
) -> None:
    crew = of_one_device()
    rule()
    told()
    erase(*(crew[number] for number in erased))
    trigger(crew[2], "1")
    assert (reasons(), kept()) == ((Reason.SAME_DEVICE,), {})


@pytest.mark.parametrize("payment", [None, "42"])
@pytest.mark.parametrize("erased", [(), (0,), (1,), (0, 1), (1, 0)])
def test_who_paid_refuses_also_what_is_looked_at_after_an_erasure(
    erased: tuple[int, ...], payment: str | None
) -> None:
    ann = scan(receipt(1, JOINED.date()), "ann", now=JOINED)
    bob = scan(receipt(3, JOINED.date()), "bob", ann.referral_code, JOINED, "u-bob")
    rule()
    told(buyer={"unionid": "u-bob", "openid": "ann"}, payment_id=payment)
    erase(*((ann, bob)[number] for number in erased))
    order_key = orders.sale_key(payment) if payment else "shop#1"
    credit_referral(order_key, following({bob.member_id}), NOW)
    assert (reasons(payment or "1"), kept()) == ((Reason.PAYER,), {})


def test_between_an_erasure_and_its_clean_up_nothing_turns_into_a_reward() -> None:
    ann, _, bob = of_one_device()
    rule()
    told(buyer={"unionid": "u-bob", "openid": "ann"})
    erase_member(ann.member_id, NOW)
    erase_member(bob.member_id, NOW)
    trigger(bob, "1")
    assert reasons() == (Reason.SAME_DEVICE, Reason.PAYER)


@pytest.mark.parametrize("again", [{"payment_id": "42"}, {"days_ago": 3}])
def test_told_again_it_is_refused_as_before(again: dict[str, Any]) -> None:
    """With its payment the credit goes over to the sale; paid earlier, to the rules before."""
    _, _, bob = of_one_device()
    rule()
    rule("w", 2)
    told()
    trigger(bob, "1")
    erase(bob)
    told(**again)
    for item in dump().values():
        if item["kind"]["S"] == "ORDER" and "member_id" in item:
            credit_referral(item["order_key"]["S"], following({bob.member_id}), NOW)
    assert kept() == {}
    assert {one.decision.reasons for one in credits_by_order().values() if one.version} >= {
        (Reason.SAME_DEVICE,)
    }


def test_an_honest_order_stays_so_beside_one_that_the_referrer_paid() -> None:
    ann = scan(receipt(1, JOINED.date()), "ann", now=JOINED)
    bob = scan(receipt(3, JOINED.date()), "bob", ann.referral_code, JOINED, "u-bob")
    rule()
    told(buyer={"unionid": "u-bob", "openid": "ann"})
    paid("2", 10_000, buyer={"openid": "bob"}, occurred_at=ago(1).isoformat())
    trigger(bob, "2")
    erase(bob)
    trigger(bob, "1", "2")
    assert (reasons("1"), reasons("2"), kept()) == ((Reason.PAYER,), (), {"2": 500})


def test_a_device_of_an_account_that_was_not_hers_after_all_is_none_of_hers() -> None:
    ann, other, bob = of_one_device()
    rule()
    told()
    trigger(bob, "1")
    erase(bob)
    undo_merge(other.member_id, "ops", "not the same", NOW)
    credit_again([ann.member_id, other.member_id], NOW)
    assert (reasons(), kept()) == ((), {"1": 500})
    merge_members(ann.member_id, other.member_id, "said", "op", NOW)
    credit_again([ann.member_id, other.member_id], NOW)
    assert (reasons(), kept()) == ((Reason.SAME_DEVICE,), {})


# Who came before and after


def crowd(count: int, step: timedelta, **place: Any) -> Iterator[tuple[SignedUp, datetime]]:
    """One friend of Ann's after another, each with an order of their own."""
    ann = scan(receipt(1, JOINED.date()), "ann", now=JOINED)
    for number in range(count):
        at = JOINED + number * step
        who = f"f{number}"
        friend = scan(receipt(10 + number, at.date()), who, ann.referral_code, at, **place)
        paid(who, 10_000, buyer={"openid": who}, occurred_at=at.isoformat())
        yield friend, at


PLACES = [
    ("address", HOME, Reason.ADDRESS),
    ("device", TABLET, Reason.DEVICE),
    ("address", HOME, Reason.NETWORK),
]
ERASED = ["nobody", "each at once", "all afterwards", "backwards", "before the first look"]


def limited(reason: Reason) -> Checks:
    limit: dict[str, Any] = {reason.value: 2}
    return replace(OPEN, **limit)


@pytest.mark.parametrize("erased", ERASED)
@pytest.mark.parametrize(("kind", "value", "reason"), PLACES)
def test_friends_from_one_place_count_whoever_of_them_is_erased_and_when(
    kind: str, value: str, reason: Reason, erased: str
) -> None:
    rule(checks=limited(reason))
    friends = []
    for friend, at in crowd(3, timedelta(hours=30), **{kind: value}):
        friends.append(friend)
        if erased != "before the first look":
            trigger(friend, f"f{len(friends) - 1}")
        if erased == "each at once":
            erase(friend, at=at + timedelta(minutes=30))
    if erased == "backwards":
        friends.reverse()
    if erased not in ("nobody", "each at once"):
        erase(*friends)
    if erased == "backwards":
        friends.reverse()
    for number, friend in enumerate(friends):
        trigger(friend, f"f{number}")
    found = {name: one.decision.reasons for name, one in credits_by_order().items()}
    assert found == {"f0": (), "f1": (), "f2": (reason,)}
    assert kept() == {"f0": 500, "f1": 500, "f2": 500}


@pytest.mark.parametrize(("kind", "value", "reason"), PLACES)
def test_who_comes_a_week_after_an_erased_friend_counts_alone(
    kind: str, value: str, reason: Reason
) -> None:
    rule(checks=limited(reason))
    for number, (friend, at) in enumerate(crowd(4, FAN_IN / 2, **{kind: value})):
        erase(friend, at=at + timedelta(minutes=1))
        trigger(friend, f"f{number}")
    assert {name for name, one in credits_by_order().items() if one.decision.reasons} == set()


def test_an_erased_friend_of_an_account_that_was_not_hers_counts_with_nobody() -> None:
    rule(checks=limited(Reason.ADDRESS))
    ann = scan(receipt(1, JOINED.date()), "ann", now=JOINED)
    other = scan(receipt(2, JOINED.date()), "ann-2", now=JOINED + SOON)
    merge_members(ann.member_id, other.member_id, "said", "op", JOINED)
    friends = []
    for number, referrer in enumerate((other, other, ann, ann)):
        at = JOINED + timedelta(hours=1 + number)
        token = receipt(10 + number, at.date())
        friends.append(scan(token, f"f{number}", referrer.referral_code, at, address=HOME))
    paid("1", 10_000, buyer={"openid": "f2"}, occurred_at=ago(1).isoformat())
    paid("2", 10_000, buyer={"openid": "f3"}, occurred_at=ago(1).isoformat())
    erase(friends[0], friends[3])
    trigger(friends[2], "1")
    trigger(friends[3], "2")
    assert (reasons("1"), reasons("2")) == ((Reason.ADDRESS,), (Reason.ADDRESS,))
    undo_merge(other.member_id, "ops", "not the same", NOW)
    credit_again([ann.member_id, other.member_id], NOW)
    assert (reasons("1"), reasons("2")) == ((), ())


def near() -> list[Any]:
    return [item for item in dump().values() if item["kind"]["S"] == "NEIGHBOUR"]


@pytest.mark.slow
@pytest.mark.parametrize("accident", DEATHS)
def test_killed_at_any_call_and_done_again_everybody_counts_once(accident: str) -> None:
    number, over = 0, False
    while not over:
        number += 1
        empty_table()
        rule(checks=limited(Reason.ADDRESS))
        (first, _), (second, at) = crowd(2, timedelta(hours=1), address=HOME, device=TABLET)
        with line(at_call(number, accident)) as calls, suppress(KilledError):
            erase(first, at=at)
        over = len(calls.calls) < number
        erase(first, at=at)
        found = bindings.of([first.member_id, second.member_id])
        assert found[first.member_id].kept.facts == frozenset()
        numbers = {(what, number) for what, _, number in found[second.member_id].kept.facts}
        assert numbers == {("before", "1")}
        assert {one["SK"]["S"].partition("#")[2] for one in near()} == {second.member_id}
    assert number > 20
