"""What an order owes the member who brought its buyer.

The target is computed from the order: earned is what it is worth by the programme, reversed the
part of it that refunds took back. One level; only real purchases.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from siyu.domain.calendar import business_date
from siyu.domain.money import share_floor
from siyu.domain.order_facts import Line
from siyu.domain.orders import Order
from siyu.domain.programmes import Programme


@dataclass(frozen=True, slots=True)
class Binding:
    """Who referred a member; bound once, at signup, for life. `refused` says why it is worth
    nothing all the same; `device` and `address` are keyed marks of where the referee signed up."""

    referee_id: str
    referrer_id: str
    bound_at: datetime
    refused: str | None = None
    device: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Purchases:
    """What else decides about an order: its lines, and the first day on which the friend bought
    something that they kept (None while there is none)."""

    lines: tuple[Line, ...] = ()
    first_day: date | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What should stand in the ledger for one order, in minor units."""

    earned_minor: int
    reversed_minor: int


NOTHING = Target(0, 0)


def demand_of(order: Order, binding: Binding, programme: Programme, purchases: Purchases) -> int:
    """What `order` is worth to its buyer's referrer before caps, in minor units.

    Nothing for an unpaid order, one below the minimum, one paid on a business day before the
    referee joined or after the referral's time, one of a customer who is not new or not a first
    purchase where the programme wants that. Never more than was paid.
    """
    if not programme.enabled or order.paid is None:
        return 0
    if order.paid_minor < programme.min_order_minor or not _in_time(order, binding, programme):
        return 0
    day, first = business_date(order.paid.occurred_at), purchases.first_day
    if programme.new_customers_only and first and first < business_date(binding.bound_at):
        return 0
    if programme.first_purchase_only and first and first < day:
        return 0
    eligible = _eligible(order.paid_minor, programme, purchases.lines)
    worth = programme.fixed_minor
    if worth is None:
        worth = share_floor(eligible, programme.rate_bp)
    if programme.max_credit_minor is not None:
        worth = min(worth, programme.max_credit_minor)
    return min(worth, eligible)


def target_of(order: Order, earned_minor: int) -> Target:
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


def _in_time(order: Order, binding: Binding, programme: Programme) -> bool:
    if order.paid is None:
        return False
    since = (business_date(order.paid.occurred_at) - business_date(binding.bound_at)).days
    return since >= 0 and (programme.referral_days is None or since <= programme.referral_days)


def _eligible(paid_minor: int, programme: Programme, lines: tuple[Line, ...]) -> int:
    """The part of what was paid that was for goods of the programme; without lines all of it."""
    total = sum(line.amount_minor for line in lines)
    if total <= 0 or not programme.excluded_skus:
        return paid_minor
    kept = sum(line.amount_minor for line in lines if not programme.excludes(line.sku))
    return paid_minor * max(kept, 0) // total
