"""Frauds that somebody found count against the referrer, and enough of them suspend the person."""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from siyu.domain.credits import Credit
from siyu.domain.members import together
from siyu.services.known_member import from_the_top
from siyu.services.put_standings import put_standings, standings_of
from siyu.storage.transaction import Transaction


def note_fraud(
    write: Transaction,
    *,
    credit: Credit,
    purchase: str,
    parts: AbstractSet[str],
    most: int,
    now: datetime,
    fraud: bool,
) -> None:
    """Add to the transaction that a credit is a fraud, or is none after all. `purchase` names what
    was bought, `parts` are the orders that tell of it: what was noted of one of them, or of the
    credit, was this very purchase.

    With the `most`th one of a person all their accounts are suspended, so that the code of none
    brings anybody. Taking one back lifts no suspension: that is for somebody to decide.
    """
    # An erased person is one too: what they were paid is still looked into.
    person = from_the_top(credit.referrer_id)
    standings = standings_of(person.accounts) if person else {}
    own = standings.get(credit.referrer_id)
    if person is None or own is None:
        return
    others = own.frauds - parts - {credit.order_key, purchase}
    frauds = others | {purchase} if fraud else others
    if frauds == own.frauds:
        return
    after = {**standings, credit.referrer_id: replace(own, frauds=frauds)}
    stands = together(after.values())
    if fraud and not stands.suspended and len(stands.frauds) >= most:
        after = {name: replace(one, suspended_at=now) for name, one in after.items()}
    put_standings(write, person, after)
