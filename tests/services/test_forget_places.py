"""An erasure takes the places out of everything, and no number of friends at a place changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress

import pytest

from siyu.domain.doubts import Reason
from siyu.services.credit_referral import credit_referral, following
from siyu.services.erase_member import erase_member, finish_erasure
from siyu.services.forget_referral import keep_what_was_told
from siyu.services.sign_up import SignedUp
from siyu.storage import deliveries, erasures
from siyu.storage.order_items import put_order
from siyu.storage.orders import find
from siyu.storage.transaction import StaleReadError, Transaction
from tests.books import check_books
from tests.faults import DEATHS, KilledError, at_call, line
from tests.services.places import (
    FRIENDS,
    PHONE,
    PLACE,
    crowd,
    mark,
    numbers,
    order,
    reasons,
    settle,
    tell,
)
from tests.services.rules import trigger
from tests.services.shop import refunded
from tests.support import NOW, dump, empty_table

MARKS = (mark("上海市徐汇区淮海中路1000号5201"), mark("13800138000", "delivery_phone"))


def erase(member: SignedUp) -> None:
    erase_member(member.member_id, NOW)
    finish_erasure(member.member_id, NOW)


def holding(text: str) -> list[str]:
    """The kinds of items that hold one of the marks and a text."""
    items = (json.dumps(item) for item in dump().values())
    found = (item for item in items if text in item and any(one in item for one in MARKS))
    return sorted(json.loads(item)["kind"]["S"] for item in found)


def delivered() -> list[dict[str, dict[str, str]]]:
    return [item for item in dump().values() if item["kind"]["S"] == "DELIVERED"]


def three() -> dict[str, SignedUp]:
    """Three friends of two referrers had goods sent to one place, one after another."""
    people = crowd()
    for number, who in enumerate(FRIENDS):
        order(who, 9 - number, phone=PHONE)
        settle(people, who)
    return people


def again(people: dict[str, SignedUp], *friends: str) -> None:
    """Something is told of their orders, so they are decided about once more."""
    for who in friends:
        refunded(who, f"r-{who}", 100)
        settle(people, who)


def test_the_place_is_in_an_order_its_fact_and_what_lies_at_the_place_until_it_is_forgotten() -> (
    None
):
    people = three()
    assert holding("shop#bob") == ["DELIVERED", "DELIVERED", "FACT", "ORDER"]
    assert holding("delivered_to") == ["FACT"] * 3 + ["ORDER"] * 3
    erase(people["bob"])
    assert holding("delivered_to") == ["FACT"] * 2 + ["ORDER"] * 2
    for private in ("shop#bob", people["bob"].member_id):
        assert holding(private) == []


def test_what_is_left_at_the_place_is_that_somebody_had_goods_sent_there_on_a_day() -> None:
    people = three()
    erase(people["bob"])
    left = [item for item in delivered() if "gone" in item]
    assert len(left) == 2
    assert {item["PK"]["S"] for item in left} == {f"N#{one}" for one in MARKS}
    assert {item["paid_at"]["S"][11:19] for item in left} == {"16:00:00"}
    assert len({item["friend"]["S"] for item in left}) == 2
    assert {name for item in left for name in item} == {
        "PK", "SK", "kind", "friend", "paid_at", "gone",
    }  # fmt: skip


@pytest.mark.parametrize("erased", [("bob",), ("cat",), ("dan",), ("bob", "cat"), FRIENDS])
def test_no_number_changes_of_the_erased_or_of_others(erased: tuple[str, ...]) -> None:
    people = three()
    for who in erased:
        erase(people[who])
        again(people, *FRIENDS)
        people_are = numbers()
        refunded("dan", f"again-{who}", 50)
        settle(people, *FRIENDS)
        assert people_are == numbers() == {"bob": 1, "cat": 2, "dan": 3}
        assert reasons("dan") == (Reason.DELIVERY,)
    check_books()


@pytest.mark.parametrize("erased", FRIENDS)
def test_nor_where_nobody_looked_at_the_order_before_the_erasure(erased: str) -> None:
    people = crowd()
    for number, who in enumerate(FRIENDS):
        order(who, 9 - number)
    settle(people, *(who for who in FRIENDS if who != erased))
    erase(people[erased])
    settle(people, *FRIENDS)
    refunded("dan", "r", 100)
    settle(people, "dan")
    assert numbers() == {"bob": 1, "cat": 2, "dan": 3}
    assert reasons("dan") == (Reason.DELIVERY,)


def test_who_comes_to_the_place_afterwards_is_counted_with_who_is_gone() -> None:
    people = crowd()
    for number, who in enumerate(("bob", "cat")):
        order(who, 9 - number)
        order(who, 9 - number, name=f"{who}-2")
        settle(people, who)
        trigger(people[who], f"{who}-2")
        erase(people[who])
    order("dan", 1)
    settle(people, "dan")
    assert numbers()["dan"] == 3


def test_an_erased_referrer_changes_no_number_at_a_place() -> None:
    people = three()
    for who in ("ann", "eve"):
        erase(people[who])
    again(people, *FRIENDS)
    assert numbers() == {"bob": 1, "cat": 2, "dan": 3}


def test_what_is_told_of_an_erased_friends_order_brings_no_place_back() -> None:
    people = three()
    erase(people["bob"])
    order("bob", 9, phone=PHONE, address=f"{PLACE} ")
    order("bob", 9, name="bob", address="quite another place")
    standing = find(["shop#bob"])["shop#bob"].order
    assert standing.paid is not None
    assert standing.paid.delivered_to == ()
    settle(people, "bob")
    assert holding("shop#bob") == []


def killed(work: Callable[[], None], number: int, accident: str) -> bool:
    """Whether the work came so far; the faults are those of its calls of the table."""
    with line(at_call(number, accident)) as calls, suppress(KilledError):
        work()
    return len(calls.calls) >= number


@pytest.mark.slow
@pytest.mark.parametrize("accident", DEATHS)
def test_killed_at_any_call_and_done_again_no_number_changes(accident: str) -> None:
    number, reached = 0, True
    while reached:
        number += 3
        empty_table()
        people = three()
        reached = killed(lambda: erase(people["bob"]), number, accident)  # noqa: B023 - at once
        erase(people["bob"])
        again(people, *FRIENDS)
        assert numbers() == {"bob": 1, "cat": 2, "dan": 3}
        assert holding("shop#bob") == []
    assert number > 12


def test_of_a_sale_that_a_payment_links_no_order_keeps_the_place() -> None:
    people = crowd()
    order("cat", 9)
    settle(people, "cat")
    sale = {"payment_id": "42", "buyer": {"openid": "bob"}}
    tell("till", 1, payment_only=True, **sale)
    tell("s", 1, {"address": PLACE}, **sale)
    bob = people["bob"].member_id
    credit_referral("~sale#42", following({bob}), NOW)
    assert holding("shop#s") == ["DELIVERED", "FACT", "ORDER"]
    assert holding("~sale") == []
    erase(people["bob"])
    assert holding("shop#s") == []
    refunded("s", "r", 100)
    credit_referral("~sale#42", following({bob}), NOW)
    assert numbers() == {"cat": 1, "42": 2}


def test_who_read_the_order_before_it_was_forgotten_notes_nothing_afterwards() -> None:
    people = crowd()
    order("bob", 1)
    read_before = find(["shop#bob"])["shop#bob"].order
    erase(people["bob"])
    before = dump()
    with pytest.raises(StaleReadError):
        deliveries.note([read_before], people["bob"].member_id, read_before)
    assert dump() == before


def test_what_is_noted_while_an_order_is_forgotten_is_seen() -> None:
    people = crowd()
    order("bob", 1)
    standing = find(["shop#bob"])["shop#bob"].order
    write = Transaction()
    put_order(write, erasures.without_buyer(standing), 2)
    deliveries.forget(write, standing, "stranger")
    deliveries.note([standing], people["bob"].member_id, standing)
    with pytest.raises(StaleReadError):
        write.commit()


def test_cut_short_between_two_orders_the_friend_is_not_counted_with_themselves() -> None:
    people = crowd()
    for name in ("bob", "bob-2"):
        order("bob", 1, name=name)
        trigger(people["bob"], name)
    erase_member(people["bob"].member_id, NOW)
    erasure = erasures.find(people["bob"].member_id)
    assert erasure is not None
    keep_what_was_told(erasure, ["shop#bob", "shop#bob-2"])
    erasures.forget_buyer("shop#bob", "stranger")
    erase(people["bob"])
    refunded("bob-2", "r", 100)
    trigger(people["bob"], "bob-2")
    assert numbers() == {"bob": 1, "bob-2": 1}
