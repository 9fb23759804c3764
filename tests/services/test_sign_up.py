"""A scan makes a member once, claims a receipt once, and ends the same whatever came first."""

from collections import Counter
from datetime import timedelta

import pytest

from siyu.domain.calendar import business_date
from siyu.domain.limits import SHOPPER
from siyu.domain.receipts import PENDING
from siyu.errors import AlreadyClaimedError, CodeNotValidError
from siyu.services.codes import referral_token
from siyu.services.show_member import show_member
from siyu.services.sign_up import SignedUp
from siyu.storage import bindings, merges
from tests.services.shop import door, paid, receipt, refunded, scan, settle
from tests.support import NOW, at_once, kinds


def test_a_first_scan_brings_member_coupon_and_pending_claim() -> None:
    outcome = scan(receipt(1), "ann")
    assert (outcome.joined, outcome.claim) == (True, "pending")
    assert outcome.coupon is not None
    made = {"PROFILE": 1, "IDENTITY": 1, "COUPON": 1, "AGGREGATE": 1, "RECEIPT": 1, "WINDOW": 2}
    assert kinds() == made


def test_the_same_scan_again_gives_the_same_member_and_nothing_new() -> None:
    first = scan(receipt(1), "ann")
    before = kinds()
    again = scan(receipt(1), "ann")
    assert (again.member_id, again.joined, again.coupon) == (first.member_id, False, None)
    assert kinds() == before


def test_a_store_code_signs_up_and_claims_nothing() -> None:
    assert scan(door(), "ann").claim == "none"
    assert scan(door(), "bob").joined


def test_a_receipt_belongs_to_who_scanned_it_first() -> None:
    scan(receipt(1), "ann")
    with pytest.raises(AlreadyClaimedError):
        scan(receipt(1), "bob")
    assert kinds()["PROFILE"] == 1


@pytest.mark.parametrize("token", ["", "x", "0" * 30, receipt(1)[:-1] + "!", receipt(1)[::-1]])
def test_a_token_we_did_not_sign_is_refused_before_anyone_logs_in(token: str) -> None:
    with pytest.raises(CodeNotValidError):
        scan(token, "ann")
    assert kinds() == {}


def test_the_order_may_come_before_or_after_the_scan() -> None:
    paid("1", 5_000, buyer_id="b", receipt_token=receipt(1))
    early = scan(receipt(1), "ann")
    late = scan(receipt(2), "bob")
    paid("2", 7_000, buyer_id="c", receipt_token=receipt(2))
    settle()
    assert (early.claim, late.claim) == ("claimed", "pending")
    assert show_member(early.member_id).figures.net_minor == 5_000
    assert show_member(late.member_id).figures.net_minor == 7_000


def test_an_anonymous_order_is_claimed_by_its_receipt_alone() -> None:
    paid("1", 5_000, receipt_token=receipt(1))
    early = scan(receipt(1), "ann")
    late = scan(receipt(2), "bob")
    paid("2", 7_000, receipt_token=receipt(2))
    settle()
    assert show_member(early.member_id).figures.net_minor == 5_000
    assert show_member(late.member_id).figures.net_minor == 7_000


def test_earlier_orders_and_refunds_of_the_buyer_come_along() -> None:
    paid("1", 5_000, buyer_id="b")
    paid("2", 3_000, buyer_id="b")
    refunded("2", "r1", 3_000)
    refunded(None, "r2", 400, buyer_id="b")
    paid("3", 1_000, buyer_id="b", receipt_token=receipt(3))
    member_id = scan(receipt(3), "ann").member_id
    settle()
    figures = show_member(member_id).figures
    assert (figures.orders, figures.net_minor) == (2, 5_600)
    assert "WAITING" not in kinds()


def test_the_receipt_of_somebody_elses_purchase_is_refused() -> None:
    paid("1", 5_000, buyer_id="b", receipt_token=receipt(1))
    paid("2", 6_000, buyer_id="b", receipt_token=receipt(2))
    ann = scan(receipt(1), "ann")
    with pytest.raises(AlreadyClaimedError):
        scan(receipt(2), "bob")
    assert scan(receipt(2), "ann").member_id == ann.member_id
    settle()
    assert show_member(ann.member_id).figures.net_minor == 11_000


def test_a_paper_scanned_before_its_order_is_its_buyers_once_that_comes() -> None:
    paid("1", 5_000, buyer_id="b", receipt_token=receipt(1))
    ann = scan(receipt(1), "ann")
    scan(receipt(2), "bob")
    paid("2", 6_000, buyer_id="b", receipt_token=receipt(2))
    with pytest.raises(AlreadyClaimedError):
        scan(receipt(2), "bob")
    again = scan(receipt(2), "ann")
    assert (again.member_id, again.claim) == (ann.member_id, "claimed")


