"""What an order owes the member who brought its buyer.

The target is computed from the order: earned is what it is worth by the programme, reversed the
part of it that refunds took back. One level; only real purchases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from siyu.domain.calendar import business_date
from siyu.domain.money import share_floor
from siyu.domain.remembered import NOTHING as NOTHING_KEPT
from siyu.domain.remembered import Remembered

if TYPE_CHECKING:
    # Only named here: whoever has one has loaded it, and a start is spared it.
    from siyu.domain.order_facts import Line
    from siyu.domain.orders import Order
    from siyu.domain.programmes import Programme


@dataclass(frozen=True, slots=True)
class Binding:
    """Who referred a member; bound once, at signup, for life. `refused` says why it is worth
    nothing all the same; `device` and `address` are keyed marks of where the referee signed up, and
    `kept` is what an erasure leaves of what they told."""

    referee_id: str
    referrer_id: str
    bound_at: datetime
    refused: str | None = None
    device: str | None = None
    address: str | None = None
    kept: Remembered = NOTHING_KEPT


@dataclass(frozen=True, slots=True)
class Goods:
    """What one order was paid for, in minor units, and its lines, none if nobody tells them."""

    paid_minor: int
    lines: "tuple[Line, ...]" = ()


@dataclass(frozen=True, slots=True)
class Purchases:
    """What else decides about an order: the goods of it, or of each order that its sale adds up;
    and the first day on which the friend bought something that they kept (None while there is
    none)."""

    goods: tuple[Goods, ...] = ()
    first_day: date | None = None


class Obstacle(StrEnum):
    """Why an order earns nobody anything: who bought it, or the rules."""

    NOT_PAID = "not_paid"
    IN_SALE = "counted_in_sale"
    NO_MEMBER = "no_member"
    NOBODY = "nobody_brought_the_buyer"
    PAUSED = "programme_paused"
    BELOW_MINIMUM = "below_minimum"
    BEFORE_JOINING = "before_joining"
    TOO_LATE = "after_referral_time"
    NOT_NEW = "not_new"
    NOT_FIRST = "not_first_purchase"
    EXCLUDED = "excluded_goods"
    NO_WORTH = "worth_nothing"
    UNSETTLED = "not_settled_yet"


@dataclass(frozen=True, slots=True)
class Target:
    """What should stand in the ledger for one order, in minor units."""

    earned_minor: int
    reversed_minor: int

    @property
    def kept_minor(self) -> int:
        """What the referrer keeps."""
        return self.earned_minor - self.reversed_minor


NOTHING = Target(0, 0)


def demand_of(
    order: "Order", binding: Binding, programme: "Programme", purchases: Purchases
) -> int:
    """What `order` is worth to its buyer's referrer before caps, in minor units.

    Nothing where anything stands in its way (`obstacles_of`); never more than was paid.
    """
    if obstacles_of(order, binding, programme, purchases):
        return 0
    eligible = _eligible(order.paid_minor, programme, purchases.goods)
    worth = programme.fixed_minor
    if worth is None:
        worth = share_floor(eligible, programme.rate_bp)
    if programme.max_credit_minor is not None:
        worth = min(worth, programme.max_credit_minor)
    return min(worth, eligible)


def obstacles_of(
    order: "Order", binding: Binding, programme: "Programme", purchases: Purchases
) -> list[Obstacle]:
    """All that stands in the way of an order's credit by the rules.

    An unpaid order, one below the minimum or of excluded goods alone, one paid on a business day
    before the referee joined or after the referral's time, one of a customer who is not new or not
    a first purchase where the programme wants that.
    """
    if order.paid is None:
        return [Obstacle.NOT_PAID]
    day, joined = business_date(order.paid.occurred_at), business_date(binding.bound_at)
    since, most, first = (day - joined).days, programme.referral_days, purchases.first_day
    eligible = _eligible(order.paid_minor, programme, purchases.goods)
    met = {
        Obstacle.PAUSED: not programme.enabled,
        Obstacle.BELOW_MINIMUM: order.paid_minor < programme.min_order_minor,
        Obstacle.BEFORE_JOINING: since < 0,
        Obstacle.TOO_LATE: most is not None and since > most,
        Obstacle.NOT_NEW: programme.new_customers_only and _before(first, joined),
        Obstacle.NOT_FIRST: programme.first_purchase_only and _before(first, day),
        Obstacle.EXCLUDED: eligible == 0 < order.paid_minor,
    }
    return [obstacle for obstacle, so in met.items() if so]


def target_of(order: "Order", earned_minor: int) -> Target:
    """What an order whose credit was granted at `earned_minor` owes after its refunds.

    The referrer keeps the same share of it as the buyer of the goods, rounded down.
    """
    if order.paid_minor == 0:
        return NOTHING
    kept = earned_minor * max(order.net_minor, 0) // order.paid_minor
    return Target(earned_minor, earned_minor - kept)


def shares(taken_minor: int, earned_minor: int, paid_minor: int, backs: Sequence[int]) -> list[int]:
    """What each of some refunds took of a credit of `earned_minor`, in the order in which the money
    went back; together `taken_minor`, which is at most what they owe.

    Each took what the target moved by with it, so a refund that came when less was left of the
    payment than it says has a share of what was left.
    """
    left = paid_minor
    found, so_far = [], 0
    for back in backs:
        left = max(left - back, 0)
        owed = min(earned_minor - earned_minor * left // paid_minor, taken_minor)
        found.append(owed - so_far)
        so_far = owed
    return found


def _before(first: date | None, day: date) -> bool:
    return first is not None and first < day


def _eligible(paid_minor: int, programme: "Programme", goods: tuple[Goods, ...]) -> int:
    """The part of what was paid that was for goods of the programme, looked for in each order by
    itself: what one says of its lines holds for no other."""
    if not goods or not programme.excluded_skus:
        return paid_minor
    return min(sum(_eligible_of(one, programme) for one in goods), paid_minor)


def _eligible_of(goods: Goods, programme: "Programme") -> int:
    """Without lines all of it; by their amounts where some are excluded, and all of it again where
    no amount says how much that is."""
    counting = [line.amount_minor for line in goods.lines if not programme.excludes(line.sku)]
    total = sum(line.amount_minor for line in goods.lines)
    if goods.lines and not counting:
        return 0
    return goods.paid_minor * sum(counting) // total if total > 0 else goods.paid_minor
