"""A person's credit as they see it: what it comes to, and every entry that made it so."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from siyu.domain import keys as derived
from siyu.domain.calendar import business_date
from siyu.domain.credits import Credit
from siyu.domain.expiry import lots_of, next_end
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
    which some of it is let go; of what can be spent, the next day on which some of it ends, and how
    much. Of a suspended person all rests: nothing is spendable, let go or ended."""

    balance: Balance
    spendable_minor: int
    in_review_minor: int
    next_release_on: date | None
    next_expiry_on: date | None
    next_expiry_minor: int


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a statement with the person's balance before and after it. `mark` names it to
    its owner; `purchase` is the same for all entries about one purchase, a friend's that earned or
    an own one that was paid with credit, and `purchase_on` the business day of the first of them;
    `store` is the one whose till it is about."""

    mark: str
    entry: Entry
    posted_at: datetime
    purchase: str
    purchase_on: date
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
    credits_of = {owner: list(credit_items.of_referrer(owner)) for owner in person.member_ids}
    waiting = [one for some in credits_of.values() for one in some]
    due = (one.release_on for one in waiting if one.due and one.kept_minor)
    rests = person.standing.suspended
    ends = None if rests else _next_end(credits_of, balances)
    return Wallet(
        balance=sum(balances.values(), Balance()),
        spendable_minor=0 if rests else spendable(balances.values()),
        in_review_minor=sum(one.kept_minor for one in waiting if one.in_review),
        next_release_on=None if rests else min(due, default=None),
        next_expiry_on=ends[0] if ends else None,
        next_expiry_minor=ends[1] if ends else 0,
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
    with each entry would make all of a celebrity's postings wait for one another. No shorter read
    is exact: an entry's key is its id, which begins with its order, and an index by time lags
    behind the balance that it would have to add up to.
    """
    found = [
        (posted_at, entry.entry_id, owner, entry)
        for owner in person.member_ids
        for entry, posted_at in ledger.entries_of(owner)
    ]
    return list(_fold(sorted(found, key=lambda one: one[:3])))


def _fold(found: list[tuple[datetime, str, str, Entry]]) -> Iterator[Line]:
    before = Balance()
    begun: dict[str, date] = {}
    for posted_at, entry_id, owner, entry in found:
        after = before + change_for(owner, [entry])
        about = entry.hold_key or f"{owner}|{entry.order_key}"
        yield Line(
            mark=_mark(f"{owner}|{entry_id}"),
            entry=entry,
            posted_at=posted_at,
            purchase=_mark(f"purchase|{about}"),
            purchase_on=begun.setdefault(about, business_date(posted_at)),
            store=keys.hold_parts(entry.hold_key)[0] if entry.hold_key else None,
            before=before,
            after=after,
        )
        before = after


def _next_end(
    credits_of: dict[str, list[Credit]], balances: dict[str, Balance]
) -> tuple[date, int] | None:
    """Over all accounts, each of which spends its own credit."""
    ends = [
        end
        for owner, some in credits_of.items()
        if (end := next_end(lots_of(some, owner), balances[owner]))
    ]
    first = min((day for day, _ in ends), default=None)
    return (first, sum(amount for day, amount in ends if day == first)) if first else None


def _mark(entry: str) -> str:
    return derived.statement_mark(secrets().master_key, settings().brand, entry)


def _total(balance: Balance) -> int:
    return balance.pending_minor + balance.released_minor + balance.held_minor
