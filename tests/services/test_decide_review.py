"""A suspicion is decided once; what was decided can be read, and a merge can be taken back."""

from datetime import timedelta

import pytest

from siyu.errors import NotFoundError, RefusalError
from siyu.services import decide_review
from siyu.services.match_people import suspect
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.show_member import show_member
from siyu.storage import merges
from tests.acceptance.changes import Changes
from tests.services import rules
from tests.services.shop import door, receipt, scan
from tests.support import NOW, at_once

BY = "operator"


def pair() -> tuple[str, str, str]:
    """Two members whom somebody has to look at; the first is the older, the last is the review."""
    older = scan(receipt(1), "ann").member_id
    younger = scan(receipt(2), "bob", now=NOW + timedelta(seconds=1)).member_id
    suspect(older, younger, "phone", NOW)
    (review,) = decide_review.open_reviews()
    return older, younger, review.review_id


def people(*member_ids: str) -> set[str]:
    return {show_member(one).person.member.member_id for one in member_ids}


def test_an_approved_review_makes_one_person_and_is_off_the_list() -> None:
    older, younger, review = pair()
    merge = decide_review.approve(review, BY, NOW)
    assert merge is not None
    assert (merge.survivor_id, merge.absorbed_id, merge.proof) == (older, younger, "review: phone")
    assert people(older, younger) == {older}
    assert list(decide_review.open_reviews()) == []
    assert decide_review.merges_of(younger) == [merge]
    found = merges.find_review(review)
    assert found is not None
    assert found.state == merges.APPROVED


def test_a_rejected_review_leaves_two_and_does_not_come_back() -> None:
    older, younger, review = pair()
    decide_review.reject(review, BY, NOW)
    suspect(older, younger, "phone", NOW)
    assert people(older, younger) == {older, younger}
    assert list(decide_review.open_reviews()) == []


def test_a_decision_stands() -> None:
    older, younger, review = pair()
    decide_review.reject(review, BY, NOW)
    with pytest.raises(RefusalError, match="rejected already"):
        decide_review.approve(review, BY, NOW)
    with pytest.raises(RefusalError, match="rejected already"):
        decide_review.reject(review, BY, NOW)
    assert people(older, younger) == {older, younger}


def test_of_two_who_decide_at_once_one_is_told() -> None:
    older, younger, review = pair()

    def decide(number: int) -> None:
        decision = decide_review.approve if number else decide_review.reject
        decision(review, BY, NOW)

    rejected, approved = at_once(2, decide)
    told = [one for one in (rejected, approved) if isinstance(one, Exception)]
    assert [type(one) for one in told] == [RefusalError]
    assert len(people(older, younger)) == (1 if told == [rejected] else 2)


def test_two_who_became_one_meanwhile_close_the_review() -> None:
    older, younger, review = pair()
    assert decide_review.merge_by_hand(older, younger, BY, "asked at the till", NOW) is not None
    assert decide_review.approve(review, BY, NOW) is None
    assert list(decide_review.open_reviews()) == []


def test_a_merge_by_hand_says_why_and_is_taken_back() -> None:
    older, younger, _ = pair()
    merge = decide_review.merge_by_hand(younger, older, BY, "asked at the till", NOW)
    assert merge is not None
    assert (merge.survivor_id, merge.merged_by) == (older, BY)
    assert merge.proof == "said: asked at the till"
    assert undo_merge(younger, BY, "asked again", NOW) == older
    assert people(older, younger) == {older, younger}
    assert decide_review.merges_of(older) == []


def test_what_is_not_there_is_not_decided() -> None:
    alone = scan(door(), "ann").member_id
    for attempt in (
        lambda: decide_review.approve("nothing", BY, NOW),
        lambda: decide_review.reject("nothing", BY, NOW),
        lambda: decide_review.merge_by_hand(alone, "0" * 13, BY, "because", NOW),
        lambda: decide_review.merges_of("0" * 13),
    ):
        with pytest.raises(NotFoundError):
            attempt()


@pytest.mark.parametrize("account", ["bob", "other"])
def test_a_suspicion_about_any_account_of_a_friend_holds_for_what_they_bought(
    account: str,
) -> None:
    rules.rule()
    ann, bob = rules.pair()
    other = rules.member("other", 7)
    merge_members(bob.member_id, other.member_id, "p", BY, NOW)
    rules.buy("o1", 10_000)
    rules.trigger(bob, "o1")
    assert rules.credits_by_order()["o1"].due
    stream = Changes()
    suspect((bob if account == "bob" else other).member_id, ann.member_id, "phone", NOW)
    stream.follow()
    assert rules.credits_by_order()["o1"].in_review
