"""Scenario 20: who refers themselves, or is referred by whom they referred, signs up like everybody
and earns nothing by it: no credit stands in the end, and the reason stands beside it.

Most of it shows only after the fact, when two accounts turn out to be one person's. So credits go
and come back with what is known, through the table's stream.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from siyu.domain.credits import Credit
from siyu.domain.ledger import Balance
from siyu.domain.members import Standing
from siyu.services import decide_review
from siyu.services.credit_referral import credit_referral, following
from siyu.services.known_member import known
from siyu.services.link_phone import link_phone
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.show_member import show_member
from siyu.settings import settings
from siyu.storage import bindings, credit_items, merges
from siyu.storage.orders import sale_key
from siyu.storage.transaction import Transaction
from siyu.wechat import tokens
from tests.acceptance.accidents import WRITE
from tests.acceptance.changes import Changes
from tests.acceptance.orders import paid, work
from tests.books import check_books
from tests.faults import line
from tests.functions.calls import ANN, BOB, body, call, join, load, with_fields
from tests.services.shop import door, receipt, scan
from tests.support import NOW, forget_login_codes

NUMBER = "+8613800138000"
BOUGHT = 10_000
EARNED = Balance(pending_minor=500, earned_minor=500)
TAKEN_BACK = Balance(earned_minor=500, reversed_minor=500)
BOBS = {"openid": "openid-bob"}


@pytest.fixture
def table() -> Changes:
    """Ann, and somebody she referred, whom the shop knows as its buyer "b", too."""
    tokens._cached.clear()
    changes = Changes()
    ann = join(ANN, receipt(901), "openid-ann")
    assert work(paid("d0", "0", 100, buyer_id="b", buyer=None, receipt_token=receipt(902))) == []
    bob = join(BOB, receipt(902), "openid-bob", ann.referral_code)
    assert (bob.referral, bob.coupon is not None) == ("bound", True)
    changes.follow()
    return changes


def buy(number: int = 1, **data: Any) -> None:
    assert work(paid(f"d{number}", str(number), BOUGHT, **data)) == []


def credit_of(number: int = 1) -> Credit:
    found = credit_items.find(f"shop#{number}")
    assert found is not None
    return found


def balance(member_id: str = ANN) -> Balance:
    """Of this account, by the person it belongs to."""
    assert check_books().keys() <= {ANN, BOB}
    return show_member(member_id).balance


def blocked(reason: str, number: int = 1) -> None:
    credit = credit_of(number)
    assert (credit.kept_minor, credit.decision.verdict) == (0, "block")
    assert reason in credit.decision.reasons


def link_anns_phone() -> str:
    """Over HTTP, as the mini-program does; what became of it."""
    forget_login_codes()
    event = with_fields(load("member_phone/link"), login_code="openid-ann.1")
    answer = call("member_phone", event)
    assert answer["statusCode"] == 200
    return str(body(answer)["status"])


def test_a_second_account_with_the_same_number_earned_until_that_was_known(table: Changes) -> None:
    link_phone(BOB, NUMBER, NOW)
    buy()
    table.follow()
    assert balance() == EARNED
    assert link_anns_phone() == "merged"
    table.follow()
    assert balance() == TAKEN_BACK
    blocked("self_referral")


def test_a_second_account_that_is_known_to_be_one_never_earns(table: Changes) -> None:
    link_phone(BOB, NUMBER, NOW)
    assert link_anns_phone() == "merged"
    buy()
    table.follow()
    assert balance() == Balance()
    blocked("self_referral")


def test_a_merge_that_was_a_mistake_gives_the_credit_back(table: Changes) -> None:
    link_phone(BOB, NUMBER, NOW)
    buy()
    assert link_anns_phone() == "merged"
    table.follow()
    blocked("self_referral")
    kept = balance()
    undo_merge(known(BOB).accounts[1].member.member_id, "operator", "sisters", NOW)
    table.follow()
    assert (balance().pending_minor, kept.pending_minor) == (500, 0)
    assert credit_of().due
    assert credit_of().decision.reasons == ()


@pytest.mark.parametrize("followed", [False, True])
def test_accounts_that_become_one_while_a_credit_is_decided(table: Changes, followed: bool) -> None:
    """Between reading and writing; what follows the merge may even be over by then."""
    buy()
    happened: list[str] = []

    def meanwhile(_number: int, operation: str) -> None:
        if operation == WRITE and not happened:
            happened.append(operation)
            merge_members(ANN, BOB, "unionid", "proof", NOW)
            if followed:
                table.follow()

    with line(meanwhile):
        # One more look after the posting sees the merge before the stream tells of it.
        assert credit_referral("shop#1", following({BOB}), NOW) == (0 if followed else 2)
    assert happened
    table.follow()
    assert balance() == (Balance() if followed else TAKEN_BACK)
    blocked("self_referral")


def test_a_number_that_proves_nothing_leaves_it_to_somebody_who_looks(
    table: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHONE_PROOF", "cached")
    settings.cache_clear()
    link_phone(BOB, NUMBER, NOW)
    buy()
    assert link_anns_phone() == "review"
    monkeypatch.undo()
    settings.cache_clear()
    table.follow()
    assert (credit_of().decision.reasons, credit_of().due) == (("same_phone",), False)
    (review,) = merges.open_reviews()
    decide_review.approve(review.review_id, "operator", NOW)
    table.follow()
    assert balance() == TAKEN_BACK
    blocked("self_referral")


def test_a_number_that_two_people_share_holds_a_credit_up_until_somebody_has_looked(
    table: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHONE_PROOF", "cached")
    settings.cache_clear()
    link_phone(BOB, NUMBER, NOW)
    assert link_anns_phone() == "review"
    monkeypatch.undo()
    settings.cache_clear()
    buy()
    table.follow()
    assert credit_of().in_review
    (review,) = merges.open_reviews()
    decide_review.reject(review.review_id, "operator", NOW)
    table.follow()
    assert (credit_of().verdict, credit_of().due) == ("approve", True)


def test_ones_own_code_brings_nobody() -> None:
    ann = join(ANN, receipt(901), "openid-ann")
    again = scan(receipt(902), "openid-ann", ann.referral_code)
    assert (again.member_id, again.referral) == (ANN, "already_a_member")
    assert bindings.of([ANN]) == {}


def test_a_login_that_shows_both_accounts_shows_the_self_referral(table: Changes) -> None:
    """Another app of the brand's: WeChat says that the two are one."""
    buy(buyer=BOBS)
    table.follow()
    scan(door(), "openid-ann", unionid="union-ann")
    scan(receipt(903), "openid-bob", unionid="union-ann")
    table.follow()
    assert known(BOB).member_ids == (ANN, BOB)
    assert balance() == TAKEN_BACK
    blocked("self_referral")


