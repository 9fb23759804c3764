"""What a member who brings friends is told: how many came of it, and what the rules offer now."""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

from siyu.domain.programmes import Programme
from siyu.services.known_member import known
from siyu.storage import bindings, credit_items, programmes
from siyu.storage.people import Person

# A celebrity has more, and no use for the exact number on every look.
FRIENDS = CREDITS = 1_000


@dataclass(frozen=True, slots=True)
class Friends:
    """How many a person brought, the refused not counted, and how many of them bought something
    that earned. `more` says that there are others than those counted."""

    joined: int
    bought: int
    more: bool


def show_referral(member_id: str, now: datetime) -> tuple[Friends, Programme]:
    """A person's friends, and the version of the rules in force. Raises NotFoundError, also when
    the person was erased."""
    return _friends_of(known(member_id)), programmes.load().in_force(now)


def _friends_of(person: Person) -> Friends:
    """Two queries for each account, of an index that may lag a moment behind."""
    found = chain.from_iterable(map(bindings.friends_of, person.member_ids))
    brought = list(islice(found, FRIENDS + 1))
    credited = chain.from_iterable(map(credit_items.of_referrer, person.member_ids))
    earned = list(islice(credited, CREDITS + 1))
    return Friends(
        sum(not one.refused for one in brought[:FRIENDS]),
        len({one.referee_id for one in earned[:CREDITS] if one.earned_minor}),
        len(brought) > FRIENDS or len(earned) > CREDITS,
    )
