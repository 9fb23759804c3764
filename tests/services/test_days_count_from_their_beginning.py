"""Days count from when what they are counted for begins, however late that was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.domain.calendar import business_date
from siyu.domain.ledger import RELEASED
from siyu.services.credit_again import credit_suspects
from siyu.services.credit_referral import credit_referral, following
from siyu.services.decide_review import open_reviews, reject
from siyu.services.expire_credit import expire_due
from siyu.services.match_people import suspect
from siyu.services.referrer_standing import set_standing
from siyu.services.release_credits import release_due
from siyu.services.review_credits import refuse_undecided
from siyu.services.show_member import show_member
from siyu.services.sign_up import SignedUp
from siyu.storage.merges import PHONE
from tests.books import check_books
from tests.services.doubts import APPROVE, DOUBT_ALL, decide
from tests.services.rules import ago, buy, credits_by_order, kept, pair, rule, trigger
from tests.services.shop import TODAY, refunded
from tests.support import NOW

KEY = "shop#o1"


def told(bob: SignedUp, days_ago: float) -> None:
    """The order was followed so many days ago."""
    credit_referral(KEY, following({bob.member_id}), ago(days_ago))


def released(ann: SignedUp) -> int:
    return show_member(ann.member_id).balance.released_minor


def lasts_to_the_day(ann: SignedUp, days: int) -> None:
    """What was released today can be spent for so many days from today on, and no longer."""
    for night in range(days):
        expire_due(TODAY + timedelta(days=night), NOW + timedelta(days=night))
        assert released(ann) == 500, f"it ended after {night} of {days} days"
    expire_due(TODAY + timedelta(days=days), NOW + timedelta(days=days))
    assert released(ann) == 0
    check_books()


@pytest.mark.parametrize("days", [1, 7])
def test_credit_told_late_lasts_from_the_night_that_releases_it(days: int) -> None:
    rule(credit_days=days)
    ann, bob = pair(ago(80))
    buy("o1", 10_000, days_ago=70)
    trigger(bob, "o1")
    release_due(TODAY, NOW)
    lasts_to_the_day(ann, days)


def test_credit_approved_late_lasts_from_its_approval() -> None:
    rule(credit_days=7, checks=DOUBT_ALL)
    ann, bob = pair(ago(60))
    buy("o1", 10_000, days_ago=29)
    told(bob, 29)
    decide(APPROVE, KEY)
    lasts_to_the_day(ann, 7)


def test_days_to_decide_count_from_the_lifting_that_leaves_a_doubt() -> None:
    rule(checks=DOUBT_ALL)
    ann, bob = pair(ago(60))
    set_standing(ann.member_id, ago(50), suspended=True)
    buy("o1", 10_000, days_ago=40)
    told(bob, 40)
    assert credits_by_order()["o1"].blocked
    set_standing(ann.member_id, NOW, suspended=False)
    undecided_after_thirty_days()


def test_days_to_decide_count_from_the_day_of_a_late_doubt() -> None:
    suspected()
    undecided_after_thirty_days()


def test_another_look_begins_no_more_days_to_decide() -> None:
    rule(checks=DOUBT_ALL)
    _, bob = pair(ago(60))
    buy("o1", 10_000, days_ago=31)
    told(bob, 31)
    refunded("o1", "r1", 2_000)
    told(bob, 1)
    assert kept() == {"o1": 400}
    assert refuse_undecided(TODAY, NOW) == 1
    assert credits_by_order()["o1"].blocked
    check_books()


def test_what_nobody_decided_about_is_refused_for_no_other_reasons() -> None:
    """Once it is said that the phone is nobody's business, there is nothing left to refuse."""
    ann, bob = suspected()
    after = NOW + timedelta(days=31)
    assert refuse_undecided(business_date(after), after) == 1
    assert kept() == {}
    for review in list(open_reviews()):
        reject(review.review_id, "cat", after)
    credit_suspects((bob.member_id, ann.member_id), after)
    assert credits_by_order()["o1"].state == RELEASED
    assert kept() == {"o1": 500}
    check_books()


def suspected() -> tuple[SignedUp, SignedUp]:
    """The rules let it through 35 days ago; today it seems that Ann and Bob have one phone."""
    rule(return_window_days=40)
    ann, bob = pair(ago(60))
    buy("o1", 10_000, days_ago=35)
    told(bob, 35)
    assert credits_by_order()["o1"].due
    suspect(bob.member_id, ann.member_id, PHONE, NOW, about="x")
    credit_suspects((bob.member_id, ann.member_id), NOW)
    return ann, bob


def undecided_after_thirty_days() -> None:
    """It waits from today on: it is refused on the first day after all of them."""
    assert credits_by_order()["o1"].in_review
    for days in (0, 1, 30):
        assert refuse_undecided(TODAY + timedelta(days=days), NOW + timedelta(days=days)) == 0
    assert refuse_undecided(TODAY + timedelta(days=31), NOW + timedelta(days=31)) == 1
    assert credits_by_order()["o1"].blocked
    check_books()
