"""Release the credits whose hold has ended."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice

from siyu.domain.ledger import Entry
from siyu.domain.referrals import Credit, release
from siyu.storage import keys, ledger
from siyu.storage.transaction import StaleReadError, retrying

CREDITS_AT_ONCE = 40
PAGE = 1_000


def release_due(day: date, now: datetime) -> int:
    """Release everything due on `day` or before; returns how many. Safe to repeat or resume."""
    return sum(
        _release_together(together, now)
        for shard in range(keys.DUE_SHARDS)
        for together in _by_account(ledger.due(day, shard))
    )


def _by_account(due: Iterator[Credit]) -> Iterator[list[Credit]]:
    """Credits that share a balance, so that one transaction can release many."""
    while page := list(islice(due, PAGE)):
        accounts: dict[str, list[Credit]] = defaultdict(list)
        for credit in page:
            accounts[keys.ledger_shard(credit.referrer_id, credit.order_key)].append(credit)
        for together in accounts.values():
            for start in range(0, len(together), CREDITS_AT_ONCE):
                yield together[start : start + CREDITS_AT_ONCE]


def _release_together(together: list[Credit], now: datetime) -> int:
    """The index may lag: what moved since it was written is released one by one, freshly read."""
    try:
        return _post(together, now)
    except StaleReadError:
        return sum(_release_alone(credit.order_key, now) for credit in together)


def _release_alone(order_key: str, now: datetime) -> int:
    def attempt() -> int:
        _, credit = ledger.look_up([order_key])[order_key]
        return _post([credit] if credit else [], now)

    return retrying(attempt)


def _post(due: Iterable[Credit], now: datetime) -> int:
    moved: list[Credit] = []
    entries: list[Entry] = []
    for credit in due:
        after, added = release(credit)
        if after is not credit:
            moved.append(after)
            entries.extend(added)
    ledger.post(moved, entries, now)
    return len(moved)
