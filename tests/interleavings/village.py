"""A small world that has something of everything, and what can be done in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from siyu.domain.consents import Consent, Purpose
from siyu.domain.coupons import Benefit, Redemption
from siyu.domain.programmes import Checks
from siyu.domain.vetting import Verdict
from siyu.services.decide_review import merge_by_hand
from siyu.services.erase_member import erase_member
from siyu.services.expire_credit import expire_due
from siyu.services.issue_coupon import issue_coupon
from siyu.services.link_phone import link_phone
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.record_consent import record_consent
from siyu.services.redeem_coupon import redeem_coupon
from siyu.services.referrer_standing import set_standing
from siyu.services.release_credits import release_due
from siyu.services.review_credits import decide_credit
from siyu.services.segment_members import segment_members
from siyu.services.spend_credit import capture_hold, void_hold
from tests.interleavings.follow import Followers
from tests.services.purse import hold
from tests.services.rules import JOINED, ago, rule
from tests.services.shop import STORE, TODAY, paid, receipt, refunded, scan
from tests.support import NOW, empty_table

Deed = Callable[[], object]

PHONE = "+8613800138000"
COUPON = Benefit("friend", 800, 2_000, 30, per_person=2)
CHECKS = Checks(None, None, None, None, None, None, None, share_bp=2_600, frauds=1)


def settle_down() -> tuple[dict[str, str], Followers]:
    """Build it; the members by their names, with what they were given, and what is still to be
    followed: an order of Bob's and one of Gus's."""
    empty_table()
    followers = Followers()
    rule(
        rate_bp=500,
        coupon=COUPON,
        checks=CHECKS,
        credit_days=30,
        return_window_days=7,
        per_month_minor=2_600,
    )
    ids: dict[str, str] = {}
    codes: dict[str, str] = {}

    def join(name: str, number: int, by: str | None = None) -> None:
        at = JOINED + timedelta(seconds=number)
        joined = scan(receipt(number, at.date()), name, codes.get(by or ""), now=at)
        ids[name], codes[name] = joined.member_id, joined.referral_code
        if joined.referral_coupon is not None:
            ids[f"{name}'s coupon"] = joined.referral_coupon.code

    for number, (name, by) in enumerate(
        (("ann", None), ("bob", "ann"), ("cat", None), ("eve", None), ("gus", "cat")), 1
    ):
        join(name, number, by)
    link_phone(ids["ann"], PHONE, JOINED + timedelta(days=1))
    merge_members(ids["ann"], ids["eve"], "unionid", "proof", JOINED + timedelta(days=1))
    ids["ann's code"] = codes["ann"]
    buy("b1", "bob", 10_000, 18)
    buy("b2", "bob", 9_000, 16)
    buy("g1", "gus", 10_000, 18)
    buy("b3", "bob", 3_000, 1)
    buy("b4", "bob", 30_000, 1)
    buy("g2", "gus", 2_000, 1)
    followers.come_to_rest()
    release_due(TODAY, NOW)
    hold(ids["ann"], 200, "h1")
    segment_members(TODAY - timedelta(days=1))
    followers.come_to_rest()
    buy("b6", "bob", 4_000, 1)
    buy("g3", "gus", 4_000, 1)
    followers.look()
    return ids, followers


def buy(
    order_id: str, who: str, amount: int, days_ago: float, delivery: str = "", **more: Any
) -> object:
    at = ago(days_ago).isoformat()
    name = delivery or f"d-{order_id}"
    return paid(order_id, amount, name, buyer={"openid": who}, occurred_at=at, **more)


def deeds(ids: dict[str, str], followers: Followers) -> dict[str, Deed]:
    """What can be done, each the same whenever it is done."""
    ann, bob, cat, eve = (ids[name] for name in ("ann", "bob", "cat", "eve"))
    no = Consent(Purpose.PROFILING, False, "1", "0" * 64, "mini_program", NOW)
    yes = Consent(Purpose.PROFILING, True, "1", "0" * 64, "mini_program", NOW + timedelta(hours=1))
    return {
        "bob buys": partial(buy, "b5", "bob", 5_000, 1),
        "a paper is printed": partial(
            paid, "p1", 5_000, "d-p1", receipt_token=receipt(77), occurred_at=ago(1).isoformat()
        ),
        "bob scans the paper": partial(scan, receipt(77), "bob"),
        "the sale of b3 is told": partial(buy, "b3", "bob", 3_000, 0.9, "d-b3-42", payment_id="42"),
        "b1 is refunded": partial(
            refunded, "b1", "r1", 4_000, "d-r1", occurred_at=ago(1).isoformat()
        ),
        "b3 is refunded": partial(
            refunded, "b3", "r3", 1_000, "d-r3", occurred_at=ago(0.5).isoformat()
        ),
        "the stream is followed": lambda: followers.fork().tell(),
        "a night releases": partial(release_due, TODAY + timedelta(days=8), NOW),
        "a night expires": partial(expire_due, TODAY + timedelta(days=60), NOW),
        "ann holds": partial(hold, ann, 300, "h2"),
        "eve holds": partial(hold, eve, 400, "h3"),
        "h1 is taken in": partial(capture_hold, STORE, "h1", 150, NOW),
        "h1 is given back": partial(void_hold, STORE, "h1", NOW),
        "b3 is blocked": partial(
            decide_credit, "shop#b3", Verdict.BLOCK, "lily", NOW, "why", fraud=True
        ),
        "b1 is blocked": partial(decide_credit, "shop#b1", Verdict.BLOCK, "lily", NOW, "why"),
        "b3 is approved": partial(decide_credit, "shop#b3", Verdict.APPROVE, "lily", NOW),
        "ann is suspended": partial(set_standing, ann, NOW, suspended=True),
        "bob is staff": partial(set_standing, bob, NOW, staff=True),
        "ann and cat merge": partial(merge_by_hand, ann, cat, "lily", "said so", NOW),
        "bob and cat merge": partial(merge_by_hand, bob, cat, "lily", "said so", NOW),
        "eve parts": partial(undo_merge, eve, "lily", "wrong", NOW),
        "cat has ann's number": partial(link_phone, cat, PHONE, NOW),
        "ann leaves": partial(erase_member, ann, NOW),
        "bob leaves": partial(erase_member, bob, NOW),
        "ann refuses": partial(record_consent, ann, no),
        "eve agrees": partial(record_consent, eve, yes),
        "bob redeems": partial(
            redeem_coupon, ids["bob's coupon"], Redemption(STORE, "t1", 5_000, NOW)
        ),
        "ann is given a coupon": partial(issue_coupon, ann, Benefit("gift", 500, 0, 30), NOW),
        "eve is given a coupon": partial(issue_coupon, eve, Benefit("gift", 500, 0, 30), NOW),
        "dan joins": partial(scan, receipt(80), "dan", ids["ann's code"]),
    }
