"""The brand's side of the ledger: what programmes gave, and what stores took in."""

from collections.abc import Iterable

from siyu.storage import keys
from siyu.storage.ledger_items import AccountItem
from siyu.storage.reading import indexed, read


def balances(names: Iterable[str]) -> dict[str, int]:
    """What stands on some accounts, in minor units; below zero they owe. 16 read units each, a
    round trip for six of them."""
    where = {name: keys.accounts(name) for name in names}
    found = read(key for shards in where.values() for key in shards)
    return {
        name: sum(_balance(found.get(AccountItem, key)) for key in shards)
        for name, shards in where.items()
    }


def account_of(name: str) -> int:
    """What stands on one of them."""
    return balances([name])[name]


def of_stores() -> int:
    """What all stores together have taken in, in minor units: 16 queries; the index may lag a
    moment behind."""
    shards = (keys.stores_pk(number) for number in range(keys.ACCOUNT_SHARDS))
    return sum(_balance(item) for pk in shards for item in indexed(AccountItem, pk))


def _balance(item: AccountItem | None) -> int:
    return int(item.balance_minor) if item is not None else 0
