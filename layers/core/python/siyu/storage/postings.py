"""What a posting adds to a transaction: entries, and what they move on both sides."""

from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from operator import and_

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from siyu.counts import MetricName
from siyu.domain.calendar import to_utc
from siyu.domain.ledger import FIELDS, Balance, Entry, EntryKind
from siyu.storage import keys
from siyu.storage.items import Item
from siyu.storage.ledger_items import AccountItem, BalanceItem, EntryItem
from siyu.storage.transaction import Transaction

# What an entry of a kind moves is counted, once it is written.
COUNTED: Mapping[EntryKind, MetricName] = {
    EntryKind.EARN: "CreditEarnedMinor",
    EntryKind.REVERSE: "CreditReversedMinor",
    EntryKind.RELEASE: "CreditReleasedMinor",
    EntryKind.CAPTURE: "CreditSpentMinor",
    EntryKind.EXPIRE: "CreditExpiredMinor",
}


def add_entry(write: Transaction, ledger_pk: str, entry: Entry, now: datetime) -> None:
    """An entry, which must not be there yet; what it moves is counted once it is written."""
    write.create(f"entry {entry.kind}", _entry_item(ledger_pk, entry, now))
    if entry.kind in COUNTED:
        write.count(COUNTED[entry.kind], entry.amount_minor)


def add_to_balance(
    write: Transaction, ledger_pk: str, change: Balance, stood: Balance | None
) -> None:
    """What an account's entries move in one of its shards, which is as it `stood`, if given."""
    moved = {name: value for name in FIELDS if (value := getattr(change, name))}
    holds = as_read(stood) if stood is not None else None
    _add(write, "balance", BalanceItem(*keys.balance(ledger_pk)), moved, holds)


def add_to_account(write: Transaction, key: keys.Key, change: int) -> None:
    """What entries move in one shard of an account of the brand's."""
    item, index = AccountItem(*key), keys.listed_account(key)
    _add(write, "account", item, {"balance_minor": change} if change else {}, index=index)


def _add(
    write: Transaction,
    label: str,
    item: Item,
    moved: dict[str, int],
    holds: Condition | None = None,
    *,
    index: keys.Key | None = None,
) -> None:
    model = type(item)
    actions: list[Action] = [getattr(model, name).add(value) for name, value in moved.items()]
    if actions and index is not None:
        actions += [model.GSI1PK.set(index.pk), model.GSI1SK.set(index.sk)]
    if actions:
        write.update(label, item, [*actions, model.kind.set(model)], holds)


def as_read(balance: Balance) -> Condition:
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
