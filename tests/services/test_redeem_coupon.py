"""A coupon is redeemed once, within a person's limit, whatever tills and merges do at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.domain.coupons import Coupon, Redemption
from siyu.errors import CouponRefusedError, NotFoundError
from siyu.services.erase_member import erase_member
from siyu.services.known_member import known
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.redeem_coupon import redeem_coupon
from tests.faults import DEATHS, KilledError, at_call, line
from tests.services.shop import STORE, receipt, scan
from tests.support import NOW, at_once, dump, empty_table

WANTED = Redemption(STORE, "r1", 5_000, NOW)


def join(name: str, serial: int) -> tuple[str, str]:
    """A new member's id and the code of their coupon; the smallest serial is the oldest."""
    outcome = scan(receipt(serial), name, now=NOW + timedelta(seconds=serial))
    assert outcome.coupon is not None
    return outcome.member_id, outcome.coupon.code


def reason(code: str, wanted: Redemption) -> str:
    with pytest.raises(CouponRefusedError) as refused:
        redeem_coupon(code, wanted)
    return refused.value.reason


def chain() -> list[str]:
    """The coupons of one person: cat was merged into bob, and bob into ann."""
    (ann, anns), (bob, bobs), (cat, cats) = (join(name, at) for at, name in enumerate("abc", 1))
    merge_members(bob, cat, "phone", "proof", NOW)
    merge_members(ann, bob, "phone", "proof", NOW)
    return [anns, bobs, cats]


def redeemed() -> int:
    return sum("redeemed_at" in item for item in dump().values())


def test_a_coupon_is_redeemed_and_the_wallet_shows_it() -> None:
    ann, code = join("ann", 1)
    assert redeem_coupon(code, WANTED).redemption == WANTED
    ((_, coupon),) = known(ann).coupons
    assert coupon.redemption == WANTED


def test_the_same_redemption_again_gives_the_same_answer_and_writes_nothing() -> None:
    _, code = join("ann", 1)
    first = redeem_coupon(code, WANTED)
    before = dump()
    assert redeem_coupon(code, replace(WANTED, redeemed_at=NOW + timedelta(days=99))) == first
    assert dump() == before


def test_a_used_coupon_is_used_for_every_other_redemption() -> None:
    _, code = join("ann", 1)
    redeem_coupon(code, WANTED)
    for other in (
        replace(WANTED, redemption_id="r2"),
        replace(WANTED, store="B2C"),
        replace(WANTED, spend_minor=5_001),
    ):
        assert reason(code, other) == "coupon_used"


def test_an_id_redeems_one_coupon_only_at_its_store() -> None:
    _, code = join("ann", 1)
    _, other = join("bob", 2)
    redeem_coupon(code, WANTED)
    assert reason(other, WANTED) == "redemption_id_used"
    assert redeemed() == 1
    assert redeem_coupon(other, replace(WANTED, store="B2C")).redemption is not None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"spend_minor": 4_999}, "below_minimum_spend"),
        ({"redeemed_at": NOW + timedelta(days=30, seconds=1)}, "coupon_expired"),
    ],
)
def test_a_coupon_that_may_not_be_redeemed_says_why(change: dict[str, object], said: str) -> None:
    _, code = join("ann", 1)
    before = dump()
    assert reason(code, replace(WANTED, **change)) == said  # type: ignore[arg-type]
    assert dump() == before
    just_in_time = replace(WANTED, redeemed_at=NOW + timedelta(days=30))
    assert redeem_coupon(code, just_in_time).redemption is not None


def test_a_code_that_we_never_gave_and_one_of_an_erased_member_are_unknown() -> None:
    ann, code = join("ann", 1)
    erase_member(ann, NOW)
    for unknown in ("0" * 12, code, ""):
        with pytest.raises(NotFoundError):
            redeem_coupon(unknown, WANTED)


def test_a_person_with_two_accounts_has_one_persons_limit() -> None:
    ann, code = join("ann", 1)
    bob, other = join("bob", 2)
    merge_members(ann, bob, "unionid", "proof", NOW)
    redeem_coupon(other, WANTED)
    assert reason(code, replace(WANTED, redemption_id="r2")) == "person_limit_reached"
    undo_merge(bob, "staff", "not the same", NOW)
    assert redeem_coupon(code, replace(WANTED, redemption_id="r2")).redemption is not None


