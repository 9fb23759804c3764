"""Two accounts of one person: merged they are one everywhere, and undone nothing ever happened."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.errors import NotFoundError
from siyu.services import join_member
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.segment_members import segment_members
from siyu.services.show_member import show_member
from siyu.storage import people
from tests import support
from tests.faults import ACCIDENTS, KilledError, at_call, line
from tests.services.shop import TODAY, paid, receipt, refunded, scan, settle
from tests.support import NOW, at_once, dump, kinds
from tests.written import unversioned

Item = dict[str, Any]
SHOPPERS = ("ann", "bob", "cat", "dan")


def merge(one: str, other: str) -> None:
    merge_members(one, other, "unionid", "proof", NOW)


def undo(absorbed: str) -> str:
    return undo_merge(absorbed, "operator", "two people after all", NOW)


def with_orders(name: str, number: int, amount: int) -> str:
    """A member with an order of `amount`; the shop knows them under their name."""
    paid(f"first-{name}", amount, buyer_id=name, receipt_token=receipt(number))
    member_id = scan(receipt(number), name, now=NOW + timedelta(seconds=number)).member_id
    settle()
    return member_id


def state() -> dict[tuple[str, str], Item]:
    """All items but the audit trail. A version is a lock, it only ever grows."""
    return {
        key: {name: plain(value) for name, value in unversioned(item).items()}
        for key, item in dump().items()
        if item["kind"]["S"] != "MERGE"
    }


def plain(value: dict[str, Any]) -> Any:
    return sorted(value["SS"]) if "SS" in value else value


def test_a_merged_person_has_the_figures_coupons_and_joining_day_of_both() -> None:
    ann, bob = with_orders("ann", 1, 5_000), with_orders("bob", 2, 7_000)
    merge(bob, ann)
    for member_id in (ann, bob):
        shown = show_member(member_id)
        assert shown.person.member.member_id == ann
        assert (shown.figures.orders, shown.figures.net_minor) == (2, 12_000)
        assert len(shown.person.coupons) == 2
    assert segment_members(TODAY)[0].members == 1


def test_what_comes_by_either_account_counts_for_the_person() -> None:
    ann, bob = with_orders("ann", 1, 5_000), with_orders("bob", 2, 7_000)
    merge(ann, bob)
    paid("3", 1_000, buyer_id="bob")
    refunded("first-bob", "r1", 2_000)
    scan(receipt(9), "bob")
    paid("4", 500, receipt_token=receipt(9))
    settle()
    assert show_member(ann).figures.net_minor == 11_500
    undo(bob)
    assert show_member(ann).figures.net_minor == 5_000
    assert show_member(bob).figures.net_minor == 6_500
    assert segment_members(TODAY)[0].members == 2


def test_a_persons_receipt_may_be_scanned_with_either_account() -> None:
    ann, bob = with_orders("ann", 1, 5_000), with_orders("bob", 2, 7_000)
    merge(ann, bob)
    assert scan(receipt(1), "bob").claim == "claimed"
    assert scan(receipt(2), "ann").claim == "claimed"


def test_one_login_with_two_identities_of_two_accounts_merges_them() -> None:
    ann = scan(receipt(1), "ann", unionid="u").member_id
    bob = scan(receipt(2), "bob").member_id
    scan(receipt(3), "bob", unionid="u")
    assert people.load(bob) == people.load(ann)
    assert kinds()["MERGE"] == 1


def test_a_shopper_of_another_app_is_the_member_their_unionid_names() -> None:
    ann = scan(receipt(1), "ann", unionid="u")
    again = scan(receipt(2), "ann-in-another-app", unionid="u")
    assert (again.member_id, again.joined) == (ann.member_id, False)
    assert kinds()["PROFILE"] == 1
    assert scan(receipt(3), "ann-in-another-app").member_id == ann.member_id


def test_merging_again_and_undoing_twice_change_nothing() -> None:
    ann, bob = with_orders("ann", 1, 5_000), with_orders("bob", 2, 7_000)
    merge(ann, bob)
    before = state()
    assert merge_members(bob, ann, "phone", "proof", NOW) is None
    assert state() == before
    assert undo(bob) == ann
    with pytest.raises(NotFoundError):
        undo(bob)
    merge(ann, bob)
    assert state() == before
    assert kinds()["MERGE"] == 2


def test_nobody_is_merged_with_who_is_not_there() -> None:
    ann = with_orders("ann", 1, 5_000)
    with pytest.raises(NotFoundError):
        merge(ann, "0" * 13)
    with pytest.raises(NotFoundError):
        undo(ann)


def test_many_merges_at_once_make_one_person() -> None:
    ids = [with_orders(name, number, 1_000) for number, name in enumerate(SHOPPERS, 1)]
    pairs = [(one, other) for one in ids for other in ids if one != other]
    outcomes = at_once(len(pairs), lambda number: merge(*pairs[number]))
    assert [one for one in outcomes if one is not None] == []
    shown = show_member(ids[-1])
    assert sorted(shown.person.member_ids) == sorted(ids)
    assert (shown.figures.orders, shown.figures.net_minor) == (4, 4_000)


def test_orders_that_arrive_while_accounts_are_merged_and_undone_are_counted_once() -> None:
    ann, bob = with_orders("ann", 1, 5_000), with_orders("bob", 2, 7_000)

    def work(number: int) -> None:
        if number == 0:
            for _ in range(3):
                merge(ann, bob)
                undo(bob)
        else:
            paid(f"n{number}", 100, buyer_id="bob" if number % 2 else "ann")

    outcomes = at_once(9, work)
    assert [one for one in outcomes if one is not None and isinstance(one, Exception)] == []
    assert show_member(ann).figures.net_minor == 5_400
    assert show_member(bob).figures.net_minor == 7_400


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_a_merge_or_undo_cut_off_anywhere_ends_the_same_when_it_is_done_again(
    accident: str,
) -> None:
    ann, bob = with_orders("ann", 1, 5_000), with_orders("bob", 2, 7_000)

    def until_done(work: Callable[[], Any]) -> None:
        for call in range(1, 12):
            try:
                with line(at_call(call, accident)) as cut:
                    work()
            except (KilledError, NotFoundError):
                continue
            if len(cut.calls) < call:
                return

    apart = state()
    until_done(lambda: merge(ann, bob))
    assert show_member(bob).figures.net_minor == 12_000
    until_done(lambda: undo(bob))
    assert state() == apart


class Dice:
    """The same ids and coupon codes in every run of a history."""

    def __init__(self) -> None:
        self._random = random.Random(1)

    def randbits(self, bits: int) -> int:
        return self._random.getrandbits(bits)


Step = tuple[str, int, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(["join", "paid", "refund", "alone", "scan", "link"]),
        st.integers(0, len(SHOPPERS) - 1),
        st.integers(1, 6),
    ),
    max_size=12,
)


def play(history: list[Step], seen: list[str]) -> None:
    for kind, who, number in history:
        name = SHOPPERS[who]
        seen.append(kind)
        event = f"d{len(seen)}"
        match kind:
            case "join":
                scan(receipt(who), name, unionid=f"u-{name}" if number % 2 else None)
            case "paid":
                token = receipt(who)
                paid(f"{name}{number}", 1_000 * number, event, buyer_id=name, receipt_token=token)
            case "refund":
                refunded(f"{name}{number}", f"r{event}", 100 * number, event)
            case "alone":
                refunded(None, f"alone{event}", 50, event, buyer_id=name)
            case "scan":
                scan(receipt(who), name)
            case "link":
                scan(receipt(10 + who), name, unionid=f"u-{name}")


@pytest.mark.slow
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps, steps, st.permutations(range(len(SHOPPERS))), st.integers(1, 3), st.randoms())
def test_whatever_happens_before_and_in_between_undoing_leaves_as_if_never_merged(
    before: list[Step],
    between: list[Step],
    order: list[int],
    merges: int,
    chance: random.Random,
) -> None:
    """The same history twice, once with merges that are all undone in any order."""

    def run(*, merged: bool) -> dict[tuple[str, str], Item]:
        support.empty_table()
        seen: list[str] = []
        with patch.object(join_member, "randomness", Dice()):
            ids = [scan(receipt(20 + who), name).member_id for who, name in enumerate(SHOPPERS)]
            play(before, seen)
            settle()
            if merged:
                for one, other in list(pairwise(order))[:merges]:
                    merge(ids[one], ids[other])
            play(between, seen)
            settle()
            if merged:
                absorbed = [one for one in ids if is_absorbed(one)]
                chance.shuffle(absorbed)
                assert len(absorbed) == merges
                for below in absorbed:
                    undo(below)
        return state()

    assert run(merged=True) == run(merged=False)


def is_absorbed(member_id: str) -> bool:
    person = people.load(member_id)
    assert person is not None
    return person.member.member_id != member_id
