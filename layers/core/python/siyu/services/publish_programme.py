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


@dataclass(frozen=True, slots=True)
class Plan:
    """A version, and what it takes the place of: `before` is what decides from its beginning on as
    long as it is not published. It decides until `after` begins, if that is published. `standing`
    says that it is published already."""

    programme: Programme
    before: Programme
    after: Programme | None
    standing: bool = False

    @property
    def replaced(self) -> Programme | None:
        """The version that was published for the same instant and never decides about anything."""
        same = self.before.effective_from == self.programme.effective_from
        return self.before if same and not self.standing else None


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


def plan(draft: Draft, now: datetime) -> Plan:
    """What publishing would come to; writes nothing. Raises ProgrammeRefusedError as it would."""
    return _plan(draft, programmes.load(), now)


def next_day(now: datetime) -> datetime:
    """The beginning of the business day after `now`, with a minute to spare."""
    tomorrow = business_date(now + NOTICE) + timedelta(days=1)
    return to_utc(datetime.combine(tomorrow, time.min, BUSINESS_ZONE))


def _attempt(draft: Draft, by: str, now: datetime) -> Programme:
    known = programmes.load()
    planned = _plan(draft, known, now)
    if planned.standing:
        return planned.programme
    try:
        programmes.append(known, planned.programme, by)
    except UnprocessableEventError as error:
        raise _too_many("all versions together are more than one item takes") from error
    return planned.programme


def _plan(draft: Draft, known: Programmes, now: datetime) -> Plan:
    standing = _standing(draft, known)
    if standing is not None:
        return _among(standing, known, standing=True)
    wanted = draft.published(draft.begins or next_day(now))
    if wanted.effective_from < now + NOTICE:
        raise ProgrammeRefusedError(
            "begins_too_soon",
            "a version begins a minute from now at the earliest: give a later effective_from, or"
            " none for the beginning of the next day in Shanghai",
        )
    if len(known.published) >= MAX_VERSIONS:
        raise _too_many(f"there are {MAX_VERSIONS} versions, and no more can be kept")
    return _among(wanted, known)


def _among(programme: Programme, known: Programmes, *, standing: bool = False) -> Plan:
    begins = programme.effective_from
    before = known.in_force(begins)
    after = next((one for one in known.all if one.effective_from > begins), None)
    if after is not None:
        after = known.in_force(after.effective_from)
    return Plan(programme, before, after, standing)


def _standing(draft: Draft, known: Programmes) -> Programme | None:
    """The same version, if it is there. Raises ProgrammeRefusedError when another has its name."""
    try:
        there = known.named(draft.programme.version)
    except LookupError:
        return None
    if draft.published(draft.begins or there.effective_from) != there:
        raise ProgrammeRefusedError(
            "version_exists",
            f"{there.version} is published with other rules, and no version is ever changed: take"
            " another name, which with the same effective_from takes the place of this one",
        )
    return there


def _too_many(detail: str) -> ProgrammeRefusedError:
    return ProgrammeRefusedError("too_many_versions", detail)
