"""What tests of referrals say a lot."""

from __future__ import annotations

from siyu.domain.orders import Order
from siyu.domain.programmes import PROGRAMME, Programme
from siyu.domain.referrals import Binding, Purchases, Target, demand_of, target_of


def owed(order: Order, binding: Binding, programme: Programme = PROGRAMME) -> Target:
    """What an honest order by itself owes, with no cap in the way."""
    return target_of(order, demand_of(order, binding, programme, Purchases()))
