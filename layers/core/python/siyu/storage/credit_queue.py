"""The credits that wait for somebody's decision, as one list over all shards."""

import heapq
from collections.abc import Iterator
from datetime import date

from siyu.domain.credits import Credit
from siyu.storage import keys
from siyu.storage.credit_items import to_credit
from siyu.storage.items import Gsi2, Item
from siyu.storage.ledger_items import CreditItem

PAGE = 25

Place = tuple[date, str]
"""Where a credit stands in the list: the day since when it waits, and its order key."""


def place_of(credit: Credit) -> Place:
    return credit.waits_since, credit.order_key


def in_review(after: Place | None, wanted: int) -> Iterator[Credit]:
    """The credits in review, oldest first, from behind `after` on (eventual).

    Shards are read a page at a time, and only as far as somebody looks; `wanted` is how many that
    may be.
    """
    where = Gsi2.GSI2SK
    beyond = where > keys.waiting(keys.REVIEW, *after).sk if after else None
    page = min(PAGE, wanted // keys.DUE_SHARDS + 1)
    shards = [
        Item.gsi2.query(keys.waiting_pk(keys.REVIEW, number), beyond, page_size=page)
        for number in range(keys.DUE_SHARDS)
    ]
    for item in heapq.merge(*shards, key=lambda one: str(one.GSI2SK)):
        if isinstance(item, CreditItem):
            yield to_credit(item)
