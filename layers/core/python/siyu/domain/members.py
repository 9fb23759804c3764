"""Who a member is and how they came: first touch is recorded once and never rewritten."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
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


# So many devices a member may be seen on are kept besides the first.
MOST_DEVICES = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """What the brand has noted about an account in the referral programme. Staff neither refer nor
    are referred; `frauds` are the purchases that somebody found to be one; who was suspended earns
    nothing by what was bought since, and while they are, what they have earned is frozen.
    `by_merge` names what nobody noted about this very account: a merge brought it."""

    staff_since: datetime | None = None
    suspended_at: datetime | None = None
    frauds: frozenset[str] = frozenset()
    version: int = 0
    by_merge: frozenset[str] = frozenset()

    @property
    def suspended(self) -> bool:
        """Whether nothing of theirs is released or spent now."""
        return self.suspended_at is not None

    def was_staff(self, at: datetime) -> bool:
        """Whether it was noted at an instant that they are staff."""
        return self.staff_since is not None and self.staff_since <= at

    def was_suspended(self, at: datetime) -> bool:
        """Whether it was noted at an instant that they are suspended."""
        return self.suspended_at is not None and self.suspended_at <= at


STAFF, SUSPENDED = "staff", "suspended"


def noted_by_merge(one: Standing, *, staff: bool, suspended: bool, now: datetime) -> Standing:
    """With what is noted about the person from a merge on."""
    missing = {
        name
        for name, wanted, since in (
            (STAFF, staff, one.staff_since),
            (SUSPENDED, suspended, one.suspended_at),
        )
        if wanted and since is None
    }
    return replace(
        one,
        staff_since=now if STAFF in missing else one.staff_since,
        suspended_at=now if SUSPENDED in missing else one.suspended_at,
        by_merge=one.by_merge | missing,
    )


def parted(one: Standing, rest: Iterable[Standing], most_frauds: int) -> Standing:
    """What stays noted about an account when a merge is undone that left it together with the
    `rest`: what was noted about one of these, and a suspension that their frauds are enough for."""
    side = (one, *rest)
    frauds = frozenset[str]().union(*(other.frauds for other in side))
    staff = any(other.staff_since and STAFF not in other.by_merge for other in side)
    noted = any(other.suspended_at and SUSPENDED not in other.by_merge for other in side)
    suspended = noted or len(frauds) >= most_frauds
    kept = {name for name, so in ((STAFF, staff), (SUSPENDED, suspended)) if so}
    return replace(
        one,
        staff_since=one.staff_since if staff else None,
        suspended_at=one.suspended_at if suspended else None,
        by_merge=one.by_merge & kept,
    )


def together(standings: Iterable[Standing]) -> Standing:
    """What is noted about a person: the earliest times of their accounts, and all frauds."""
    every = list(standings)
    return Standing(
        min((one.staff_since for one in every if one.staff_since), default=None),
        min((one.suspended_at for one in every if one.suspended_at), default=None),
        frozenset().union(*(one.frauds for one in every)),
    )


@dataclass(frozen=True, slots=True)
class Member:
    """An account, made by one signup; `joined_at` is aware UTC.

    A person may turn out to have several. Then the accounts form a tree: `up` is the account this
    one was merged into, `parts` are those merged into this one. What belongs to an account stays
    with it, so taking a merge back needs to move nothing. `was_member_since` says since when they
    had been a member whom an erasure forgot, `noticed_at` when something was last noticed that
    credits hang on, `devices` are keyed marks of those they were seen on since they joined.
    """

    member_id: str
    joined_at: datetime
    first_touch: FirstTouch
    up: str | None = None
    parts: tuple[str, ...] = ()
    erased_at: datetime | None = None
    version: int = 1
    was_member_since: datetime | None = None
    noticed_at: datetime | None = None
    devices: frozenset[str] = frozenset()

    @property
    def seen_on(self) -> frozenset[str]:
        """The device they joined on, and the others."""
        first = self.first_touch.device
        return self.devices | {first} if first else self.devices

    @property
    def first_joined_at(self) -> datetime:
        """When they joined for the first time, as far as anything tells."""
        return min(self.joined_at, self.was_member_since or self.joined_at)

    @property
    def seniority(self) -> tuple[datetime, str]:
        """Of merged accounts the smallest stays: the oldest, in whatever order they are named."""
        return (self.joined_at, self.member_id)
