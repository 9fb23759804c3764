"""Credit follows the order to its target by any road, and never goes below nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.credits import reconcile, release
from siyu.domain.ledger import PENDING, RELEASED, Balance, change_for
from siyu.domain.order_facts import Paid, Refunded
from siyu.domain.orders import Order
from siyu.domain.programmes import PROGRAMME
from siyu.domain.referrals import Binding, Target, shares, target_of
from siyu.domain.succession import open_credit
from tests.referring import owed

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)
DAY, LATER = date(2026, 5, 1), date(2026, 6, 1)
BINDING = Binding("FRIEND", "SENDER", NOON)


def order(paid: int, *refunds: int, at: datetime = NOON) -> Order:
    made = Order("pos", "1", member_id="FRIEND").apply(Paid(paid, at))
    for number, amount in enumerate(refunds):
        made = made.apply(Refunded(f"r{number}", amount, at))
    return made


def test_the_share_is_five_percent_rounded_down() -> None:
    assert owed(order(19_999), BINDING) == Target(999, 0)


def test_a_partial_refund_takes_back_exactly_its_share() -> None:
    assert owed(order(10_000, 3_000), BINDING) == Target(500, 150)


def test_nothing_is_owed_without_a_real_purchase_after_joining() -> None:
    nothing = Target(0, 0)
    assert owed(Order("pos", "1"), BINDING) == nothing
    assert owed(order(999), BINDING) == nothing
    assert owed(order(5_000, at=NOON - timedelta(days=1)), BINDING) == nothing


def test_the_purchase_of_the_joining_day_counts() -> None:
    earlier = order(5_000, at=NOON - timedelta(hours=3))
    assert owed(earlier, BINDING) == Target(250, 0)


@given(st.integers(1_000, 10**6), st.lists(st.integers(1, 10**6), max_size=5))
def test_a_target_never_goes_below_nothing(paid: int, refunds: list[int]) -> None:
    target = owed(order(paid, *refunds), BINDING)
    assert 0 <= target.reversed_minor <= target.earned_minor


targets_of_sales = st.integers(0, 1_000).flatmap(
    lambda earned: st.builds(Target, st.just(earned), st.integers(0, earned))
)


@given(st.lists(targets_of_sales, min_size=1, max_size=8), st.integers(0, 8))
def test_any_road_ends_at_the_latest_target_and_the_balance_is_the_sum_of_entries(
    targets: list[Target], release_after: int
) -> None:
    """Refunds only grow, but a sale may come down and go up while its sources tell of it."""
    credit = open_credit("pos#1", order(5_000), BINDING, PROGRAMME, DAY)
    balance, seen = Balance(), set[str]()
    for step, target in enumerate(targets):
        credit, entries = reconcile(credit, target)
        if step == release_after:
            credit, released = release(credit, PROGRAMME, LATER)
            entries = entries + released
        assert not seen & {entry.entry_id for entry in entries}
        seen |= {entry.entry_id for entry in entries}
        balance += change_for("SENDER", entries)
        assert credit.kept_minor == target.earned_minor - target.reversed_minor
        assert balance.pending_minor + balance.released_minor == credit.kept_minor
        assert balance.earned_minor - balance.reversed_minor == credit.kept_minor
        assert reconcile(credit, target) == (credit, [])
        idle = balance.released_minor if credit.state == PENDING else balance.pending_minor
        assert idle == 0


def test_release_moves_what_is_kept_once() -> None:
    opened = open_credit("pos#1", order(5_000), BINDING, PROGRAMME, DAY)
    assert opened.release_on == date(2026, 5, 16)
    credit, _ = reconcile(opened, Target(250, 50))
    released, entries = release(credit, PROGRAMME, LATER)
    assert (released.state, [entry.amount_minor for entry in entries]) == (RELEASED, [200])
    assert release(released, PROGRAMME, LATER) == (released, [])


def test_a_refund_after_release_leaves_a_debt_if_it_was_spent() -> None:
    credit, _ = reconcile(
        open_credit("pos#1", order(5_000), BINDING, PROGRAMME, DAY), Target(250, 0)
    )
    credit, _ = release(credit, PROGRAMME, LATER)
    _, entries = reconcile(credit, Target(250, 250))
    assert change_for("SENDER", entries).released_minor == -250


refunds_of_a_payment = st.lists(st.integers(1, 10**5), max_size=6)


@given(st.integers(1, 10**5), st.integers(0, 10**4), refunds_of_a_payment)
def test_each_refund_has_the_share_that_the_target_moved_by_with_it(
    paid: int, earned: int, backs: list[int]
) -> None:
    """So shares are the entries that were posted if the refunds were told one after another."""
    targets = [target_of(order(paid, *backs[:count]), earned) for count in range(len(backs) + 1)]
    moved = [after.reversed_minor - before.reversed_minor for before, after in pairwise(targets)]
    assert shares(targets[-1].reversed_minor, earned, paid, backs) == moved


@given(st.integers(1, 10**5), st.integers(0, 10**4), refunds_of_a_payment, st.data())
def test_shares_add_up_to_what_was_taken_back_and_none_is_more_than_its_part(
    paid: int, earned: int, backs: list[int], data: st.DataObject
) -> None:
    owed_back = target_of(order(paid, *backs), earned).reversed_minor
    taken = data.draw(st.integers(0, owed_back))
    divided = shares(taken, earned, paid, backs)
    assert sum(divided) == taken
    for share, back in zip(divided, backs, strict=True):
        assert 0 <= share <= -(-earned * min(back, paid) // paid)


def test_a_refund_has_no_share_of_what_was_no_longer_there() -> None:
    assert shares(1_000, 1_000, 10_000, [3_000, 3_333, 99_999]) == [300, 334, 366]
    assert shares(1_000, 1_000, 10_000, [99_999, 3_000, 3_333]) == [1_000, 0, 0]


@given(st.integers(1_000, 10**6), st.lists(st.integers(1, 10**5), max_size=5), st.data())
def test_refunds_together_take_back_what_one_of_their_sum_would(
    paid: int, refunds: list[int], data: st.DataObject
) -> None:
    granted = data.draw(st.integers(0, paid))
    one_by_one = target_of(order(paid, *refunds), granted)
    at_once = target_of(order(paid, *[sum(refunds)] if refunds else []), granted)
    assert one_by_one == at_once
    assert 0 <= at_once.reversed_minor <= at_once.earned_minor == granted
    assert (at_once.reversed_minor == granted) or sum(refunds) < paid


@given(st.integers(1_000, 10**6), st.integers(0, 2 * 10**6), st.integers(0, 10_000))
def test_what_is_kept_is_never_more_than_the_share_of_what_stayed_sold(
    paid: int, refunded: int, rate_bp: int
) -> None:
    programme = replace(PROGRAMME, rate_bp=rate_bp)
    target = owed(order(paid, *[refunded] if refunded else []), BINDING, programme)
    kept = target.earned_minor - target.reversed_minor
    stayed = max(paid - refunded, 0)
    assert kept * 10_000 <= stayed * rate_bp
    assert (kept + 2) * 10_000 > stayed * rate_bp
