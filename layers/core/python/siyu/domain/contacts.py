"""Friends of guides and followers of the official account: what is told of them, what stands.

Events come late, twice and in any order. A relation keeps the latest beginning and the latest end,
so the same events always make the same relation.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

CUSTOMER, GUIDE = "customer", "guide"


@dataclass(frozen=True, slots=True)
class FriendAdded:
    """A customer and a guide are friends; `state` is the token of the code that was scanned.

    `delivery` names the event by its content, here and below: a repeat has the same one, another
    customer of the same second another. `at` is the event's own time, to the second.
    """

    delivery: str
    at: datetime
    guide: str
    external_id: str = field(repr=False)
    state: str = field(default="", repr=False)
    welcome_code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class FriendEnded:
    """They are friends no more; `by` is the customer or the guide."""

    delivery: str
    at: datetime
    guide: str
    external_id: str = field(repr=False)
    by: str


@dataclass(frozen=True, slots=True)
class Followed:
    """Somebody follows the official account, since now or already (then they scanned a code)."""

    delivery: str
    at: datetime
    openid: str = field(repr=False)
    state: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Unfollowed:
    """Somebody follows the official account no more."""

    delivery: str
    at: datetime
    openid: str = field(repr=False)


Begun = FriendAdded | Followed
ContactEvent = Begun | FriendEnded | Unfollowed


@dataclass(frozen=True, slots=True)
class Attribution:
    """By whose code a relation came, where that is known."""

    store: str | None = None
    code_key: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A friend of `guide`, or a follower. `since` is the latest beginning, by the code of `store`;
    None while only an end was told. `ended_by` is the customer or the guide."""

    kind: str
    guide: str | None = None
    since: datetime | None = None
    store: str | None = None
    code_key: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    version: int = 0

    @property
    def active(self) -> bool:
        """An end in the very second of a beginning came after it."""
        return self.since is not None and (self.ended_at is None or self.since > self.ended_at)

    def begun(self, at: datetime, by: Attribution) -> "Relation":
        """With a beginning more. Of two in one second the order of their codes decides."""
        if self.since is not None:
            stands = self.since, self.store or "", self.code_key or ""
            if stands >= (at, by.store or "", by.code_key or ""):
                return self
        return replace(self, since=at, store=by.store, code_key=by.code_key)

    def ended(self, at: datetime, by: str) -> "Relation":
        """With an end more. Of two in one second the order of their words decides."""
        if self.ended_at is not None and (self.ended_at, self.ended_by or "") >= (at, by):
            return self
        return replace(self, ended_at=at, ended_by=by)
