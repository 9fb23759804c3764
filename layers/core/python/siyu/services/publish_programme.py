"""Publish a version of the referral rules. None is ever changed: a change is a further one."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from siyu.domain.calendar import BUSINESS_ZONE, business_date, to_utc
from siyu.domain.programmes import Programme, Programmes
from siyu.errors import ProgrammeRefusedError, UnprocessableEventError
from siyu.storage import programmes
from siyu.storage.transaction import retrying

# Whoever decides about an order may have read the versions a moment ago.
NOTICE = timedelta(minutes=1)
# All versions live in one item, which is read for every order of somebody who was referred.
MAX_VERSIONS = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """A version to be published; `begins` is None where it is left to the calendar, and then the
    programme's own `effective_from` says nothing."""

    programme: Programme
    begins: datetime | None

    def published(self, begins: datetime) -> Programme:
        """The version, as it begins at an instant."""
        return replace(self.programme, effective_from=to_utc(begins))


def published() -> Programmes:
    """All versions, in one round trip."""
    return programmes.load()


def publish(draft: Draft, by: str, now: datetime) -> Programme:
    """The version as it is published; the same one again is the same, whenever it is asked for, and
    stays in the name of who published it first.

    Raises ProgrammeRefusedError when the name has other rules, when it would begin within a minute
    of `now`, and when there are too many versions.
    """
    return retrying(lambda: _attempt(draft, by, now))


def next_day(now: datetime) -> datetime:
    """The beginning of the business day after `now`, with a minute to spare."""
    tomorrow = business_date(now + NOTICE) + timedelta(days=1)
    return to_utc(datetime.combine(tomorrow, time.min, BUSINESS_ZONE))


def _attempt(draft: Draft, by: str, now: datetime) -> Programme:
    known = programmes.load()
    standing = _standing(draft, known)
    if standing is not None:
        return standing
    wanted = draft.published(draft.begins or next_day(now))
    if wanted.effective_from < now + NOTICE:
        raise ProgrammeRefusedError(
            "begins_too_soon", "a version begins a minute from now at the earliest"
        )
    if len(known.published) >= MAX_VERSIONS:
        raise _too_many(f"there are {MAX_VERSIONS} versions, and no more can be kept")
    try:
        programmes.append(known, wanted, by)
    except UnprocessableEventError as error:
        raise _too_many("all versions together are more than one item takes") from error
    return wanted


def _standing(draft: Draft, known: Programmes) -> Programme | None:
    """The same version, if it is there. Raises ProgrammeRefusedError when another has its name."""
    try:
        there = known.named(draft.programme.version)
    except LookupError:
        return None
    if draft.published(draft.begins or there.effective_from) != there:
        raise ProgrammeRefusedError(
            "version_exists", f"{there.version} is published with other rules: take another name"
        )
    return there


def _too_many(detail: str) -> ProgrammeRefusedError:
    return ProgrammeRefusedError("too_many_versions", detail)
