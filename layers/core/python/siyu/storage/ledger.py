"""The ledger's writes: entries, the balances they move, and both sides of them together.

Everything is added to a transaction of the caller's, so that an entry and what it is about are
written together or not at all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from siyu.domain.ledger import FIELDS, Balance, Entry, EntryKind, change_for, is_members, moved_by
from siyu.storage import keys
from siyu.storage.ledger_items import BalanceItem, EntryItem
from siyu.storage.postings import add_entry, add_to_account, add_to_balance, as_read
from siyu.storage.reading import partition, read
from siyu.storage.transaction import Transaction


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
    """Add entries of several members, all in the ledger partition and account shard of `about`: an
    order, a hold, or the first of some orders that are booked together. `stood` are shards of
    balances, by ledger partition, of which none may have moved since they were read."""
    _book(write, [(one, about, theirs) for one, theirs in entries.items()], now, stood or {})


def book_together(
    write: Transaction, about: Iterable[tuple[str, str, Sequence[Entry]]], now: datetime
) -> None:
    """Add entries about several orders: the account they are of, the order, and they."""
    _book(write, about, now, {})


def _book(
    write: Transaction,
    about: Iterable[tuple[str, str, Sequence[Entry]]],
    now: datetime,
    stood: Mapping[str, Balance],
) -> None:
    """What moves one balance, or one shard of an account, from several sides moves it once."""
    posted, changes = list(about), dict[str, Balance]()
    for member_id, name, entries in posted:
        ledger_pk = keys.ledger_shard(member_id, name)
        for entry in entries:
            add_entry(write, ledger_pk, entry, now)
        if entries:
            before = changes.get(ledger_pk, Balance())
            changes[ledger_pk] = before + change_for(member_id, entries)
    for ledger_pk, change in changes.items():
        add_to_balance(write, ledger_pk, change, stood.get(ledger_pk))
    for ledger_pk in sorted(stood.keys() - changes.keys()):
        holds = as_read(stood[ledger_pk])
        write.check("balance", BalanceItem, keys.balance(ledger_pk), holds)
    for where, amount in sorted(_account_moves(posted).items()):
        add_to_account(write, where, amount)


def _account_moves(
    posted: Iterable[tuple[str, str, Sequence[Entry]]],
) -> Mapping[keys.Key, int]:
    """What entries move on the brand's side, by shard."""
    moves: dict[keys.Key, int] = {}
    for _, name, entries in posted:
        for entry in entries:
            for side in {entry.debit, entry.credit}:
                if not is_members(side):
                    where = keys.account(side, name)
                    moves[where] = moves.get(where, 0) + moved_by(entry, side)
    return moves


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


def to_balance(item: BalanceItem) -> Balance:
    """One shard of a balance."""
    return Balance(**{name: int(getattr(item, name) or 0) for name in FIELDS})


def _to_entry(item: EntryItem) -> Entry:
    return Entry(
        entry_id=item.entry_id,
        kind=EntryKind(item.entry_kind),
        debit=item.debit,
        credit=item.credit,
        amount_minor=int(item.amount_minor),
        order_key=item.order_key,
        programme=item.programme,
        hold_key=item.hold_key,
    )
