"""Members with an order, and what they decide about profiling."""

from __future__ import annotations

from datetime import datetime, timedelta

from siyu.domain.consents import Consent, Purpose
from tests.services.shop import paid, receipt, scan, settle
from tests.support import NOW

DAY = timedelta(days=1)
LATER = NOW + timedelta(hours=1)


def deciding(granted: bool, at: datetime = LATER) -> Consent:
    return Consent(Purpose.PROFILING, granted, "1", "0" * 64, "mini_program", at)


def named(name: str, number: int, amount: int) -> str:
    """A member with an order; the shop knows them under their name. A later number joins later."""
    paid(f"first-{name}", amount, buyer_id=name, receipt_token=receipt(number))
    member_id = scan(receipt(number), name, now=NOW + timedelta(seconds=number)).member_id
    settle()
    return member_id
