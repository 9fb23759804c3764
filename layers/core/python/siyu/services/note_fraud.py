"""Frauds that somebody found count against the referrer, and enough of them suspend the person."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from siyu.domain.credits import Credit
from siyu.domain.members import Standing
from siyu.storage import bindings, members, people
from siyu.storage.people import Person
from siyu.storage.transaction import Transaction


def note_fraud(
    write: Transaction,
    *,
    credit: Credit,
    parts: AbstractSet[str],
    most: int,
    now: datetime,
    fraud: bool,
) -> None:
    """Add to the transaction that a credit is a fraud, or is none after all. `parts` are the orders
    that tell of its sale: what was noted of one of them was this very purchase.

    With the `most`th one of a person all their accounts are suspended, so that the code of none
    brings anybody. Taking one back lifts no suspension: that is for somebody to decide.
    """
    person = _from_the_top(credit.referrer_id)
    standings = {one.member.member_id: one.standing for one in person.accounts} if person else {}
    own = standings.get(credit.referrer_id)
    if person is None or own is None:
        return
    others = own.frauds - parts - {credit.order_key}
    frauds = others | {credit.order_key} if fraud else others
    if frauds == own.frauds:
        return
    after = {**standings, credit.referrer_id: replace(own, frauds=frauds)}
    together = standing_of(after)
    if fraud and together.suspended_at is None and len(together.frauds) >= most:
        after = {name: replace(one, suspended_at=now) for name, one in after.items()}
    put_standings(write, person, after)


def standing_of(standings: Mapping[str, Standing]) -> Standing:
    """What is noted about a person: the earliest times of their accounts, and all frauds."""
    all_of = standings.values()
    return Standing(
        min((one.staff_since for one in all_of if one.staff_since), default=None),
        min((one.suspended_at for one in all_of if one.suspended_at), default=None),
        frozenset().union(*(one.frauds for one in all_of)),
    )


def put_standings(write: Transaction, person: Person, after: Mapping[str, Standing]) -> None:
    """Write those standings that differ; whoever decides over the person meanwhile reads again."""
    moved = False
    for account in person.accounts:
        standing = after[account.member.member_id]
        if standing != account.standing:
            fresh = replace(standing, version=account.standing.version + 1)
            bindings.put_standing(write, account.member.member_id, fresh)
            moved = True
    if moved:
        members.touch(write, person.member)


def _from_the_top(member_id: str) -> Person | None:
    """An erased person is one too: what they were paid is still looked into."""
    person = people.load(member_id)
    top = person.member.member_id if person else member_id
    return person if top == member_id else people.load(top)
