"""The ledger's writes: entries, the balances they move, and both sides of them together.

Everything is added to a transaction of the caller's, so that an entry and what it is about are
written together or not at all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import and_

from pynamodb.expressions.condition import Condition

from siyu.counts import MetricName
from siyu.domain.calendar import to_utc
from siyu.domain.ledger import FIELDS, Balance, Entry, EntryKind, change_for, is_members, moved_by
from siyu.storage import keys
from siyu.storage.items import Item
from siyu.storage.ledger_items import AccountItem, BalanceItem, EntryItem
from siyu.storage.reading import partition, read
from siyu.storage.transaction import Transaction

# What an entry of a kind moves is counted, once it is written.
COUNTED: Mapping[EntryKind, MetricName] = {
    EntryKind.EARN: "CreditEarnedMinor",
    EntryKind.REVERSE: "CreditReversedMinor",
    EntryKind.RELEASE: "CreditReleasedMinor",
    EntryKind.CAPTURE: "CreditSpentMinor",
    EntryKind.EXPIRE: "CreditExpiredMinor",
}


def book(
    write: Transaction, member_id: str, about: str, entries: Iterable[Entry], now: datetime
) -> None:
    """Add entries of one member, all about one order or hold or of one ledger partition, and move
    the balances on both sides."""
    book_all(write, about, {member_id: tuple(entries)}, now)


def book_all(
    write: Transaction,
    about: str,
    entries: Mapping[str, Sequence[Entry]],
    now: datetime,
    stood: Mapping[str, Balance] | None = None,
) -> None:
    """Add entries of several members, all about one hold. `stood` are shards of balances, by ledger
    partition, of which none may have moved since they were read."""
    stood = stood or {}
    moved: set[str] = set()
    for member_id, theirs in entries.items():
        ledger_pk = keys.ledger_shard(member_id, about)
        for entry in theirs:
            write.create(f"entry {entry.kind}", _entry_item(ledger_pk, entry, now))
            if entry.kind in COUNTED:
                write.count(COUNTED[entry.kind], entry.amount_minor)
        if theirs:
            moved.add(ledger_pk)
            change = change_for(member_id, theirs)
            _add_to_balance(write, ledger_pk, change, stood.get(ledger_pk))
    for ledger_pk in sorted(stood.keys() - moved):
        holds = _as_read(stood[ledger_pk])
        write.check("balance", BalanceItem, keys.balance(ledger_pk), holds)
    everything = [entry for theirs in entries.values() for entry in theirs]
    sides = {name for one in everything for name in (one.debit, one.credit)}
    for name in sorted(name for name in sides if not is_members(name)):
        moves = sum(moved_by(entry, name) for entry in everything)
        _add_to_account(write, keys.account(name, about), moves)


def balance_of(member_ids: Iterable[str]) -> dict[str, Balance]:
    """The balances of some accounts: one round trip, 4 read units each."""
    where = {member_id: keys.balances(member_id) for member_id in member_ids}
    found = read(key for some in where.values() for key in some)
    return {
        member_id: sum(
            (to_balance(item) for key in some if (item := found.get(BalanceItem, key))), Balance()
        )
        for member_id, some in where.items()
    }


def shards_of(member_id: str) -> dict[str, Balance]:
    """An account's balance, one shard for each ledger partition: one round trip, 4 read units."""
    found = read(keys.balances(member_id))
    items = {key.pk: found.get(BalanceItem, key) for key in keys.balances(member_id)}
    return {pk: to_balance(item) if item else Balance() for pk, item in items.items()}


def entries_of(member_id: str) -> Iterator[tuple[Entry, datetime]]:
    """All entries of an account with the time of their posting, in no special order.

    Strongly consistent, so they make up exactly the balance that stood when each shard was read.
    """
    for number in range(keys.LEDGER_SHARDS):
        for item in partition(keys.ledger_pk(member_id, number), keys.ENTRIES_PREFIX):
            if isinstance(item, EntryItem):
                yield _to_entry(item), item.posted_at


def entries_about(member_id: str, order_key: str) -> list[tuple[Entry, datetime]]:
    """The entries of one credit with the time of their posting, oldest first: a query a shard,
    since credits that end together are booked together."""
    shards = (keys.ledger_pk(member_id, number) for number in range(keys.LEDGER_SHARDS))
    found = [
        (_to_entry(item), item.posted_at)
        for ledger_pk in shards
        for item in partition(ledger_pk, keys.entry(ledger_pk, f"{order_key}:").sk)
        if isinstance(item, EntryItem) and item.order_key == order_key
    ]
    return sorted(found, key=lambda one: one[1])


def account_of(name: str) -> int:
    """What stands on an account of the brand's, in minor units; below zero it owes."""
    where = keys.accounts(name)
    found = read(where)
    items = (found.get(AccountItem, key) for key in where)
    return sum(int(item.balance_minor) for item in items if item is not None)


def to_balance(item: BalanceItem) -> Balance:
    """One shard of a balance."""
    return Balance(*(int(getattr(item, name) or 0) for name in FIELDS))


def _add_to_balance(
    write: Transaction, ledger_pk: str, change: Balance, stood: Balance | None
) -> None:
    moved = {name: value for name in FIELDS if (value := getattr(change, name))}
    holds = _as_read(stood) if stood is not None else None
    _add(write, "balance", BalanceItem(*keys.balance(ledger_pk)), moved, holds)


def _add_to_account(write: Transaction, key: keys.Key, change: int) -> None:
    _add(write, "account", AccountItem(*key), {"balance_minor": change} if change else {})


def _add(
    write: Transaction,
    label: str,
    item: Item,
    moved: dict[str, int],
    holds: Condition | None = None,
) -> None:
    model = type(item)
    actions = [getattr(model, name).add(value) for name, value in moved.items()]
    if actions:
        write.update(label, item, [*actions, model.kind.set(model)], holds)


def _as_read(balance: Balance) -> Condition:
    """That a shard of a balance is what it was; what is nothing may not have been written yet."""
    fields = [(getattr(BalanceItem, name), getattr(balance, name)) for name in FIELDS]
    same: list[Condition] = [
        field == value if value else (field == 0) | field.does_not_exist()
        for field, value in fields
    ]
    return reduce(and_, same)


def _entry_item(ledger_pk: str, entry: Entry, now: datetime) -> EntryItem:
    return EntryItem(
        *keys.entry(ledger_pk, entry.entry_id),
        entry_id=entry.entry_id,
        entry_kind=entry.kind.value,
        debit=entry.debit,
        credit=entry.credit,
        amount_minor=entry.amount_minor,
        order_key=entry.order_key,
        programme=entry.programme,
        hold_key=entry.hold_key,
        posted_at=to_utc(now),
    )


def _to_entry(item: EntryItem) -> Entry:
    return Entry(
        item.entry_id,
        EntryKind(item.entry_kind),
        item.debit,
        item.credit,
        int(item.amount_minor),
        item.order_key,
        item.programme,
        item.hold_key,
    )
