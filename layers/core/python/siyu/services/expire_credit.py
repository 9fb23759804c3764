"""Every night: credit that was not spent in time comes to its end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from itertools import islice

from siyu.domain.credits import Credit
from siyu.domain.expiry import add_up, ended, lots_of
from siyu.domain.ledger import Balance, Entry, change_for
from siyu.domain.members import Member
from siyu.services.each import each
from siyu.storage import credit_items, keys, ledger, members, people
from siyu.storage.transaction import StaleReadError, Transaction, retrying

# Each is a credit, an entry and, at worst, a programme of its own: 100 writes go together.
LOTS_AT_ONCE = 30
Moved = Sequence[tuple[Credit, list[Entry]]]
"""Lots as they are from now on, each with what is posted for it."""


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
    """Everything is read once, and ended in as many transactions as it takes; how many lots they
    moved. It stops where somebody came between: what is done stays, and the rest is read again."""
    credit = credit_items.find(order_key)
    if credit is None or credit.lasts_until is None or credit.lasts_until > day:
        return 0
    member_id = credit.referrer_id
    person = people.load(member_id)
    if person is not None and person.standing.suspended:
        # They could not spend it: it waits on, and is looked at again every night.
        return 0
    stood = ledger.shards_of(member_id)
    balance = sum(stood.values(), Balance())
    found = credit_items.of_referrer(member_id)
    lots = lots_of(credit_items.find_many(one.order_key for one in found), member_id)
    if person is None or not add_up(lots, balance):
        # What was read is not of one moment, or the index is behind.
        raise StaleReadError(frozenset({"lots"}))
    watched = {member_id, person.member.member_id}
    touched = [one.member for one in person.accounts if one.member.member_id in watched]
    owner, done, ending = _Owner(member_id, touched, stood), 0, ended(lots, balance, day)
    while moved := list(islice(ending, LOTS_AT_ONCE)):
        try:
            owner.end(order_key, moved, now)
        except StaleReadError:
            if not done:
                raise
            break
        done += len(moved)
    return done


@dataclass(slots=True)
class _Owner:
    """An account as it was read, and then as it stands after each transaction of ours."""

    member_id: str
    touched: list[Member]
    stood: dict[str, Balance]

    def end(self, order_key: str, moved: Moved, now: datetime) -> None:
        """One transaction. It goes through only if the balance has not moved but by ours, so
        neither a refund nor a till can come between; and it moves the accounts that a hold would
        move. Raises StaleReadError."""
        write = Transaction()
        for lot, _ in moved:
            credit_items.put(write, lot)
        entries = [entry for _, posted in moved for entry in posted]
        ledger.book_all(write, order_key, {self.member_id: entries}, now, self.stood)
        for member in self.touched:
            members.touch(write, member)
        write.commit()
        self.stood[keys.ledger_shard(self.member_id, order_key)] += change_for(
            self.member_id, entries
        )
        self.touched = [replace(one, version=one.version + 1) for one in self.touched]