def test_fifty_tills_with_one_coupon_redeem_it_once() -> None:
    _, code = join("ann", 1)
    outcomes = at_once(
        50, lambda till: redeem_coupon(code, replace(WANTED, redemption_id=f"t{till}"))
    )
    assert sum(isinstance(outcome, Coupon) for outcome in outcomes) == 1
    refused = [outcome for outcome in outcomes if isinstance(outcome, CouponRefusedError)]
    assert {outcome.reason for outcome in refused} == {"coupon_used"}
    assert len(refused) == 49
    assert redeemed() == 1


def test_one_till_that_sends_one_redemption_fifty_times_gets_one_answer() -> None:
    _, code = join("ann", 1)
    outcomes = at_once(50, lambda _: redeem_coupon(code, WANTED))
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert isinstance(outcomes[0], Coupon)


def test_one_id_for_many_coupons_at_once_redeems_one() -> None:
    codes = [join(f"m{number}", number)[1] for number in range(10)]
    outcomes = at_once(10, lambda number: redeem_coupon(codes[number], WANTED))
    assert sum(isinstance(outcome, Coupon) for outcome in outcomes) == 1
    assert redeemed() == 1


def test_two_coupons_of_one_benefit_of_one_person_at_once_redeem_one() -> None:
    for turn in range(5):
        empty_table()
        codes = chain()

        def work(number: int, codes: list[str] = codes) -> object:
            return redeem_coupon(codes[number], replace(WANTED, redemption_id=f"t{number}"))

        outcomes = at_once(3, work)
        assert sum(isinstance(outcome, Coupon) for outcome in outcomes) == 1, turn
        assert redeemed() == 1


def test_a_redemption_and_a_merge_at_once_keep_the_limit() -> None:
    """Before the merge each person may redeem theirs; after it, one of both."""
    for _ in range(5):
        empty_table()
        ann, code = join("ann", 1)
        bob, other = join("bob", 2)
        redeem_coupon(code, WANTED)

        def work(number: int, ann: str = ann, bob: str = bob, other: str = other) -> object:
            if number == 0:
                return merge_members(ann, bob, "phone", "proof", NOW)
            return redeem_coupon(other, replace(WANTED, redemption_id="r2"))

        merged, outcome = at_once(2, work)
        assert not isinstance(merged, Exception)
        assert isinstance(outcome, Coupon | CouponRefusedError)
        assert redeemed() == (2 if isinstance(outcome, Coupon) else 1)
        merges = [item for item in dump().values() if item["kind"]["S"] == "PROFILE"]
        assert sum("up" in item for item in merges) == 1


@pytest.mark.parametrize("moment", range(1, 9))
def test_what_another_till_redeems_while_the_person_is_read_is_noticed(moment: int) -> None:
    """The account that speaks for the person is read first, so nothing read later can be old."""
    _, bobs, cats = chain()

    def meanwhile(number: int, _: str) -> None:
        if number == moment:
            redeem_coupon(bobs, WANTED)

    with line(meanwhile):
        assert reason(cats, replace(WANTED, redemption_id="r2")) == "person_limit_reached"
    assert redeemed() == 1


@pytest.mark.parametrize("accident", DEATHS)
def test_killed_at_any_call_and_done_again_ends_the_same(accident: str) -> None:
    _, code = join("ann", 1)
    with line() as calls:
        redeem_coupon(code, WANTED)
    for number in range(1, len(calls.calls) + 1):
        empty_table()
        ann, code = join("ann", 1)
        with line(at_call(number, accident)), pytest.raises(KilledError):
            redeem_coupon(code, WANTED)
        assert redeem_coupon(code, WANTED).redemption == WANTED
        assert [coupon.redemption for _, coupon in known(ann).coupons] == [WANTED]


@pytest.mark.parametrize("accident", ["lost before", "lost after", "conflict"])
def test_a_bad_line_redeems_once(accident: str) -> None:
    _, code = join("ann", 1)
    with line(at_call(3, accident)):
        assert redeem_coupon(code, WANTED).redemption == WANTED
    assert redeemed() == 1
