"""Every night: credit that was not spent in time comes to its end."""

from datetime import date, datetime
from functools import partial
from itertools import islice

from siyu.domain.expiry import add_up, ended, lots_of
from siyu.domain.ledger import Balance
from siyu.services.each import each
from siyu.storage import credit_items, keys, ledger, members, people
from siyu.storage.transaction import StaleReadError, Transaction, retrying

# Each is a credit, an entry and, at worst, a programme of its own: 100 writes go together.
LOTS_AT_ONCE = 30


def expire_due(day: date, now: datetime) -> int:
    """Let end all that ends on `day` or before; returns how many credits came to their end, spent
    ones among them. Safe to repeat or resume.

    Of a credit whose referrer spent all of it nothing expires, and it waits for nothing more. One
    that a till holds a part of waits on, and is looked at again the next night. Raises
    ContentionError, after all others had their turn, for an account that does not come to rest.
    """
    return each(
        partial(_expire_with, credit.order_key, day, now)
        for shard in range(keys.DUE_SHARDS)
        for credit in credit_items.waiting(keys.EXPIRY, day, shard)
    )


def _expire_with(order_key: str, day: date, now: datetime) -> int:
    """All that is due of the account that a credit belongs to."""
    done, attempt = 0, partial(_attempt, order_key, day, now)
    while moved := retrying(attempt):
        done += moved
    return done


def _attempt(order_key: str, day: date, now: datetime) -> int:
    """One transaction; how many lots it moved.

    It goes through only if the balance has not moved since it was read, so neither a refund nor a
    till can come between; and it moves the accounts that a hold would move.
    """
    credit = credit_items.find(order_key)
    if credit is None or credit.lasts_until is None or credit.lasts_until > day:
        return 0
    member_id = credit.referrer_id
    person = people.load(member_id)
    stood = ledger.shards_of(member_id)
    balance = sum(stood.values(), Balance())
    found = credit_items.of_referrer(member_id)
    lots = lots_of(credit_items.find_many(one.order_key for one in found), member_id)
    if person is None or not add_up(lots, balance):
        # What was read is not of one moment, or the index is behind.
        raise StaleReadError(frozenset({"lots"}))
    moved = list(islice(ended(lots, balance, day), LOTS_AT_ONCE))
    if not moved:
        return 0
    write = Transaction()
    for lot, _ in moved:
        credit_items.put(write, lot)
    entries = [entry for _, posted in moved for entry in posted]
    ledger.book_all(write, order_key, {member_id: entries}, now, stood)
    for account in person.accounts:
        if account.member.member_id in {member_id, person.member.member_id}:
            members.touch(write, account.member)
    write.commit()
    return len(moved)
