"""Friends whose goods all go to one place: somebody looks first, whoever brought them."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from itertools import permutations
from typing import Any

import pytest

from siyu.domain.doubts import Reason
from siyu.domain.vetting import Verdict
from siyu.services.credit_referral import credit_referral, following
from siyu.services.merge_members import merge_members
from siyu.storage.orders import find
from tests.books import check_books
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
from tests.services.rules import OPEN, buy, credits_by_order, kept, trigger
from tests.services.what_if import plain, told, what_if
from tests.support import NOW, dump, empty_table, kinds


def test_the_third_friend_of_two_referrers_at_one_address_is_looked_at() -> None:
    people = crowd()
    for number, who in enumerate(FRIENDS):
        order(who, 9 - number)
        settle(people, who)
    assert numbers() == {"bob": 1, "cat": 2, "dan": 3}
    assert {who: reasons(who) for who in FRIENDS} == {
        "bob": (),
        "cat": (),
        "dan": (Reason.DELIVERY,),
    }
    assert credits_by_order()["dan"].verdict is Verdict.REVIEW
    check_books()


def test_nobody_looks_where_the_check_is_off() -> None:
    people = crowd(None)
    for who in FRIENDS:
        order(who)
    settle(people, *FRIENDS)
    assert set(kept()) == set(FRIENDS)
    assert numbers()["dan"] == 3


def test_as_it_is_typed_makes_no_difference_and_a_receiver_is_a_place_too() -> None:
    people = crowd()
    order("bob", 9, "上海市徐汇区, 淮海中路１０００号５－２０１")
    order("cat", 8, PLACE, phone=PHONE)
    order("dan", 7, "another street 1", phone="13800138000")
    settle(people, *FRIENDS)
    assert numbers() == {"bob": 1, "cat": 2, "dan": 2}


@pytest.mark.parametrize(("days", "counted"), [(29.9, 2), (30, 1)])
def test_orders_count_together_for_30_days(days: float, counted: int) -> None:
    people = crowd()
    order("bob", days + 1)
    order("cat", 1)
    settle(people, "bob", "cat")
    assert numbers() == {"bob": 1, "cat": counted}


def test_in_whatever_order_they_are_told_the_last_to_be_paid_is_looked_at() -> None:
    """Each is decided once more when something is told of it."""
    for told_in in permutations(FRIENDS):
        empty_table()
        people = crowd()
        for who in told_in:
            order(who, 9 - FRIENDS.index(who))
            settle(people, who)
        settle(people, *FRIENDS)
        assert numbers() == {"bob": 1, "cat": 2, "dan": 3}
        assert [who for who in FRIENDS if reasons(who)] == ["dan"]


def test_a_friend_counts_once_however_much_they_buy_by_whatever_account() -> None:
    people = crowd()
    merge_members(people["bob"].member_id, people["dan"].member_id, "unionid", "proof", NOW)
    for number, (name, who) in enumerate([("1", "bob"), ("2", "bob"), ("3", "dan")]):
        order(who, 9 - number, name=name)
        trigger(people[who], name)
    assert numbers() == {"1": 1, "2": 1, "3": 1}


def test_what_is_told_later_counts_and_both_addresses_of_a_changed_one() -> None:
    people = crowd()
    for days, who in ((9, "bob"), (8, "cat")):
        buy(who, 10_000, days, who)
        settle(people, who)
    order("bob", 9, "an old address 7")
    order("bob", 9)
    order("cat", 8)
    settle(people, "bob", "cat")
    assert numbers() == {"bob": 1, "cat": 2}
    assert kinds()["DELIVERED"] == 3


@pytest.mark.parametrize("first", ["shop", "pay"])
def test_of_a_sale_of_two_sources_counts_where_the_one_that_knows_says(first: str) -> None:
    people = crowd()
    order("bob", 9)
    sale: dict[str, Any] = {"payment_id": "42", "buyer": {"openid": "cat"}}
    shop = partial(tell, "s", 1, {"address": PLACE}, **sale)
    pay = partial(tell, "p", 1, payment_only=True, **sale)
    for one in (shop, pay) if first == "shop" else (pay, shop):
        one()
    settle(people, "bob")
    trigger(people["cat"], "s")

    credit_referral("~sale#42", following({people["cat"].member_id}), NOW)
    assert numbers()["42"] == 2


def test_orders_of_whom_nobody_brought_count_nowhere_and_leave_nothing() -> None:
    people = crowd()
    order("ann", 9)
    order("bob", 8)
    trigger(people["ann"], "ann")
    settle(people, "bob")
    assert (numbers(), kinds()["DELIVERED"]) == ({"bob": 1}, 1)


@pytest.mark.parametrize("hidden", ["上海市徐汇区 ****", "- - - - -"])
def test_what_names_no_place_counts_nowhere(hidden: str) -> None:
    people = crowd()
    for who in FRIENDS:
        order(who, 1, hidden)
    settle(people, *FRIENDS)
    assert (set(numbers().values()), "DELIVERED" in kinds()) == ({1}, False)


def test_nothing_is_stored_in_clear_and_the_two_marks_differ() -> None:
    people = crowd()
    order("bob", 1, PLACE, phone=PHONE)
    order("cat", 1, "13800138000", phone=PHONE)
    settle(people, "bob", "cat")
    stored = json.dumps(list(dump().values()), ensure_ascii=False)
    assert not [one for one in ("淮海中路", "5201", "13800138000") if one in stored]
    bob, cat = (find([f"shop#{who}"])[f"shop#{who}"].order.paid for who in ("bob", "cat"))
    assert bob is not None
    assert cat is not None
    same = {mark("13800138000", "delivery_phone")}
    assert set(bob.delivered_to) & set(cat.delivered_to) == same
    assert len(cat.delivered_to) == 2


def test_an_order_told_with_and_without_its_address_is_one_and_no_contradiction() -> None:
    crowd()
    tellings: list[dict[str, str] | None] = [None, {"address": PLACE}, {"phone": PHONE}, {}]
    found = set()
    for some in permutations(tellings):
        for one in some:
            tell("1", 1, one, buyer={"openid": "bob"})
        standing = find(["shop#1"])["shop#1"].order.paid
        assert standing is not None
        found.add((standing.delivered_to, standing.amount_minor))
    assert len(found) == 1


def test_other_rules_would_have_looked_at_others() -> None:
    people = crowd(None)
    for number, who in enumerate(FRIENDS):
        order(who, 9 - number)
        settle(people, who)

    one = what_if(plain(checks=replace(OPEN, friends_per_delivery=1)))
    doubted = {
        credit.order_key.partition("#")[2]
        for credit in one.simulated.credits
        if credit.verdict is Verdict.REVIEW
    }
    assert doubted == {"cat", "dan"}
    assert set(told(one.actual)) == set(FRIENDS)
