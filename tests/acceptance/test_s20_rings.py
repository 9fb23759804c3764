"""Scenario 20, the ring: A brought B, who brought C, who turns out to be A. Nobody in it earns
anything, whichever of the merges shows it; who hangs on it is as honest as before."""

from __future__ import annotations

from itertools import permutations

import pytest

from siyu.services.known_member import known
from siyu.services.merge_members import merge_members, undo_merge
from siyu.storage import credit_items
from tests.acceptance.changes import Changes
from tests.acceptance.orders import paid, work
from tests.books import check_books
from tests.services.shop import door, receipt, scan
from tests.support import NOW


def buy(number: int, openid: str) -> None:
    assert work(paid(f"d{number}", str(number), buyer={"openid": openid})) == []


def ring(size: int) -> tuple[list[tuple[str, str]], list[str]]:
    """So many people with two accounts each: the first account of each brings the second one of the
    next. Returns the pairs of accounts, and the numbers of the orders of the second ones."""
    firsts = [scan(receipt(number), f"openid-{number}") for number in range(size)]
    pairs: list[tuple[str, str]] = []
    for number, first in enumerate(firsts):
        bringer = firsts[number - 1]
        name = f"openid-{number}-again"
        second = scan(receipt(100 + number), name, bringer.referral_code)
        pairs.append((first.member_id, second.member_id))
        buy(number, name)
    return pairs, [f"shop#{number}" for number in range(size)]


def credits_of(orders: list[str]) -> list[tuple[int, tuple[str, ...]]]:
    found = (credit_items.find(order) for order in orders)
    return [(one.kept_minor, one.decision.reasons) for one in found if one is not None]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_ring_of_three_earns_nothing_whatever_closes_it(order: tuple[int, ...]) -> None:
    changes = Changes()
    pairs, orders = ring(3)
    changes.follow()
    assert credits_of(orders) == [(500, ())] * 3
    for number in order[:-1]:
        merge_members(*pairs[number], "unionid", "proof", NOW)
        changes.follow()
        assert credits_of(orders) == [(500, ())] * 3
    merge_members(*pairs[order[-1]], "unionid", "proof", NOW)
    changes.follow()
    assert credits_of(orders) == [(0, ("ring",))] * 3
    check_books()


@pytest.mark.parametrize("size", [2, 5])
def test_a_ring_of_any_size_earns_nothing_until_it_is_no_ring(size: int) -> None:
    """All merges may come before the stream tells of the first of them."""
    changes = Changes()
    pairs, orders = ring(size)
    for pair in pairs:
        merge_members(*pair, "unionid", "proof", NOW)
    changes.follow()
    assert credits_of(orders) == [(0, ("ring",))] * size
    undo_merge(known(pairs[0][1]).accounts[1].member.member_id, "operator", "a mistake", NOW)
    changes.follow()
    assert credits_of(orders) == [(500, ())] * size
    check_books()


def test_who_hangs_on_a_ring_is_honest() -> None:
    changes = Changes()
    pairs, orders = ring(2)
    door_code = door()
    friend = scan(door_code, "openid-dan", scan(door_code, "openid-1").referral_code)
    assert friend.referral == "bound"
    buy(7, "openid-dan")
    for pair in pairs:
        merge_members(*pair, "unionid", "proof", NOW)
    changes.follow()
    assert credits_of([*orders, "shop#7"]) == [(0, ("ring",)), (0, ("ring",)), (500, ())]