def test_an_order_that_the_referrer_paid_is_no_friends_order(table: Changes) -> None:
    """The shop knows the buyer by its own number, and WeChat says who paid."""
    buy(buyer_id="b", buyer=None)
    buy(2, buyer_id="b", buyer=None)
    table.follow()
    assert balance().pending_minor == 1_000
    assert work(paid("d3", "1", BOUGHT, buyer={"openid": "openid-ann"})) == []
    table.follow()
    assert show_member(BOB).figures.orders == 3
    assert balance().pending_minor == 500
    blocked("paid_by_referrer")
    assert credit_of(2).due


def test_a_payment_by_the_referrer_is_told_by_the_payment_provider(table: Changes) -> None:
    """Two sources tell of one sale; only one of them sees whose money it was."""
    sale = {"payment_id": "4200001", "buyer_id": "b"}
    assert work(paid("d1", "1", BOUGHT, buyer=None, **sale)) == []
    table.follow()
    assert balance().pending_minor == 500
    payer = {"openid": "openid-ann"}
    tells = {"source": "pay2", "payment_id": "4200001", "payment_only": True}
    assert work(paid("d2", "P1", BOUGHT, buyer=payer, **tells)) == []
    table.follow()
    assert balance() == TAKEN_BACK
    (credit,) = credit_items.of_referrer(ANN)
    assert (credit.order_key, credit.kept_minor) == (sale_key("4200001"), 0)
    assert credit.decision.reasons == ("paid_by_referrer",)


def test_the_same_device_at_the_door_is_bound_and_earns_nothing() -> None:
    changes = Changes()
    ann = join(ANN, receipt(901), "openid-ann", device="phone-of-ann")
    bob = join(BOB, receipt(902), "openid-bob", ann.referral_code, device="phone-of-ann")
    assert (bob.joined, bob.referral) == (True, "same_device")
    assert bindings.of([BOB])[BOB].refused == "same_device"
    buy(buyer=BOBS)
    changes.follow()
    assert balance() == Balance()
    blocked("same_device")


@pytest.mark.parametrize("who", [ANN, BOB])
def test_staff_neither_refer_nor_are_referred(table: Changes, who: str) -> None:
    buy(1, buyer=BOBS, occurred_at=(NOW - timedelta(hours=1)).isoformat())
    write = Transaction()
    bindings.put_standing(write, who, Standing(staff_since=NOW, version=1))
    write.commit()
    buy(2, buyer=BOBS)
    table.follow()
    # What was bought before counts.
    assert balance() == EARNED
    assert credit_of(1).due
    blocked("staff", 2)


def test_who_was_erased_and_comes_back_is_no_friend(table: Changes) -> None:
    forget_login_codes()
    changes = table
    event = load("member_privacy/erase")
    assert call("member_privacy", event)["statusCode"] < 300
    changes.follow()
    forget_login_codes()
    code = scan(receipt(905), "openid-cat").referral_code
    back = scan(receipt(904), "openid-ann", code)
    assert (back.joined, back.coupon, back.referral) == (True, None, "returning_customer")
    buy(4, buyer={"openid": "openid-ann"})
    changes.follow()
    assert check_books() == {}
    blocked("returning_customer", 4)
