"""Moments in which the world moves between two reads of one decision; each was lost once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from siyu.domain.ledger import Balance
from siyu.domain.limits import DEVICE
from siyu.errors import AlreadyClaimedError, NotFoundError, TooManyRequestsError
from siyu.services import erase_member as erasing
from siyu.services.erase_member import erase_member, finish_erasure
from siyu.services.known_member import known
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.order_lookup import read_ahead
from siyu.services.record_order import record_order
from siyu.services.show_member import show_member
from siyu.storage import arrivals, merges, people
from tests.services.shop import (
    door,
    event,
    issue,
    paid,
    receipt,
    refunded,
    scan,
    send,
    settle,
)
from tests.support import NOW, at_once, dump

LATER = NOW + timedelta(seconds=1)


def two_merged() -> tuple[str, str]:
    """Ann, and Bob who is merged into her."""
    ann = scan(door(), "ann").member_id
    bob = scan(issue(1), "bob", now=LATER).member_id
    merge_members(ann, bob, "unionid", "proof", NOW)
    return ann, bob


def once_after(real: Callable[..., Any], work: Callable[[], object]) -> Callable[..., Any]:
    """`real`, and after its first call the world moves on."""
    done: list[bool] = []

    def moved(*given: Any) -> Any:
        found = real(*given)
        if not done:
            done.append(True)
            work()
        return found

    return moved


def test_an_undo_while_a_person_is_read_erases_nobody_else() -> None:
    ann, bob = two_merged()
    undo = once_after(people._account, lambda: undo_merge(bob, "lily", "wrong", NOW))
    with patch.object(people, "_account", undo):
        erase_member(bob, LATER)
    assert known(ann).member.erased_at is None
    with pytest.raises(NotFoundError):
        known(bob)


def test_an_undo_while_a_person_is_read_shows_nobody_else() -> None:
    _, bob = two_merged()
    undo = once_after(people._account, lambda: undo_merge(bob, "lily", "wrong", NOW))
    with patch.object(people, "_account", undo):
        assert known(bob).member.member_id == bob


def test_of_two_undos_at_once_one_is_told_that_there_is_nothing_to_undo() -> None:
    _, bob = two_merged()
    real = merges.standing

    def late(*given: str) -> Any:
        with patch.object(merges, "standing", real):
            undo_merge(bob, "joe", "the same", NOW)
        return real(*given)

    with patch.object(merges, "standing", late), pytest.raises(NotFoundError):
        undo_merge(bob, "lily", "wrong", NOW)


def test_a_burst_from_one_device_passes_by_no_more_than_its_limit() -> None:
    burst = 12
    barrier = threading.Barrier(burst)
    real = arrivals.look_up
    waited: set[int] = set()

    def together(ask: arrivals.Question) -> arrivals.Arrival:
        found = real(ask)
        if threading.get_ident() not in waited:
            waited.add(threading.get_ident())
            barrier.wait(20)
        return found

    with patch.object(arrivals, "look_up", together):
        outcomes = at_once(burst, lambda n: scan(receipt(n), f"s{n}", device="d-1"))
    refused = [one for one in outcomes if isinstance(one, TooManyRequestsError)]
    assert len(refused) == burst - DEVICE.count


def test_one_login_that_leads_to_two_accounts_claims_what_either_holds() -> None:
    ann = scan(door(), "ann").member_id
    scan(receipt(5), "bob", unionid="u")
    assert scan(receipt(5), "ann", unionid="u").claim == "pending"
    assert len(known(ann).accounts) == 2


def test_the_receipt_of_a_known_buyer_is_noted_once_however_many_try_it() -> None:
    paid("1", 10_000, buyer_id="bob", receipt_token=receipt(1))
    scan(receipt(1), "bob")
    settle()
    paid("2", 10_000, buyer_id="bob", receipt_token=receipt(2))
    for number in range(3):
        scan(door(), f"x{number}")
        with pytest.raises(AlreadyClaimedError):
            scan(receipt(2), f"x{number}")
    assert len(list(merges.open_reviews())) == 1


def bob_with_an_order() -> str:
    paid("1", 10_000, buyer_id="bob", receipt_token=receipt(1))
    member_id = scan(receipt(1), "bob").member_id
    settle()
    return member_id


def test_a_refund_of_an_unknown_sale_leaves_no_trace_of_an_erased_buyer() -> None:
    bob = bob_with_an_order()
    refunded("unseen", "r1", 500, buyer_id="bob")
    erase_member(bob, NOW)
    finish_erasure(bob, NOW)
    assert '"buyer_key": "' not in str(dump())


def test_a_void_order_that_is_paid_while_its_buyer_is_erased_is_a_strangers() -> None:
    bob = bob_with_an_order()
    send("order.cancelled", order_id="9")
    late = event("order.paid", order_id="9", paid_minor=500, buyer_id="bob")
    (ahead,) = read_ahead([late])
    erase_member(bob, NOW)
    finish_erasure(bob, NOW)
    record_order(late, ahead)
    orders = [item for item in dump().values() if item["kind"]["S"] == "ORDER"]
    assert [one for one in orders if "buyer_key" in one and "member_id" in one] == []


def test_an_erasure_larger_than_a_transaction_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "TRANSACTION_ACTIONS", 8)
    ann, bob = two_merged()
    erase_member(ann, LATER)
    for member_id in (ann, bob):
        with pytest.raises(NotFoundError):
            known(member_id)


def test_nobody_refers_themselves_once_two_accounts_are_one_person() -> None:
    """What was credited before is taken back; a later purchase earns nothing."""
    ann = scan(door(), "ann")
    scan(receipt(1), "bob", ann.referral_code, now=LATER)
    paid("1", 10_000, buyer_id="b", receipt_token=receipt(1))
    settle()
    assert show_member(ann.member_id).balance == Balance(pending_minor=500, earned_minor=500)
    merge_members(ann.member_id, scan(receipt(1), "bob").member_id, "unionid", "proof", NOW)
    paid("2", 100_000, buyer_id="b")
    settle()
    assert show_member(ann.member_id).balance == Balance(earned_minor=500, reversed_minor=500)