def test_a_claim_lapses_when_its_order_does_not_come_within_three_days() -> None:
    scan(receipt(1), "ann", now=NOW)
    with pytest.raises(AlreadyClaimedError):
        scan(receipt(1), "bob", now=NOW + PENDING)
    bob = scan(receipt(1), "bob", now=NOW + PENDING + timedelta(seconds=1))
    assert bob.claim == "pending"
    with pytest.raises(AlreadyClaimedError):
        scan(receipt(1), "ann", now=NOW + PENDING + timedelta(seconds=2))


def test_an_order_that_comes_after_the_claim_lapsed_is_nobodys_until_it_is_scanned_again() -> None:
    paper = receipt(1, business_date(NOW - PENDING))
    ann = scan(paper, "ann", now=NOW - PENDING - timedelta(seconds=1))
    paid("1", 5_000, receipt_token=paper)
    settle()
    assert show_member(ann.member_id).figures.net_minor == 0
    assert scan(paper, "ann").claim == "claimed"
    settle()
    assert show_member(ann.member_id).figures.net_minor == 5_000


def test_the_purchase_of_another_account_is_noted_as_a_match_without_proof() -> None:
    paid("1", 5_000, buyer_id="b", receipt_token=receipt(1))
    paid("2", 6_000, buyer_id="b", receipt_token=receipt(2))
    ann, bob = scan(receipt(1), "ann"), scan(receipt(3), "bob")
    for _ in range(2):
        with pytest.raises(AlreadyClaimedError):
            scan(receipt(2), "bob")
    (review,) = merges.open_reviews()
    assert {review.member_id, review.other_id} == {ann.member_id, bob.member_id}
    assert review.evidence == "receipt"


def test_a_receipt_says_when_it_was_printed_and_is_good_for_sixty_days() -> None:
    today = business_date(NOW)
    for day in (today + timedelta(days=1), today, today - timedelta(days=60)):
        assert scan(receipt(1, day), "ann").claim == "pending"
    for day in (today + timedelta(days=2), today - timedelta(days=61)):
        with pytest.raises(CodeNotValidError):
            scan(receipt(1, day), "ann")


def test_the_platforms_buyer_outweighs_a_paper_found_on_the_floor() -> None:
    paid("1", 5_000, buyer_id="b", receipt_token=receipt(1))
    ann = scan(receipt(1), "ann")
    bob = scan(receipt(2), "bob")
    paid("2", 6_000, buyer_id="b", receipt_token=receipt(2))
    settle()
    assert show_member(ann.member_id).figures.net_minor == 11_000
    assert show_member(bob.member_id).figures.net_minor == 0


def test_a_referral_binds_a_new_member_only() -> None:
    ann = scan(receipt(1), "ann")
    bob = scan(receipt(2), "bob", ann.referral_code)
    assert bob.referral == "bound"
    assert bindings.of({bob.member_id})[bob.member_id].referrer_id == ann.member_id
    assert scan(receipt(3), "ann", bob.referral_code).referral == "already_a_member"
    assert bindings.of({ann.member_id}) == {}


def test_a_referral_code_that_does_not_hold_never_stops_a_signup() -> None:
    assert scan(receipt(1), "ann", "nonsense").referral == "code_not_valid"
    assert scan(receipt(2), "bob", receipt(9)).referral == "code_not_valid"


def test_a_code_of_a_member_who_is_no_more_binds_nobody() -> None:
    outcome = scan(receipt(1), "ann", referral_token("0" * 13))
    assert (outcome.joined, outcome.referral) == (True, "code_not_valid")


def test_fifty_at_once_claim_a_receipt_once() -> None:
    paid("1", 5_000, buyer_id="b", receipt_token=receipt(1))
    outcomes = at_once(50, lambda number: scan(receipt(1), f"shopper{number}"))
    counted = Counter(type(outcome) for outcome in outcomes)
    assert counted == {SignedUp: 1, AlreadyClaimedError: 49}
    assert (kinds()["PROFILE"], kinds()["COUPON"]) == (1, 1)


def test_one_shopper_scanning_many_times_at_once_is_one_member_with_one_coupon() -> None:
    outcomes = at_once(SHOPPER.count, lambda number: scan(receipt(number), "ann"))
    found = [outcome for outcome in outcomes if isinstance(outcome, SignedUp)]
    assert len(found) == SHOPPER.count
    assert len({outcome.member_id for outcome in found}) == 1
    assert sum(outcome.joined for outcome in found) == 1
    assert kinds()["COUPON"] == 1
