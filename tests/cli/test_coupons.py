"""An operator gives a member a coupon, within the person's limit, and never sees its code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from siyu.services.merge_members import merge_members
from siyu.services.show_member import show_member
from tests.cli.terminal import Terminal
from tests.services.shop import receipt, scan
from tests.support import NOW

SUMMER = "--benefit summer --value 500 --min-spend 0 --valid-days 7"


def member(number: int = 1) -> str:
    return scan(receipt(number), f"shopper{number}").member_id


def test_a_coupon_is_given_with_its_expiry_and_without_its_code(siyu: Terminal) -> None:
    ann = member()
    given = siyu.json(f"coupons issue {ann} {SUMMER}")
    assert given.keys() == {"benefit", "expires_at"}
    left = datetime.fromisoformat(given["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < left < timedelta(days=7)
    coupons = [coupon for _, coupon in show_member(ann).person.coupons]
    assert sorted(one.benefit for one in coupons) == ["summer", "welcome"]
    for more in ([], ["--json"]):
        _, out, _ = siyu(f"coupons list {ann}", *more)
        assert "summer" in out
        assert not [one.code for one in coupons if one.code in out]


def test_the_wallet_is_that_of_the_whole_person(siyu: Terminal) -> None:
    ann, bob = member(1), member(2)
    merge_members(ann, bob, "unionid", "proof", NOW)
    siyu(f"coupons issue {ann} {SUMMER}")
    for one in (ann, bob):
        shown = siyu.json(f"coupons list {one}")
        assert [row["benefit"] for row in shown].count("welcome") == 2
        (summer,) = (row for row in shown if row["benefit"] == "summer")
        assert (summer["account"], summer["value_minor"], summer["redeemed_at"]) == (ann, 500, None)


def test_a_person_gets_as_many_as_the_benefit_allows(siyu: Terminal) -> None:
    ann = member()
    outcomes = [siyu(f"coupons issue {ann} {SUMMER} --per-person 2")[0] for _ in range(3)]
    assert outcomes == [0, 0, 1]
    code, out, err = siyu(f"coupons issue {ann} {SUMMER}")
    assert (code, out) == (1, "")
    assert "has had as many of summer as a person may" in err


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ("--benefit Summer", "benefit 'Summer' is not"),
        ("--value 19.90", "value_minor '19.90' is not a whole number"),
        ("--min-spend -1", ""),
        ("--valid-days 0", "valid_days '0' is not a whole number"),
        ("--per-person 0", "per_person '0' is not a whole number"),
    ],
)
def test_what_makes_no_sense_is_told_and_gives_nothing(
    siyu: Terminal, changed: str, reason: str
) -> None:
    ann = member()
    code, out, err = siyu(f"coupons issue {ann} {SUMMER} {changed}")
    assert (code, out) == (2, "")
    assert reason in err
    assert [row["benefit"] for row in siyu.json(f"coupons list {ann}")] == ["welcome"]


def test_nobody_has_and_gets_nothing(siyu: Terminal) -> None:
    for line in (f"issue 0000000000000 {SUMMER}", "list 0000000000000"):
        assert siyu(f"coupons {line}")[:2] == (1, "")
