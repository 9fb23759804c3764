"""A person's credit as they see it: what it comes to, and every entry that made it so."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from siyu.domain import keys as derived
from siyu.domain.holds import spendable
from siyu.domain.ledger import Balance, Entry, change_for
from siyu.secrets import secrets
from siyu.services.known_member import known
from siyu.settings import settings
from siyu.storage import credit_items, keys, ledger
from siyu.storage.people import Person


@dataclass(frozen=True, slots=True)
class Wallet:
    """A person's balance; of what is pending, what waits for somebody's look, and the next day on
    which some of it is let go."""

    balance: Balance
    spendable_minor: int
    in_review_minor: int
    next_release_on: date | None


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a statement with the person's balance before and after it. `mark` names it to
    its owner; `store` is the one whose till it is about."""

    mark: str
    entry: Entry
    posted_at: datetime
    store: str | None
    before: Balance
    after: Balance

    @property
    def effect_minor(self) -> int:
        """By how much the person has more, or less, in all states together."""
        return _total(self.after) - _total(self.before)


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, newest first; `after` is where the next page begins, None on the last."""

    lines: tuple[Line, ...]
    after: str | None


def show_wallet(member_id: str) -> Wallet:
    """Raises NotFoundError, also when the person was erased. One query for each account tells of
    the credits that wait; that index may lag a moment behind, the balance does not."""
    person = known(member_id)
    balances = ledger.balance_of(person.member_ids)
    waiting = [one for owner in person.member_ids for one in credit_items.of_referrer(owner)]
    due = (one.release_on for one in waiting if one.due and one.kept_minor)
    return Wallet(
        sum(balances.values(), Balance()),
        spendable(balances.values()),
        sum(one.kept_minor for one in waiting if one.in_review),
        min(due, default=None),
    )


def show_statement(member_id: str, limit: int, cursor: str | None) -> Page:
    """A page of a person's statement. `cursor` is the mark of the last line on the page before.

    Raises NotFoundError, also when the person was erased; ValueError for a cursor that is no line
    of theirs.
    """
    lines = statement_of(known(member_id))[::-1]
    begin = 0
    if cursor is not None:
        begin = [line.mark for line in lines].index(cursor) + 1
    shown = lines[begin : begin + limit]
    more = begin + limit < len(lines)
    return Page(tuple(shown), shown[-1].mark if more else None)


def statement_of(person: Person) -> list[Line]:
    """All entries of a person, oldest first, each with the balance before and after it.

    Every page reads them all, strongly, and adds up from the beginning: so the chain has no gap and
    ends at the balance, whatever was posted with an older time, merged or undone since the page
    before. That is 4 queries for each account and about 1 read unit for 12 entries; a balance kept
    with each entry would make all of a celebrity's postings wait for one another.
    """
    found = [
        (posted_at, entry.entry_id, owner, entry)
        for owner in person.member_ids
        for entry, posted_at in ledger.entries_of(owner)
    ]
    return list(_fold(sorted(found, key=lambda one: one[:3])))


def _fold(found: list[tuple[datetime, str, str, Entry]]) -> Iterator[Line]:
    before = Balance()
    for posted_at, entry_id, owner, entry in found:
        after = before + change_for(owner, [entry])
        store = keys.hold_parts(entry.hold_key)[0] if entry.hold_key else None
        yield Line(_mark(f"{owner}|{entry_id}"), entry, posted_at, store, before, after)
        before = after


def _mark(entry: str) -> str:
    return derived.statement_mark(secrets().master_key, settings().brand, entry)


def _total(balance: Balance) -> int:
    return balance.pending_minor + balance.released_minor + balance.held_minor
