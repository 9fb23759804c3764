"""What an order owes the member who brought its buyer.

The target is computed from the order: earned is what it is worth by the programme, reversed the
part of it that refunds took back. One level; only real purchases.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from siyu.domain.calendar import business_date
from siyu.domain.money import share_floor

if TYPE_CHECKING:
    # Only named here: whoever has one has loaded it, and a start is spared it.
    from siyu.domain.order_facts import Line
    from siyu.domain.orders import Order
    from siyu.domain.programmes import Programme


@dataclass(frozen=True, slots=True)
class Binding:
    """Who referred a member; bound once, at signup, for life. `refused` says why it is worth
    nothing all the same; `device` and `address` are keyed marks of where the referee signed up,
    which an erasure has taken away if it is `forgotten`."""

    referee_id: str
    referrer_id: str
    bound_at: datetime
    refused: str | None = None
    device: str | None = None
    address: str | None = None
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class Purchases:
    """What else decides about an order: its lines, and the first day on which the friend bought
    something that they kept (None while there is none)."""

    lines: "tuple[Line, ...]" = ()
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


NOTHING = Target(0, 0)


def demand_of(
    order: "Order", binding: Binding, programme: "Programme", purchases: Purchases
) -> int:
    """What `order` is worth to its buyer's referrer before caps, in minor units.

    Nothing where anything stands in its way (`obstacles_of`); never more than was paid.
    """
    if obstacles_of(order, binding, programme, purchases):
        return 0
    eligible = _eligible(order.paid_minor, programme, purchases.lines)
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
    eligible = _eligible(order.paid_minor, programme, purchases.lines)
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


def shares(total_minor: int, weights: Mapping[str, int]) -> dict[str, int]:
    """`total_minor` divided by weight, to the unit: what rounding leaves over goes to the largest
    remainders, and among equals to the first name."""
    whole = sum(weights.values())
    if whole == 0:
        return dict.fromkeys(weights, 0)
    divided = {name: divmod(total_minor * weight, whole) for name, weight in weights.items()}
    left = total_minor - sum(part for part, _ in divided.values())
    ranked = sorted(divided, key=lambda name: (-divided[name][1], name))
    lucky = set(ranked[:left])
    return {name: part + (name in lucky) for name, (part, _) in divided.items()}


def _before(first: date | None, day: date) -> bool:
    return first is not None and first < day


def _eligible(paid_minor: int, programme: "Programme", lines: "tuple[Line, ...]") -> int:
    """The part of what was paid that was for goods of the programme; without lines all of it."""
    total = sum(line.amount_minor for line in lines)
    if total <= 0 or not programme.excluded_skus:
        return paid_minor
    kept = sum(line.amount_minor for line in lines if not programme.excludes(line.sku))
    return paid_minor * max(kept, 0) // total
