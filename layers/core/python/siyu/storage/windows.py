"""Counts of limits: a small item per limit, value and window of time, cleared by TTL."""

from siyu.domain.limits import Window
from siyu.storage import keys
from siyu.storage.code_items import WindowItem
from siyu.storage.transaction import Transaction

KEPT_SECONDS = 3_600


def key(window: Window) -> keys.Key:
    return keys.window(window.limit.name, window.value, window.begin)


def count(write: Transaction, window: Window) -> None:
    """Count one use."""
    write.update(
        "limit",
        WindowItem(*key(window)),
        [
            WindowItem.used.add(1),
            WindowItem.ttl.set(window.end + KEPT_SECONDS),
            WindowItem.kind.set(WindowItem),
        ],
        WindowItem.used.does_not_exist() | (WindowItem.used < window.limit.count),
    )
