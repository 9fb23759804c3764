"""Who comes how often. Reads dominate, as at a real brand: a visit in six writes anything.

The numbers of scenarios are those of docs/load.md.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.load import crooks, offices, selling, shoppers
from tests.load.line import Line
from tests.load.world import World

ENOUGH = 3
Act = Callable[[World, Line], None]


@dataclass(frozen=True)
class Visit:
    """What a visitor may do, how often of all, and whether it changes anything."""

    act: Act
    weight: int
    writes: bool = False

    @property
    def name(self) -> str:
        return self.act.__name__


MIX = (
    Visit(shoppers.look, 240),
    Visit(shoppers.open_landing_page, 160),
    Visit(shoppers.look_at_credit, 100),
    Visit(shoppers.look_at_coupons, 80),
    Visit(shoppers.sign_in, 60),
    Visit(offices.ask_for_nothing, 60),
    Visit(offices.look_behind, 40),
    Visit(shoppers.show_wallet_code, 10),
    Visit(shoppers.open_poster, 10),
    Visit(crooks.scan_forged, 8),
    Visit(crooks.forge_a_session, 6),
    Visit(crooks.sign_badly, 6),
    Visit(crooks.send_odd_bodies, 4),
    Visit(crooks.guess_receipts, 4),
    Visit(shoppers.join_and_buy, 36, writes=True),
    Visit(shoppers.buy_again, 30, writes=True),
    Visit(shoppers.bring_a_friend, 24, writes=True),
    Visit(offices.redeem, 12, writes=True),
    Visit(offices.spend_credit, 10, writes=True),
    Visit(selling.shuffle_a_life, 10, writes=True),
    Visit(shoppers.decide_consents, 10, writes=True),
    Visit(offices.call_back, 8, writes=True),
    Visit(selling.repeat_at_once, 8, writes=True),
    Visit(selling.refund_first, 6, writes=True),
    Visit(selling.tell_by_three, 6, writes=True),
    Visit(shoppers.scan_a_used_code, 6, writes=True),
    Visit(shoppers.two_scan_one_receipt, 6, writes=True),
    Visit(shoppers.link_a_phone, 4, writes=True),
    Visit(shoppers.refer_oneself, 4, writes=True),
    Visit(shoppers.leave, 4, writes=True),
    Visit(selling.send_poison, 4, writes=True),
    Visit(selling.reuse_a_delivery, 4, writes=True),
    Visit(offices.ask_for_an_audience, 2, writes=True),
    Visit(offices.trigger_nights, 2, writes=True),
)


class Tour:
    """Every visit once, as soon as there is somebody to visit, and then by weight: so a short run
    has all of them, too."""

    def __init__(self) -> None:
        self._left = list(MIX)
        self.made: Counter[str] = Counter()
        self.under_way = 0
        self.over = False

    def next(self, world: World, line: Line) -> Visit:
        ready = len(world.members) >= ENOUGH and self._left
        one = self._left.pop() if ready else draw(line.chance)
        self.made[one.name] += 1
        return one


def draw(chance: random.Random) -> Visit:
    (visit,) = chance.choices(MIX, [one.weight for one in MIX])
    return visit
