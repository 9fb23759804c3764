"""A verified number is tied to one person; a number alone joins two accounts only while fresh."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from siyu.errors import NotFoundError
from siyu.services.decide_review import reject
from siyu.services.erase_member import erase_member
from siyu.services.known_member import known
from siyu.services.link_phone import link_phone
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.sealing import unseal
from siyu.settings import settings
from siyu.storage import merges
from tests.faults import DEATHS, KilledError, at_call, line, once_before
from tests.services.shop import receipt, scan
from tests.support import NOW, at_once, dump, empty_table, kinds

NUMBER = "+8613800138000"
OTHER = "+8613900139000"
IN_TIME, TOO_LATE = NOW + timedelta(days=90), NOW + timedelta(days=90, microseconds=1)


def two() -> tuple[str, str]:
    return scan(receipt(1), "ann").member_id, scan(receipt(2), "bob").member_id


def test_a_new_number_is_linked_and_sealed() -> None:
    ann, _ = two()
    assert link_phone(ann, NUMBER, NOW).status == "linked"
    sealed = known(ann).accounts[0].phone
    assert sealed is not None
    assert unseal(sealed, ann) == NUMBER
    assert NUMBER[1:] not in str(dump())


def test_the_same_number_again_is_known_and_stays_fresh() -> None:
    ann, bob = two()
    link_phone(ann, NUMBER, NOW)
    assert link_phone(ann, NUMBER, IN_TIME).status == "known"
    # Verified again by its owner, so the quarantine begins anew.
    assert link_phone(bob, NUMBER, IN_TIME + timedelta(days=90)).status == "merged"


def test_a_number_verified_twice_within_its_quarantine_is_one_persons() -> None:
    ann, bob = two()
    link_phone(ann, NUMBER, NOW)
    assert link_phone(bob, NUMBER, IN_TIME).status == "merged"
    assert set(known(bob).member_ids) == {ann, bob}
    assert link_phone(bob, NUMBER, IN_TIME).status == "known"


def test_a_number_that_may_have_a_new_owner_is_for_somebody_to_look_at() -> None:
    ann, bob = two()
    link_phone(ann, NUMBER, NOW)
    assert link_phone(bob, NUMBER, TOO_LATE).status == "review"
    assert link_phone(bob, NUMBER, TOO_LATE).status == "review"
    (review,) = merges.open_reviews()
    assert {review.member_id, review.other_id} == {ann, bob}
    assert known(bob).member_ids == (bob,)
    assert known(bob).accounts[0].phone is None


@pytest.fixture
def numbers_may_be_old(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The mini-program uses the ordinary phone button."""
    monkeypatch.setenv("PHONE_PROOF", "cached")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.usefixtures("numbers_may_be_old")
def test_numbers_that_may_be_old_merge_nobody() -> None:
    ann, bob = two()
    link_phone(ann, NUMBER, NOW)
    assert link_phone(bob, NUMBER, NOW).status == "review"
    (review,) = merges.open_reviews()
    assert {review.member_id, review.other_id} == {ann, bob}


@pytest.mark.usefixtures("numbers_may_be_old")
def test_a_rejected_match_frees_the_number_for_whoever_holds_it() -> None:
    ann, bob = two()
    link_phone(ann, NUMBER, NOW)
    link_phone(bob, NUMBER, NOW)
    (review,) = merges.open_reviews()
    reject(review.review_id, "operator", NOW)
    assert known(ann).accounts[0].phone is None
    assert link_phone(bob, NUMBER, NOW).status == "linked"
    assert [one[0] for one in known(ann).accounts[0].identities].count("phone") == 0


@pytest.mark.usefixtures("numbers_may_be_old")
@pytest.mark.parametrize("accident", DEATHS)
def test_a_rejection_cut_off_anywhere_is_done_again_to_its_end(accident: str) -> None:
    for call in range(1, 12):
        empty_table()
        ann, bob = two()
        link_phone(ann, NUMBER, NOW)
        link_phone(bob, NUMBER, NOW)
        (review,) = merges.open_reviews()
        try:
            with line(at_call(call, accident)):
                reject(review.review_id, "operator", NOW)
        except KilledError:
            if list(merges.open_reviews()):
                reject(review.review_id, "operator", NOW)
        assert link_phone(bob, NUMBER, NOW).status == "linked"


