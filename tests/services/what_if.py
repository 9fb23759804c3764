"""What tests of the what-if say a lot: ask it, and see that nothing was written."""

from __future__ import annotations

from datetime import date
from typing import Any

from siyu.domain.coupons import Benefit
from siyu.domain.programmes import Programme
from siyu.domain.what_if import Outcome
from siyu.services.simulate_programme import Comparison, compare, history_of, weigh
from siyu.storage.history import referrals
from tests.services.rules import OPEN
from tests.support import NOW, dump

COUPON = Benefit("friend", 1_200, 0, valid_days=30)


def what_if(rules: Programme, since: date | None = None) -> Comparison:
    """The comparison, after which the table is what it was before."""
    before = dump()
    known = history_of(referrals(), since)
    found = [one for binding in known.bindings for one in weigh(binding, rules, known)]
    compared = compare(found, rules, known)
    assert dump() == before
    return compared


def plain(**fields: Any) -> Programme:
    return Programme("what-if", NOW, **{"checks": OPEN, **fields})


def told(outcome: Outcome) -> dict[str, tuple[int, int]]:
    """What each order earned, and what was taken back of it."""
    return {
        one.order_key.partition("#")[2]: (one.earned_minor, one.reversed_minor)
        for one in outcome.credits
    }
