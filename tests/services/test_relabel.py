"""Whatever changes a member's figures labels them at once, by the lines of the last night."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from siyu.domain.consents import Consent, Purpose
from siyu.domain.label_book import LabelBook
from siyu.services.erase_member import erase_member, finish_erasure
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.record_consent import record_consent
from siyu.services.record_order import record_order
from siyu.services.segment_members import segment_members
from siyu.services.show_member import show_member
from tests.services.crowd import books, codes, crowd, expected, of, shopper, told
from tests.services.decisions import DAY, LATER, deciding, named
from tests.services.shop import TODAY, door, paid, receipt, refunded, scan, settle
from tests.support import NOW, at_once, empty_table


def right(*member_ids: str) -> None:
    """They are labelled by definition."""
    standing = codes()
    assert {one: standing[one] for one in member_ids} == {
        one: expected(one).code for one in member_ids
    }


def test_every_step_of_an_order_labels_by_the_lines_of_the_last_night() -> None:
    crowd(30)
    member_id = shopper()
    segment_members(TODAY)
    steps: list[Callable[[], object]] = [
        lambda: paid("1", 900, buyer_id="b"),
        lambda: paid("2", 80_000, buyer_id="b"),
        lambda: paid("3", 300_000, buyer_id="b"),
        lambda: refunded("3", "r1", 250_000),
        lambda: refunded("3", "r2", 50_000),
        lambda: refunded(None, "alone", 79_000, buyer_id="b"),
        lambda: refunded("2", "r3", 80_000),
    ]
    seen = [codes()[member_id]]
    others = {one: code for one, code in codes().items() if one != member_id}
    for step in steps:
        step()
        right(member_id)
        seen.append(codes()[member_id])
        label = show_member(member_id).label
        assert label is not None
        assert label.code == seen[-1]
    assert len(set(seen)) > 4
    assert {one: code for one, code in codes().items() if one != member_id} == others


def test_an_order_of_a_day_that_no_night_has_seen_labels_as_of_that_day() -> None:
    crowd(30)
    member_id = shopper()
    segment_members(TODAY)
    at = NOW + 3 * DAY
    record_order(told(at, "order.paid", order_id="1", paid_minor=5_000, buyer_id="b"))
    assert codes()[member_id] == expected(member_id, TODAY + 3 * DAY).code


def test_a_newcomer_waits_for_a_label_until_an_order_or_the_next_night() -> None:
    member_id = shopper()
    assert books()[member_id] == LabelBook()
    segment_members(TODAY)
    zoe, dan = (scan(receipt(number), str(number)).member_id for number in (1, 2))
    assert (books()[zoe], books()[dan]) == (LabelBook(), LabelBook())
    paid("1", 5_000, receipt_token=receipt(1))
    settle()
    right(member_id, zoe)
    assert books()[dan] == LabelBook()
    segment_members(TODAY + DAY)
    label = show_member(dan).label
    assert label is not None
    assert (label.stage, label.aipl) == ("new", "interest")


def test_a_merge_labels_the_person_and_its_undo_each_of_the_two() -> None:
    crowd(30)
    ann, bob = named("ann", 1, 50_000), named("bob", 2, 70_000)
    segment_members(TODAY)
    apart = codes()
    merge_members(ann, bob, "unionid", "proof", NOW)
    right(ann)
    assert codes()[ann] != apart[ann]
    assert books()[bob] == LabelBook()
    # What comes by the absorbed account labels the person, and the account stays without.
    paid("9", 400_000, buyer_id="bob")
    right(ann)
    assert books()[bob] == LabelBook()
    undo_merge(bob, "operator", "two people", NOW)
    right(ann, bob)
    assert codes()[ann] == apart[ann]
    assert codes()[bob] != apart[bob]


def test_orders_that_waited_label_the_member_they_are_attached_to() -> None:
    crowd(30)
    segment_members(TODAY)
    for number in range(3):
        paid(str(number), 60_000, buyer_id="b")
    paid("3", 60_000, buyer_id="b", receipt_token=receipt(1))
    member_id = scan(receipt(1), "ann").member_id
    settle()
    assert of(member_id).figures.orders == 4
    right(member_id)


def test_who_was_erased_has_no_label_and_a_late_refund_gives_none() -> None:
    member_id = shopper()
    segment_members(TODAY)
    erase_member(member_id, LATER)
    assert books()[member_id] == LabelBook()
    finish_erasure(member_id, LATER)
    refunded("0", "late", 100)
    assert (of(member_id).figures.net_minor, books()[member_id]) == (900, LabelBook())
    (report,) = segment_members(TODAY + DAY)
    assert (report.members, books()[member_id]) == (0, LabelBook())


def test_who_refuses_profiling_loses_the_label_and_has_it_again_by_agreeing() -> None:
    crowd(30)
    member_id = shopper()
    segment_members(TODAY)
    record_consent(member_id, deciding(granted=False))
    assert (books()[member_id], show_member(member_id).label) == (LabelBook(), None)
    paid("1", 70_000, buyer_id="b")
    assert books()[member_id] == LabelBook()
    (report,) = segment_members(TODAY + DAY)
    assert (report.members, books()[member_id]) == (30, LabelBook())
    record_consent(member_id, deciding(granted=True, at=LATER + DAY))
    right(member_id)
    assert of(member_id).figures.net_minor == 71_000
    (report,) = segment_members(TODAY + 2 * DAY)
    assert report.members == 31


def test_other_decisions_change_no_label() -> None:
    member_id = shopper()
    segment_members(TODAY)
    before = books()
    record_consent(member_id, Consent(Purpose.MARKETING, False, "1", "0" * 64, "app", LATER))
    assert books() == before


def test_who_refuses_profiling_when_joining_is_never_labelled() -> None:
    segment_members(TODAY)
    member_id = scan(door(), "ann", consents=(deciding(granted=False),)).member_id
    other = scan(door(), "bob", consents=(deciding(granted=True),)).member_id
    paid("1", 5_000, receipt_token=receipt(1))
    scan(receipt(1), "ann")
    settle()
    assert (of(member_id).figures.orders, books()[member_id]) == (1, LabelBook())
    (report,) = segment_members(TODAY + DAY)
    assert (report.members, books()[member_id]) == (1, LabelBook())
    assert codes()[other] == expected(other, TODAY + DAY).code


@pytest.mark.parametrize("refusing", ["ann", "bob"])
@pytest.mark.parametrize("merged_first", [True, False])
def test_a_person_is_out_whichever_account_refused(refusing: str, *, merged_first: bool) -> None:
    crowd(30)
    ids = {"ann": named("ann", 1, 50_000), "bob": named("bob", 2, 70_000)}
    segment_members(TODAY)
    if merged_first:
        merge_members(ids["ann"], ids["bob"], "unionid", "proof", NOW)
    record_consent(ids[refusing], deciding(granted=False))
    if not merged_first:
        merge_members(ids["ann"], ids["bob"], "unionid", "proof", NOW)
    assert [books()[one] for one in ids.values()] == [LabelBook()] * 2
    (report,) = segment_members(TODAY + DAY)
    assert report.members == 30
    undo_merge(ids["bob"], "operator", "two people", NOW)
    (other,) = ids.keys() - {refusing}
    assert books()[ids[refusing]] == LabelBook()
    right(ids[other])


def test_the_latest_decision_of_a_person_counts_also_after_a_merge() -> None:
    ann, bob = named("ann", 1, 50_000), named("bob", 2, 70_000)
    segment_members(TODAY)
    record_consent(ann, deciding(granted=False))
    merge_members(ann, bob, "unionid", "proof", NOW)
    record_consent(bob, deciding(granted=True, at=LATER + DAY))
    right(ann)
    undo_merge(bob, "operator", "two people", NOW)
    assert books()[ann] == LabelBook()
    right(bob)


def test_orders_decisions_and_a_merge_at_once_end_labelled_by_definition() -> None:
    for _ in range(3):
        empty_table()
        crowd(30)
        ann, bob = named("ann", 1, 50_000), named("bob", 2, 70_000)
        segment_members(TODAY)
        works: list[Callable[[], object]] = [
            partial(paid, "1", 90_000, buyer_id="ann"),
            partial(paid, "2", 90_000, buyer_id="bob"),
            partial(refunded, "first-bob", "r", 70_000),
            partial(record_consent, ann, deciding(granted=False)),
            partial(record_consent, bob, deciding(granted=True, at=LATER + DAY)),
            partial(merge_members, ann, bob, "unionid", "proof", NOW),
            partial(segment_members, TODAY + DAY),
        ]
        outcomes = at_once(len(works), lambda number, all_=works: all_[number]())  # type: ignore[misc]
        assert not [one for one in outcomes if isinstance(one, Exception)]
        assert books()[bob] == LabelBook()
        assert codes()[ann] == expected(ann, TODAY + DAY).code
        assert of(ann).figures.net_minor == 230_000
