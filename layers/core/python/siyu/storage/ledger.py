"""Referral credits and the ledger: credit, entries and balance move in one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from siyu.domain.calendar import to_utc
from siyu.domain.ledger import Balance, Entry, change_for
from siyu.domain.orders import Order
from siyu.domain.referrals import PENDING, Credit
from siyu.storage import keys
from siyu.storage.items import BalanceItem, CreditItem, EntryItem, Gsi2, Item, OrderItem
from siyu.storage.order_items import to_order
from siyu.storage.reading import read
from siyu.storage.transaction import Transaction


def look_up(order_keys: Iterable[str]) -> dict[str, tuple[Order | None, Credit | None]]:
    """Orders and the credits they have earned so far: two round trips per 100, 2 read units each.

    Credits first: so an order is at least as young as the one its credit was computed from, and no
    target goes back in time.
    """
    wanted = list(order_keys)
    credits_found, orders_found = read(map(keys.credit, wanted)), read(map(keys.order, wanted))
    answers: dict[str, tuple[Order | None, Credit | None]] = {}
    for key in wanted:
        order = orders_found.get(OrderItem, keys.order(key))
        credit = credits_found.get(CreditItem, keys.credit(key))
        answers[key] = (to_order(order) if order else None, _credit(credit) if credit else None)
    return answers


def post(moved: Sequence[Credit], entries: Sequence[Entry], now: datetime) -> None:
    """Write credits over the versions before them, with the entries that brought them here.

    All belong to one referrer and one ledger partition, 40 credits at most. Raises StaleReadError
    when one of them moved meanwhile; then none is written.
    """
    if not moved:
        return
    write = Transaction()
    referrer_id = moved[0].referrer_id
    ledger_pk = keys.ledger_shard(referrer_id, moved[0].order_key)
    for credit in moved:
        _put_credit(write, credit)
    for entry in entries:
        write.create(f"entry {entry.kind}", _entry_item(ledger_pk, entry, now))
    _add_to_balance(write, ledger_pk, change_for(referrer_id, entries))
    write.commit()


def due(day: date, shard: int) -> Iterator[Credit]:
    """The credits due on `day` or before, oldest first, from one shard; they may be outdated."""
    until = keys.due_until(day) >= Gsi2.GSI2SK
    for item in Item.gsi2.query(keys.due_pk(shard), until):
        if isinstance(item, CreditItem):
            yield _credit(item)


def to_balance(item: BalanceItem) -> Balance:
    """One shard of a balance."""
    return Balance(
        int(item.pending_minor),
        int(item.released_minor),
        int(item.earned_minor),
        int(item.reversed_minor),
    )


def _put_credit(write: Transaction, credit: Credit) -> None:
    item = CreditItem(
        *keys.credit(credit.order_key),
        order_key=credit.order_key,
        referrer_id=credit.referrer_id,
        referee_id=credit.referee_id,
        programme=credit.programme,
        release_on=credit.release_on.isoformat(),
        earned_minor=credit.earned_minor,
        reversed_minor=credit.reversed_minor,
        state=credit.state,
        version=credit.version,
    )
    item.GSI1PK, item.GSI1SK = keys.credit_of_referrer(credit.referrer_id, credit.order_key)
    if credit.state == PENDING:
        item.GSI2PK, item.GSI2SK = keys.due(credit.release_on, credit.order_key)
    write.replace("credit", item)


def _add_to_balance(write: Transaction, ledger_pk: str, change: Balance) -> None:
    actions = [
        BalanceItem.pending_minor.add(change.pending_minor),
        BalanceItem.released_minor.add(change.released_minor),
        BalanceItem.earned_minor.add(change.earned_minor),
        BalanceItem.reversed_minor.add(change.reversed_minor),
        BalanceItem.kind.set(BalanceItem),
    ]
    if change != Balance():
        write.update("balance", BalanceItem(*keys.balance(ledger_pk)), actions)


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
        posted_at=to_utc(now),
    )


def _credit(item: CreditItem) -> Credit:
    return Credit(
        item.order_key,
        item.referrer_id,
        item.referee_id,
        item.programme,
        date.fromisoformat(item.release_on),
        int(item.earned_minor),
        int(item.reversed_minor),
        item.state,
        int(item.version),
    )
