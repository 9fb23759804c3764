"""Release the credits whose hold has ended."""

from datetime import date, datetime

from siyu.domain.referrals import release
from siyu.storage import keys, ledger
from siyu.storage.transaction import retrying


def release_due(day: date, now: datetime) -> int:
    """Release everything due on `day` or before; returns how many. Safe to repeat or resume."""
    return sum(
        _release(order_key, now)
        for shard in range(keys.DUE_SHARDS)
        for order_key in ledger.due(day, shard)
    )


def _release(order_key: str, now: datetime) -> bool:
    def attempt() -> bool:
        _, credit = ledger.look_up(order_key)
        if credit is None:
            return False
        moved, entries = release(credit)
        if moved is credit:
            return False
        ledger.post(moved, entries, now)
        return True

    return retrying(attempt)