@pytest.mark.usefixtures("numbers_may_be_old")
def test_a_rejection_takes_no_number_from_who_has_nothing_to_do_with_it() -> None:
    ann, bob = two()
    cat = scan(receipt(3), "cat").member_id
    link_phone(ann, NUMBER, NOW)
    link_phone(bob, NUMBER, NOW)
    (review,) = merges.open_reviews()
    link_phone(ann, OTHER, NOW)
    link_phone(cat, NUMBER, NOW)
    reject(review.review_id, "operator", NOW)
    assert link_phone(cat, NUMBER, NOW).status == "known"


def test_a_merge_that_was_undone_is_not_made_again_by_proof() -> None:
    ann, bob = two()
    link_phone(ann, NUMBER, NOW)
    assert link_phone(bob, NUMBER, NOW).status == "merged"
    absorbed = known(ann).member_ids[1]
    undo_merge(absorbed, "operator", "two people", NOW)
    assert link_phone(bob, NUMBER, NOW).status == "review"
    assert len(known(ann).member_ids) == 1


def test_a_second_number_replaces_the_first_which_leads_nowhere_then() -> None:
    ann, bob = two()
    link_phone(ann, NUMBER, NOW)
    link_phone(ann, OTHER, NOW)
    sealed = known(ann).accounts[0].phone
    assert sealed is not None
    assert unseal(sealed, ann) == OTHER
    assert link_phone(bob, NUMBER, NOW).status == "linked"


def test_a_number_of_the_persons_other_account_is_known() -> None:
    ann, bob = two()
    link_phone(bob, NUMBER, NOW)
    merge_members(ann, bob, "unionid", "proof", NOW)
    assert link_phone(ann, NUMBER, TOO_LATE).status == "known"


def test_nobody_links_a_number_for_an_erased_member() -> None:
    ann, bob = two()
    link_phone(ann, NUMBER, NOW)
    erase_member(ann, NOW)
    with pytest.raises(NotFoundError):
        link_phone(ann, OTHER, NOW)
    assert link_phone(bob, NUMBER, NOW).status == "linked"


def test_one_number_linked_by_two_at_once_makes_them_one() -> None:
    ann, bob = two()
    outcomes = at_once(10, lambda turn: link_phone((ann, bob)[turn % 2], NUMBER, NOW).status)
    assert {"linked", "merged"} <= set(outcomes) <= {"linked", "merged", "known"}
    assert kinds()["MERGE"] == 1
    assert sum(key[0].startswith("I#phone#") for key in dump()) == 1


def test_a_link_and_an_erasure_at_once_leave_no_number() -> None:
    for _ in range(5):
        empty_table()
        ann, _bob = two()

        def work(number: int, ann: str = ann) -> None:
            if number == 0:
                erase_member(ann, NOW)
            else:
                link_phone(ann, f"+861380013800{number}", NOW)

        at_once(6, work)
        assert "PHONE" not in kinds()
        assert not any(key[0].startswith("I#phone#") for key in dump())


def test_the_number_of_somebody_erased_meanwhile_is_free() -> None:
    for number in range(1, 8):
        empty_table()
        ann, bob = two()
        link_phone(ann, NUMBER, NOW)
        with line(once_before(number, partial(erase_member, ann, NOW))):
            assert link_phone(bob, NUMBER, NOW).status == "linked"


@pytest.mark.parametrize("accident", DEATHS)
def test_killed_at_any_call_and_done_again_ends_the_same(accident: str) -> None:
    ann, bob = two()
    link_phone(bob, NUMBER, NOW)
    with line() as calls:
        link_phone(ann, NUMBER, NOW)
    for number in range(1, len(calls.calls) + 1):
        empty_table()
        ann, bob = two()
        link_phone(bob, NUMBER, NOW)
        with line(at_call(number, accident)), pytest.raises(KilledError):
            link_phone(ann, NUMBER, NOW)
        assert link_phone(ann, NUMBER, NOW).status in ("merged", "known")
        assert set(known(ann).member_ids) == {ann, bob}
        assert kinds()["MERGE"] == 1
