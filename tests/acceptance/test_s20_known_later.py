"""Scenario 20, known later: a referrer turns out to be one with somebody whose money, or whose job,
makes what their friends bought no friends' purchases. Credits go, and come back with a mistake."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from siyu.domain.ledger import Balance
from siyu.domain.members import Standing
from siyu.services.known_member import known
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.show_member import show_member
from siyu.storage import bindings, credit_items
from siyu.storage.transaction import Transaction
from tests.acceptance.changes import Changes
from tests.acceptance.orders import paid, work
from tests.books import check_books
from tests.functions.calls import ANN, BOB, CAT, join
from tests.services.shop import receipt
from tests.support import NOW

BOUGHT = 10_000


def cat_is_staff() -> None:
    write = Transaction()
    since = NOW - timedelta(days=1)
    bindings.put_standing(write, CAT, Standing(staff_since=since, version=1))
    write.commit()


def cat_paid_for_bob() -> None:
    assert work(paid("d2", "1", BOUGHT, buyer={"openid": "openid-cat"})) == []


@pytest.mark.parametrize(
    ("known_of_cat", "reason"),
    [(cat_is_staff, "staff"), (cat_paid_for_bob, "paid_by_referrer")],
    ids=["staff", "payer"],
)
def test_what_is_known_of_an_account_counts_for_the_referrer_it_belongs_to(
    known_of_cat: Callable[[], None], reason: str
) -> None:
    changes = Changes()
    ann = join(ANN, receipt(901), "openid-ann")
    assert work(paid("d0", "0", 100, buyer_id="b", buyer=None, receipt_token=receipt(902))) == []
    join(BOB, receipt(902), "openid-bob", ann.referral_code)
    join(CAT, receipt(903), "openid-cat")
    assert work(paid("d1", "1", BOUGHT, buyer_id="b", buyer=None)) == []
    known_of_cat()
    changes.follow()
    assert show_member(ANN).balance == Balance(pending_minor=500, earned_minor=500)
    merge_members(ANN, CAT, "unionid", "proof", NOW)
    changes.follow()
    credit = credit_items.find("shop#1")
    assert credit is not None
    assert (credit.kept_minor, credit.decision.reasons) == (0, (reason,))
    undo_merge(known(CAT).accounts[1].member.member_id, "operator", "a mistake", NOW)
    changes.follow()
    assert show_member(ANN).balance.pending_minor == 500
    check_books()
