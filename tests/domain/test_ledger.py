"""Whatever is posted: a balance is the sum of its entries, and all balances together are nothing.

The sequences are those of a shop: credit is earned, let go, taken back, promised to tills, and
ends.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain import holds as tills
from siyu.domain.credits import Credit, reconcile, release
from siyu.domain.expiry import add_up, ended, lots_of
from siyu.domain.holds import Hold, ShownCode, Wish
from siyu.domain.ledger import Balance, Entry, change_for, is_members, moved_by
from siyu.domain.programmes import PROGRAMME
from siyu.domain.referrals import Target
from siyu.errors import CreditRefusedError

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)
DAY = date(2026, 5, 1)
OWNERS = ("ANN", "BOB")
RULES = replace(PROGRAMME, credit_days=30)


@dataclass
class Books:
    """Two accounts of one person, their credits and holds, and all that was ever posted."""

    credits: dict[str, Credit] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    entries: dict[str, list[Entry]] = field(default_factory=lambda: {owner: [] for owner in OWNERS})

    def balance(self, owner: str) -> Balance:
        return change_for(owner, self.entries[owner])

    def post(self, entries: dict[str, list[Entry]]) -> None:
        for owner, some in entries.items():
            self.entries[owner] += some

    def move(self, order: int, earned: int, kept: int) -> None:
        """An order is told of: at first, or once more with other refunds."""
        owner = OWNERS[order % 2]
        key = f"shop#{order}"
        credit = self.credits.get(key) or Credit(key, owner, "FRIEND", "2026-1", DAY, DAY)
        earned = max(earned, credit.earned_minor)
        moved, entries = reconcile(credit, Target(earned, earned - min(kept, earned)))
        self.credits[key] = moved
        self.post({owner: entries})

    def let_go(self, order: int, days: int) -> None:
        credit = self.credits.get(f"shop#{order}")
        if credit is not None:
            due = replace(credit, release_on=DAY + timedelta(days=days)) if credit.due else credit
            moved, entries = release(due, RULES, due.release_on)
            self.credits[credit.order_key] = moved
            self.post({credit.referrer_id: entries})

    def ask(self, name: str, amount: int) -> None:
        if name in self.holds:
            return
        balances = {owner: self.balance(owner) for owner in OWNERS}
        there = tills.spendable(balances.values())
        try:
            wish = Wish("A1B", name, ShownCode("ANN", name, NOON), amount, 10_000)
            self.holds[name], posted = tills.make(f"A1B#{name}", wish, balances, NOON)
        except CreditRefusedError:
            assert amount > there
            return
        assert amount <= there
        assert all(amount <= balances[owner].released_minor for owner, amount in posted_of(posted))
        self.post(posted)

    def settle(self, name: str, amount: int | None) -> None:
        """A till takes in an amount, or gives back."""
        if name in self.holds:
            hold = self.holds[name]
            try:
                moved, posted = tills.capture(hold, amount) if amount else tills.void(hold, NOON)
            except CreditRefusedError:
                return
            self.holds[name] = moved
            self.post(posted)

    def night(self, days: int) -> None:
        for owner in OWNERS:
            before, lots = self.balance(owner), lots_of(self.credits.values(), owner)
            assert add_up(lots, before)
            for lot, entries in ended(lots, before, DAY + timedelta(days=days)):
                self.credits[lot.order_key] = lot
                self.post({owner: entries})
            after = self.balance(owner)
            assert after.released_minor >= min(before.released_minor, 0)
            again = lots_of(self.credits.values(), owner)
            assert list(ended(again, after, DAY + timedelta(days=days))) == []


def posted_of(posted: dict[str, list[Entry]]) -> list[tuple[str, int]]:
    return [(owner, one.amount_minor) for owner, some in posted.items() for one in some]


amounts, names = st.integers(0, 400), st.sampled_from(["h1", "h2", "h3", "h4"])
steps = st.one_of(
    st.tuples(st.just("move"), st.integers(0, 4), amounts, amounts),
    st.tuples(st.just("let_go"), st.integers(0, 4), st.integers(0, 60)),
    st.tuples(st.just("ask"), names, st.integers(1, 400)),
    st.tuples(st.just("settle"), names, st.none() | st.integers(1, 400)),
    st.tuples(st.just("night"), st.integers(0, 120)),
)


@given(st.lists(steps, max_size=40))
def test_whatever_happens_the_books_add_up(story: list[tuple[str, ...]]) -> None:
    books = Books()
    for name, *given_ in story:
        getattr(books, name)(*given_)
    everything = [entry for some in books.entries.values() for entry in some]
    moved = Counter[str]()
    for entry in everything:
        assert entry.amount_minor > 0
        for name in (entry.debit, entry.credit):
            moved[name] += moved_by(entry, name)
    assert sum(moved.values()) == 0
    for owner in OWNERS:
        ids = [entry.entry_id for entry in books.entries[owner]]
        assert len(ids) == len(set(ids)), "an id is given once"
        balance = books.balance(owner)
        states = (balance.pending_minor, balance.released_minor, balance.held_minor)
        assert states == tuple(
            moved[f"member:{owner}:{state}"] for state in ("pending", "released", "held")
        )
        spent, gone = balance.spent_minor, balance.reversed_minor + balance.expired_minor
        assert sum(states) == balance.earned_minor - spent - gone
        assert min(balance.pending_minor, balance.held_minor, spent, balance.expired_minor) >= 0
    taken = sum(hold.captured_minor for hold in books.holds.values())
    assert moved["store:A1B"] == taken
    assert all(is_members(name) or name in {"store:A1B", "programme:2026-1"} for name in moved)


@given(st.lists(steps, max_size=40))
def test_when_all_has_ended_and_nothing_is_held_nothing_is_left_to_spend(
    story: list[tuple[str, ...]],
) -> None:
    """Each lot is spent, expired or taken back; what a person has less than nothing is a debt."""
    books = Books()
    for name, *given_ in story:
        getattr(books, name)(*given_)
    for hold in list(books.holds.values()):
        if hold.state == tills.STANDS:
            books.settle(hold.hold_id, None)
    for order in range(5):
        books.let_go(order, 0)
        books.move(order, 1_000, 1_000)
    books.night(10_000)
    for owner in OWNERS:
        assert books.balance(owner).released_minor == 0
        assert books.balance(owner).pending_minor == sum(
            one.kept_minor
            for one in books.credits.values()
            if one.referrer_id == owner and one.state == "pending"
        )


@given(st.integers(1, 400), st.integers(0, 399), st.integers(1, 400), st.booleans())
def test_a_debt_is_paid_off_before_anything_can_be_spent(
    spent: int, kept: int, later: int, elsewhere: bool
) -> None:
    """Credit is earned, let go and taken in, and its goods come back: what is earned afterwards, by
    the same account or another one of the person's, pays that off first."""
    books, kept = Books(), min(kept, spent)
    books.move(0, spent, spent)
    books.let_go(0, 0)
    books.ask("h1", spent)
    books.settle("h1", spent)
    books.move(0, spent, kept)
    debt = spent - kept
    assert books.balance("ANN").released_minor == -debt
    books.ask("h2", 1)
    assert "h2" not in books.holds
    second = 1 if elsewhere else 2
    books.move(second, later, later)
    books.ask("h3", 1)
    assert "h3" not in books.holds, "what is pending pays nothing"
    books.let_go(second, 0)
    books.ask("h4", max(later - debt, 0) + 1)
    assert "h4" not in books.holds
    if later > debt:
        books.ask("h5", later - debt)
        assert books.holds["h5"].amount_minor == later - debt


@given(st.lists(st.integers(-50, 300), min_size=31, max_size=60))
def test_no_more_accounts_pay_together_than_one_transaction_takes(released: list[int]) -> None:
    balances = {f"M{number}": Balance(released_minor=one) for number, one in enumerate(released)}
    there = tills.spendable(balances.values())
    assert there <= max(0, sum(released))
    for amount in {1, there // 2, there, there + 1} - {0}:
        wish = Wish("A1B", "h", ShownCode("M0", "h", NOON), amount, 100_000)
        if amount > there:
            with pytest.raises(CreditRefusedError) as refused:
                tills.make("A1B#h", wish, balances, NOON)
            assert refused.value.more == {"spendable_minor": there}
            continue
        hold, posted = tills.make("A1B#h", wish, balances, NOON)
        assert hold.amount_minor == amount
        assert len(hold.parts) <= tills.MOST_PARTS
        assert all(part <= balances[name].released_minor for name, part in hold.parts)
        assert [name for name, _ in hold.parts] == list(posted)
