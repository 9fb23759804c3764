"""`siyu changes follow`: what was lost with a change of the stream is made up for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from infra.cli.changes import items_at
from siyu.services.erase_member import erase_member
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.referrer_standing import set_standing
from siyu.storage import credit_items
from tests.books import check_books
from tests.cli.terminal import Terminal
from tests.faults import line
from tests.services.shop import door, paid, receipt, scan
from tests.support import NOW, dump, kinds

# The command reads the clock, so what happened must lie before it.
assert datetime.now(UTC) > NOW


def friends() -> tuple[str, str]:
    """A referrer and the friend they brought."""
    ann = scan(door(), "openid-ann")
    return ann.member_id, scan(receipt(4), "openid-bob", ann.referral_code).member_id


def erasure_of(member_id: str) -> dict[str, Any]:
    (order,) = (item for item in items_at(f"M#{member_id}") if item["kind"]["S"] == "ERASURE")
    return order


def bought(openid: str = "openid-bob") -> None:
    paid("1", 10_000, buyer={"openid": openid, "app_id": "wxtest"})


def test_a_credit_that_was_never_posted_is_posted_once(siyu: Terminal) -> None:
    friends()
    bought()
    assert "ENTRY" not in kinds()
    code, out, err = siyu("changes follow O#shop#1")
    assert (code, out.splitlines()[-1], err) == (0, "failed: 0", "")
    assert kinds()["ENTRY"] == 1
    before = dump()
    assert siyu.json("changes follow O#shop#1")["failed"] == 0
    assert dump() == before


def test_an_erasure_that_stopped_half_way_is_finished(siyu: Terminal) -> None:
    _, bob = friends()
    bought()
    erase_member(bob, NOW)
    assert "done_at" not in erasure_of(bob)
    siyu.json(f"changes follow M#{bob}")
    assert "done_at" in erasure_of(bob)


def test_orders_that_wait_for_an_identity_find_their_member(siyu: Terminal) -> None:
    paid("2", 5_000, buyer={"openid": "openid-cat", "app_id": "wxtest"})
    cat = scan(door(), "openid-cat").member_id
    (identity,) = (pk for (pk, sk), item in dump().items() if item["kind"]["S"] == "IDENTITY")
    siyu.json(f"changes follow {identity}")
    assert dump()["O#shop#2", "ORDER"]["member_id"]["S"] == cat


def kept() -> int:
    """What the referrer keeps of order 1."""
    credit = credit_items.find("shop#1")
    assert credit is not None
    return credit.kept_minor


def test_a_merge_and_its_undoing_are_followed_by_both_accounts(siyu: Terminal) -> None:
    """Ann turns out to be somebody of the staff, who earn nothing, and then not to be."""
    ann, _ = friends()
    bought()
    siyu.json("changes follow O#shop#1")
    other = scan(receipt(5), "openid-dan", now=NOW + timedelta(seconds=1)).member_id
    set_standing(other, NOW - timedelta(days=1), staff=True)
    merge_members(ann, other, "console", "operator", NOW)
    siyu.json(f"changes follow M#{ann} M#{other}")
    assert kept() == 0
    undo_merge(other, "operator", "a mistake", NOW)
    siyu.json(f"changes follow M#{ann} M#{other}")
    assert kept() == 500
    check_books()


def test_an_order_that_is_not_the_friends_after_all_takes_the_credit_back(siyu: Terminal) -> None:
    """Bob holds the paper; then the shop names the buyer, whom nobody referred."""
    friends()
    scan(receipt(5), "openid-cat")
    paid("1", 10_000, receipt_token=receipt(4))
    siyu.json("changes follow O#shop#1")
    assert kept() == 500
    bought("openid-cat")
    siyu.json("changes follow O#shop#1")
    assert kept() == 0
    check_books()


def test_what_fails_is_named_with_its_reason_and_may_be_tried_again(siyu: Terminal) -> None:
    friends()
    bought()
    with line(lambda _, operation: "conflict" if operation[0] == "T" else None):
        code, out, err = siyu("changes follow O#shop#1")
    assert (code, "failed: 1" in out) == (1, True)
    assert "O#shop#1 ORDER: failed" in err
    assert siyu("changes follow O#shop#1")[0] == 0
    assert kinds()["ENTRY"] == 1


def test_a_key_without_items_is_told(siyu: Terminal) -> None:
    code, _, err = siyu("changes follow O#shop#none")
    assert (code, err) == (1, "siyu: O#shop#none: no item has this key\n")
