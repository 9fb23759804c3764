"""Who a member is and how they came: first touch is recorded once and never rewritten."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FirstTouch:
    """The code that brought the member: its kind and its store; for an issued code its name, its
    guide and its channel too. `device` is the keyed mark of the device they signed up on."""

    kind: str
    store: str
    code: str
    guide: str | None = None
    channel: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the brand has noted about an account in the referral programme. Staff neither refer nor
    are referred; `frauds` are the credits that somebody found to be one; who was suspended earns
    nothing by what was bought since."""

    staff_since: datetime | None = None
    suspended_at: datetime | None = None
    frauds: frozenset[str] = frozenset()
    version: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """An account, made by one signup; `joined_at` is aware UTC.

    A person may turn out to have several. Then the accounts form a tree: `up` is the account this
    one was merged into, `parts` are those merged into this one. What belongs to an account stays
    with it, so taking a merge back needs to move nothing.
    """

    member_id: str
    joined_at: datetime
    first_touch: FirstTouch
    up: str | None = None
    parts: tuple[str, ...] = ()
    erased_at: datetime | None = None
    version: int = 1

    @property
    def seniority(self) -> tuple[datetime, str]:
        """Of merged accounts the smallest stays: the oldest, in whatever order they are named."""
        return (self.joined_at, self.member_id)
